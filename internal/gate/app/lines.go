package app

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
)

// Of two servers that read a request's head in different ways, one can be made to see a
// request where the other sees none. net/http takes a line that ends in a bare LF, and a
// line that continues the one before, as RFC 9112 §2.2 and §5.2 let it; no browser and no
// proxy writes either. So they are refused before it sees them, with everything that came
// on the connection.

// strict is a listener whose connections refuse such heads.
type strict struct{ net.Listener }

func (l strict) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: c}, nil
}

// strictConn watches what is read from a connection.
type strictConn struct {
	net.Conn
	head head
}

var errLines = errors.New("malformed lines in the head of a request") // net/http answers 400

func (c *strictConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.head.read(b[:n]) {
		return 0, errLines
	}
	return n, err
}

// ReadFrom lets the kernel send files.
func (c *strictConn) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := c.Conn.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}

// CloseWrite lets net/http end a connection so that its last answer arrives.
func (c *strictConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Conn.Close()
}

// head follows a connection through heads and bodies. What it gets wrong can refuse a
// request and let none through that net/http would not take: bodies in chunks, of which it
// knows nothing, end a connection of ours.
type head struct {
	line   []byte // the beginning of the line that is being read
	last   byte
	begun  bool // the request line has been read
	length int64
	body   int64 // bytes of it to come
	bad    bool
}

// lineStart is as much of a line as tells a Content-Length.
const lineStart = 64

// read tells whether all was well so far.
func (h *head) read(b []byte) bool {
	for len(b) > 0 && !h.bad {
		if h.body > 0 {
			n := min(h.body, int64(len(b)))
			h.body, b = h.body-n, b[n:]
			continue
		}
		c := b[0]
		b = b[1:]
		switch {
		case c == '\n':
			h.bad = h.last != '\r'
			h.end()
		case len(h.line) == 0 && h.begun && (c == ' ' || c == '\t'):
			h.bad = true
		case len(h.line) < lineStart:
			h.line = append(h.line, c)
		}
		h.last = c
	}
	return !h.bad
}

// end is the end of a line.
func (h *head) end() {
	line := bytes.TrimSuffix(h.line, []byte("\r"))
	h.line = h.line[:0]
	switch {
	case len(line) > 0:
		name, value, _ := bytes.Cut(line, []byte(":"))
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err == nil && n > 0 && h.begun && bytes.EqualFold(name, []byte("Content-Length")) {
			h.length = n
		}
		h.begun = true
	case h.begun: // otherwise it is one of those that may come before a request line
		h.body, h.length, h.begun = h.length, 0, false
	}
}
