package port_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"pressroom/internal/testkit/port"
)

func TestReserve(t *testing.T) {
	addr := port.Reserve(t)
	if other := port.Reserve(t); other == addr {
		t.Errorf("%s is reserved twice", addr)
	}
	refused := func(when string) {
		t.Helper()
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s somebody answers: %v", when, err)
		}
	}
	refused("before a server listens")
	for range 2 { // which comes back, with a connection of before
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		c.Close()
		refused("when the server is gone")
	}
}

// Nobody who asks for any port is given a reserved one, whether to listen or to call from.
// So many are asked for that of ports that are merely free some would be hit.
func TestReservedForOne(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux keeps a port")
	}
	const many = 300
	reserved := map[string]bool{}
	for range many {
		reserved[port.Reserve(t)] = true
	}
	if len(reserved) != many {
		t.Errorf("%d ports for %d", len(reserved), many)
	}
	for range many {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if reserved[l.Addr().String()] || reserved[c.LocalAddr().String()] {
			t.Errorf("%s or %s is reserved", l.Addr(), c.LocalAddr())
		}
	}
}
