package app

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	tests "testing"
)

func TestHead(t *tests.T) {
	const get, form = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
	for text, want := range map[string]bool{
		get:                         true,
		get + get:                   true,
		"\r\n" + get + "\r\n" + get: true,
		form + "a\nb\n ":            true,
		form + "a\nb\n " + get:      true,
		strings.Replace(form, "Content-Length:", "content-length:\t", 1) + "\n\n\n\n\n" + get:                   true,
		"GET /" + strings.Repeat("x", 1000) + " HTTP/1.1\r\nX: " + strings.Repeat("y", 1000) + "\r\n\r\n" + get: true,

		"GET / HTTP/1.1\nHost: h\r\n\r\n":            false,
		"GET / HTTP/1.1\r\nHost: h\n\r\n":            false,
		"GET / HTTP/1.1\r\nHost: h\r\n\n":            false,
		"\n" + get:                                   false,
		"GET / HTTP/1.1\r\nHost: h\r\n X: y\r\n\r\n": false,
		"GET / HTTP/1.1\r\nHost: h\r\n\tX\r\n\r\n":   false,
		get + "GET / HTTP/1.1\nHost: h\n\n":          false,
		form + "a\nb\n GET / HTTP/1.1\n":             false,
		form + "a\nb\n c\n":                          false,
		"GET /" + strings.Repeat("x", 1000) + "\n":   false,
	} {
		for _, piece := range []int{1, 2, 3, 7, len(text)} {
			h, ok := &head{}, true
			for b := range slices.Chunk([]byte(text), piece) {
				ok = h.read(b) && ok
			}
			if ok != want {
				t.Errorf("%q in pieces of %d: %v, want %v", text, piece, ok, want)
			}
		}
	}
}

// What net/http and the kernel want of a connection still reaches it.
func TestStrictConn(t *tests.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("lines.go")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, file)
	})}
	go server.Serve(strict{l})
	defer server.Close()
	res, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	want, _ := os.ReadFile("lines.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\nHost: h\n\n"+strings.Repeat("x", 100_000))
	if said, _ := io.ReadAll(c); !strings.HasPrefix(string(said), "HTTP/1.1 400 ") {
		t.Errorf("%.100q", said)
	}
}
