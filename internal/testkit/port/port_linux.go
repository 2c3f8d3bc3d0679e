package port

import (
	"errors"
	"syscall"
)

// reserve binds a socket and never listens at it. Linux gives the port to nobody who does
// not ask for it by its number; and lets who asks listen beside it, since servers set
// SO_REUSEADDR as well (tcp(7), socket(7)).
func reserve() (port int, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, err
	}
	err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var at syscall.Sockaddr
	if err == nil {
		at, err = syscall.Getsockname(fd)
	}
	if err != nil {
		return 0, nil, errors.Join(err, syscall.Close(fd))
	}
	return at.(*syscall.SockaddrInet4).Port, func() { syscall.Close(fd) }, nil
}
