// Package versitygw starts an S3 server for a test.
//
// Out comes a server on loopback that keeps its objects in a temporary folder and checks
// signatures, as a real one does; it ends with the test. The program is built from its
// module the first time, which takes some minutes, and kept in the user's cache folder.
package versitygw

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const version = "v1.8.0"

// Domain is the server's name, which buckets may stand before.
const Domain = "s3.meridian.test"

// Server is a running S3 server. It takes the bucket in the path of its URL, or before
// Domain, which no name server knows: Client finds it.
type Server struct {
	URL                          string // "http://127.0.0.1:40123"
	Region, AccessKey, SecretKey string

	dir string
}

// Start starts a server without a bucket. It skips the test when tests are to be short,
// or when the program cannot be built; where CI is set, that fails the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("short: no S3 server")
	}
	program, err := install()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &Server{Region: "us-east-1", AccessKey: "testkit", SecretKey: "testkit-secret", dir: t.TempDir()}
	// The port is free when it is chosen and may be taken when the server opens it.
	for range 5 {
		if err = s.start(t, program); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// install builds the program unless that was done before, and returns its path. Two that
// build at once both succeed.
func install() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	name := "versitygw"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	dir := filepath.Join(cache, "pressroom-testkit")
	program := filepath.Join(dir, "versitygw-"+version, name)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	tmp, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	defer os.RemoveAll(tmp)
	cmd := exec.Command("go", "install", "github.com/versity/versitygw/cmd/versitygw@"+version)
	cmd.Dir = tmp
	cmd.Env = append(os.Environ(), "GOBIN="+tmp, "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build versitygw: %w\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	if err := os.Rename(filepath.Join(tmp, name), program); err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	return program, nil
}

// start starts the program and waits until it answers.
func (s *Server) start(t testing.TB, program string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	s.URL = "http://" + addr
	var out bytes.Buffer
	cmd := exec.Command(program, "--port", addr, "--region", s.Region, "--virtual-domain", Domain, "--quiet", "posix", "--nometa", s.dir)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.AccessKey, "ROOT_SECRET_KEY="+s.SecretKey)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start versitygw: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})
	late := time.After(30 * time.Second)
	for {
		if answer, err := http.Get(s.URL); err == nil {
			return answer.Body.Close()
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("start versitygw: %w\n%s", err, out.String())
		case <-late:
			return fmt.Errorf("versitygw does not answer at %s", s.URL)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Client goes to the server, whatever the host of an address is.
func (s *Server) Client(t testing.TB) *http.Client {
	t.Helper()
	to := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(s.URL, "http://"))
	}}
	t.Cleanup(to.CloseIdleConnections)
	return &http.Client{Transport: to}
}

// Put makes an object, and the bucket that it lies in.
func (s *Server) Put(t testing.TB, bucket, object string, data []byte) {
	t.Helper()
	path := filepath.Join(s.dir, bucket, filepath.FromSlash(object))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
