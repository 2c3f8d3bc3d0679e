//go:build !linux

package port

import "net"

// reserve finds a port that is free now, which elsewhere than on Linux is all one can do.
func reserve() (port int, release func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	return l.Addr().(*net.TCPAddr).Port, func() {}, l.Close()
}
