package files

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Only plain files below the folder are masters, and finding out never waits.
func TestSpecialFiles(t *testing.T) {
	r := newRig(t, 10)
	outside := filepath.Join(filepath.Dir(r.dir), "outside")
	if err := os.WriteFile(outside, []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(r.dir, name) }
	socket, err := net.Listen("unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, err := range []error{
		os.Symlink("2026/0412.mxf", in("inside")),
		os.Symlink("inside", in("twice")),
		os.Symlink(outside, in("absolute")),
		os.Symlink("../outside", in("relative")),
		os.Symlink("..", in("up")),
		os.Symlink("/dev/zero", in("zero")),
		os.Symlink("none", in("dangling")),
		os.Symlink("loop", in("loop")),
		os.Mkdir(in("folder"), 0o755),
		os.Symlink("folder", in("to-folder")),
		unix.Mkfifo(in("fifo"), 0o644),
		os.Symlink("fifo", in("to-fifo")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"absolute", "relative", "up/outside", "zero", "dangling", "loop", "folder", "to-folder", "fifo", "to-fifo", "socket", "folder/x", "inside/x", "none"}
	if err := unix.Mknod(in("device"), unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))); err == nil {
		names = append(names, "device") // needs root
	} else if !errors.Is(err, unix.EPERM) {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, size := range []int64{0, 10, 4096} {
			r.list("V/x", name, size, "")
			if w := r.ask("GET", r.link("V/x")); w.Code != 404 || strings.Contains(w.Body.String(), "0123") {
				t.Errorf("%s, %d bytes: %d %s", name, size, w.Code, w.Body)
			}
		}
	}
	for _, name := range []string{"inside", "twice", "up/masters/2026/0412.mxf"} {
		r.list("V/x", name, 10, "")
		want := 200
		if strings.HasPrefix(name, "up") { // leaves the folder, even if it comes back
			want = 404
		}
		if w := r.ask("GET", r.link("V/x")); w.Code != want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	// A file that this program may not read is the operator's to mend.
	if os.Getuid() != 0 {
		r.add("V/x", "secret", []byte("0123456789"))
		if err := os.Chmod(in("secret"), 0); err != nil {
			t.Fatal(err)
		}
		if w := r.ask("GET", r.link("V/x")); w.Code != 503 {
			t.Errorf("unreadable: %d", w.Code)
		}
	}
	for err, want := range map[error]bool{unix.EACCES: false, unix.EMFILE: false, unix.EIO: false, unix.ENOENT: true, unix.ENXIO: true} {
		if missing(&os.PathError{Op: "openat", Err: err}) != want {
			t.Errorf("%v: missing is %v", err, !want)
		}
	}
}
