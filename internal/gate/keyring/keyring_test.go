package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/gate/files"
)

var noon = time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC)

func TestLoadOrCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "keys")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	f, err := LoadOrCreate(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadOrCreate(path, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(f.Master, again.Master) || len(f.Master) != 32 || len(f.Signing()) != 1 || f.Signing()[0].ID != again.Signing()[0].ID {
		t.Errorf("%d bytes, keys %v and %v", len(f.Master), f.Signing(), again.Signing())
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := Create(path, noon); !errors.Is(err, ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Instances that begin at once on an empty folder have the same keys, and operators who
// rotate at once lose nothing.
func TestTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	masters := make([][]byte, 16)
	together(len(masters), func(i int) {
		f, err := LoadOrCreate(path, noon)
		if err != nil {
			t.Error(err)
			return
		}
		masters[i] = f.Master
	})
	for _, m := range masters {
		if !bytes.Equal(m, masters[0]) {
			t.Fatal("two instances have two masters")
		}
	}
	rotated := make([]bool, 16)
	together(len(rotated), func(i int) {
		_, err := Rotate(path, noon)
		if rotated[i] = err == nil; err != nil && !errors.Is(err, ErrPending) {
			t.Error(err)
		}
	})
	n := 0
	for _, r := range rotated {
		if r {
			n++
		}
	}
	f, err := Load(path)
	if err != nil || n != 1 || len(f.Signing()) != 2 {
		t.Errorf("%d have rotated, there are %v, %v", n, f.Signing(), err)
	}
}

func together(n int, f func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() { <-start; f(i) })
	}
	close(start)
	all.Wait()
}

// Links that were good stay good while keys are rotated, on instances that have read the
// new file and on those that have not yet.
func TestRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	before, err := Create(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	at := noon.Add(time.Hour)
	after, err := Rotate(path, at)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before.Master, after.Master) {
		t.Error("the master changed")
	}
	if _, err := Rotate(path, at.Add(lead-time.Second)); !errors.Is(err, ErrPending) {
		t.Errorf("again before the new one signs: %v", err)
	}
	ring := func(f *File) *files.Keyring {
		k, err := files.NewKeyring(f.Signing()...)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	link := func(f *File, at time.Time) (path, query string) {
		l, err := ring(f).Link(files.Grant{ID: "g", Account: "a", Download: "v/r", Expires: at.Add(5 * time.Minute)}, "f", at)
		if err != nil {
			t.Fatal(err)
		}
		path, query, _ = strings.Cut(l, "?")
		return path, query
	}
	good := func(f *File, path, query string, at time.Time) bool {
		_, err := ring(f).Verify(http.MethodGet, path, query, at)
		return err == nil
	}
	for _, c := range []struct {
		made    *File
		at      time.Duration // since the rotation
		byOld   bool          // an instance that has not read the new file knows it
		expires time.Duration
	}{
		{before, 0, true, 5 * time.Minute},
		{after, 0, true, 5 * time.Minute},
		{after, lead - time.Second, true, 5 * time.Minute},
		{before, lead - time.Second, true, 5 * time.Minute},
		{after, lead, false, 5 * time.Minute},
	} {
		made := at.Add(c.at)
		p, q := link(c.made, made)
		if !good(after, p, q, made.Add(c.expires-time.Second)) {
			t.Errorf("after %s: a link is not good to its end", c.at)
		}
		if good(before, p, q, made) != c.byOld {
			t.Errorf("after %s: the old file knows the link: %v", c.at, !c.byOld)
		}
	}

	// The old key ends, and a later rotation removes it.
	list := after.List(at)
	if len(list) != 2 || list[0].State != Waits || list[1].State != Signs || !list[1].Until.Equal(at.Add(lead+overlap)) {
		t.Errorf("at the rotation: %+v", list)
	}
	if list = after.List(at.Add(lead)); list[0].State != Signs || list[1].State != Verifies {
		t.Errorf("a minute later: %+v", list)
	}
	if list = after.List(at.Add(lead + overlap)); list[0].State != Signs || list[1].State != Over {
		t.Errorf("after the overlap: %+v", list)
	}
	third, err := Rotate(path, at.Add(2*time.Hour))
	if err != nil || len(third.Signing()) != 2 || third.Signing()[0].ID == before.Signing()[0].ID {
		t.Errorf("third: %v %v", third.List(at.Add(2*time.Hour)), err)
	}
}

func TestRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, err := Create(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	first := f.Signing()[0].ID
	if _, err := Remove(path, first, noon); !errors.Is(err, ErrNeeded) {
		t.Errorf("the only one: %v", err)
	}
	if _, err := Remove(path, "other", noon); !errors.Is(err, ErrNoKey) {
		t.Errorf("unknown: %v", err)
	}
	if f, err = Rotate(path, noon); err != nil {
		t.Fatal(err)
	}
	second := f.Signing()[1].ID
	if _, err := Remove(path, first, noon); !errors.Is(err, ErrNeeded) {
		t.Errorf("the one that signs until the other does: %v", err)
	}
	// The one that waits is taken back: the first signs on, without an end.
	if f, err = Remove(path, second, noon); err != nil {
		t.Fatal(err)
	}
	if list := f.List(noon.Add(24 * time.Hour)); len(list) != 1 || list[0].State != Signs || !list[0].Until.IsZero() {
		t.Errorf("%+v", list)
	}
	if _, err = Rotate(path, noon); err != nil {
		t.Fatal(err)
	}
	if f, err = Remove(path, first, noon.Add(lead)); err != nil || len(f.Signing()) != 1 || f.Signing()[0].ID == first {
		t.Errorf("the old one, later: %v %v", f, err)
	}
}

func TestChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, err := Create(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	if now, changed, err := f.Changed(); changed || err != nil || now != f {
		t.Errorf("%v %v", changed, err)
	}
	if _, err := Rotate(path, noon); err != nil {
		t.Fatal(err)
	}
	now, changed, err := f.Changed()
	if !changed || err != nil || len(now.Signing()) != 2 || len(f.Signing()) != 1 {
		t.Errorf("%v %v %v", now, changed, err)
	}
	if _, changed, err := now.Changed(); changed || err != nil {
		t.Errorf("again: %v %v", changed, err)
	}
	// A damaged file changes nothing.
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if same, changed, err := now.Changed(); changed || err == nil || same != now {
		t.Errorf("damaged: %v %v", changed, err)
	}
}

func TestRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, err := Create(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		mode fs.FileMode
		want string
	}{
		"open":      {string(whole), 0o604, "everybody on this machine may use it"},
		"group":     {string(whole), 0o640, ""},
		"empty":     {"", 0o600, "it is no key file"},
		"cut":       {string(whole[:len(whole)/2]), 0o600, "it is no key file"},
		"version":   {strings.Replace(string(whole), `"version": 1`, `"version": 2`, 1), 0o600, "version 2, want 1"},
		"no master": {`{"version": 1}`, 0o600, "the master has 0 bytes"},
		"no key":    {strings.Replace(string(whole), `"signing"`, `"sining"`, 1), 0o600, "no key"},
		"short":     {strings.Replace(string(whole), `"secret": "`, `"secret": "AAAA", "x": "`, 1), 0o600, "has a secret of 3 bytes"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, e := LoadOrCreate(path, noon); (e == nil) != (err == nil) {
			t.Errorf("%s: made anew: %v", name, e)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %v", f, f, f, f.List(noon))
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "keys", f, "signing", f.Signing())
	for _, secret := range []string{fmt.Sprint(f.Master[:8]), fmt.Sprintf("%x", f.Master[:4]), fmt.Sprint(f.Signing()[0].Secret[:8])} {
		if strings.Contains(b.String(), strings.Trim(secret, "[]")) {
			t.Errorf("a print shows a key: %s", b.String())
		}
	}
}
