package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pressroom/internal/testkit/script"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"press": main})
}

// clock is 2026-07-07T09:00:00Z, eleven o'clock in Amsterdam: every call in a script
// takes it for now, unless it says otherwise.
const clock = "1783414800"

func TestScripts(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SOURCE_DATE_EPOCH", clock)
			e.Setenv("NO_COLOR", "")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "mounts": // only root may, and in most containers not even root
				return canMount(), nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		RequireUniqueNames: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"newsroom": func(ts *testscript.TestScript, neg bool, args []string) { cmdNewsroom(ts, here, args) },
			"exits":    script.Exits,
			"json":     script.JSON,
			"listen":   cmdListen,
			"write":    cmdWrite,
			"sparse":   cmdSparse,
			"edit":     cmdEdit,
			"flip":     cmdFlip,
			"hash":     cmdHash,
			"disk":     cmdDisk,
			"asset":    cmdAsset,
		},
	})
}

var canMount = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "mount")
	if err != nil {
		return false
	}
	defer os.Remove(dir)
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).Run() != nil {
		return false
	}
	return exec.Command("umount", dir).Run() == nil
})

// newsroom [DIR] makes DIR a small newsroom without a fault: testdata/newsroom.
func cmdNewsroom(ts *testscript.TestScript, here string, args []string) {
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	}
	ts.Check(os.CopyFS(ts.MkAbs(dir), os.DirFS(filepath.Join(here, "testdata/newsroom"))))
}

// asset DIR NAME: copies the one file of DIR/assets that NAME has become, as press.css
// press-1a2b3c4d5e.css, to NAME.
func cmdAsset(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: asset DIR NAME")
	}
	ext := filepath.Ext(args[1])
	found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "assets", strings.TrimSuffix(args[1], ext)+"-*"+ext))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s is %q", args[1], found)
	}
	text, err := os.ReadFile(found[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o644))
}

// listen FILE starts a server at $LISTEN, which notes in FILE what it is told, a line a
// request, and refuses what is sent to /refuse.
func cmdListen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listen FILE")
	}
	name := ts.MkAbs(args[0])
	var one sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		if r.URL.Path == "/refuse" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			var f *os.File
			if f, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
				fmt.Fprintf(f, "%s %s %s\n", r.Method, r.URL.Path, body)
				err = f.Close()
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	ts.Defer(server.Close)
	ts.Setenv("LISTEN", server.URL)
}

// write FILE TEXT writes bytes; \n, \x00, \u0301 and the like may stand in both.
func cmdWrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: write FILE TEXT")
	}
	for i, a := range args {
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(a, `"`, `\"`) + `"`)
		if err != nil {
			ts.Fatalf("%s: %v", a, err)
		}
		args[i] = text
	}
	at := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(at), 0o777))
	ts.Check(os.WriteFile(at, []byte(args[1]), 0o666))
}

// sparse FILE MB makes a file of that size with nothing in it.
func cmdSparse(ts *testscript.TestScript, neg bool, args []string) {
	mb, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), nil, 0o666))
	ts.Check(os.Truncate(ts.MkAbs(args[0]), mb<<20))
}

// edit FILE PATTERN TEXT puts TEXT in place of what PATTERN matches, which must be there.
func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE PATTERN TEXT")
	}
	old := ts.ReadFile(args[0])
	re := regexp.MustCompile(`(?m)` + args[1])
	if !re.MatchString(old) {
		ts.Fatalf("no %s in %s", args[1], args[0])
	}
	text := strings.ReplaceAll(args[2], `\n`, "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(re.ReplaceAllString(old, text)), 0o666))
}

// flip DIR inverts a bit in the middle of every file below DIR; cut by half with -cut.
func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	cut := args[0] == "-cut"
	dir := ts.MkAbs(args[len(args)-1])
	n := 0
	ts.Check(filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil || len(data) == 0 {
			return err
		}
		n++
		if cut {
			return os.Truncate(p, int64(len(data)/2))
		}
		data[len(data)/2] ^= 0x10
		return os.WriteFile(p, data, 0o666)
	}))
	if n == 0 {
		ts.Fatalf("nothing to damage in %s", dir)
	}
}

// hash DIR FILE writes into FILE what stands in DIR: a line with SHA-256 and path of
// every file, so that two folders can be compared with cmp.
func cmdHash(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: hash DIR FILE")
	}
	var b strings.Builder
	tree := os.DirFS(ts.MkAbs(args[0]))
	ts.Check(fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, p)
		fmt.Fprintf(&b, "%x %s\n", sha256.Sum256(data), p)
		return err
	}))
	if b.Len() == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
}

// disk DIR MB makes DIR a disk of that size. It wants [mounts].
func cmdDisk(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+args[1]+"m", "tmpfs", dir).CombinedOutput(); err != nil {
		ts.Fatalf("no disk of our own: %v: %s", err, out)
	}
	ts.Defer(func() { _ = exec.Command("umount", "--lazy", dir).Run() })
}
