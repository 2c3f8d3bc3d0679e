package mail_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/gate/mail"
)

func TestFolder(t *testing.T) {
	f := &mail.Folder{Dir: filepath.Join(t.TempDir(), "gate-data", "outbox")}
	if list, err := f.List(10); err != nil || len(list) != 0 {
		t.Errorf("no folder: %v, %v", list, err)
	}
	first, second := letter("a1"), letter("a2")
	second.Date = second.Date.Add(time.Millisecond)
	second.Subject = "Votre code vérifié"
	for _, m := range []mail.Message{second, first, first} {
		if err := f.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	// Neither what is being written nor what others put there is a mail.
	for _, name := range []string{".mail-1", "notes.eml", "20240527T140000.123-.eml", "20240527T140000.123-a b.eml"} {
		if err := os.WriteFile(filepath.Join(f.Dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := f.List(10)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "20240527T140000.124-a2.eml" || list[1].Name != "20240527T140000.123-a1.eml" {
		t.Fatalf("list %+v", list)
	}
	if got := list[0]; got.Subject != second.Subject || got.To != second.To || got.From != second.From.Address || !got.Date.Equal(second.Date.Truncate(time.Second)) || got.Text+got.HTML != "" {
		t.Errorf("%+v", got)
	}
	if list, err := f.List(1); err != nil || len(list) != 1 || list[0].Subject != second.Subject {
		t.Errorf("the newest: %+v, %v", list, err)
	}
	whole, err := f.Open(list[1].Name)
	if err != nil || whole.Text != first.Text || whole.HTML != first.HTML || whole.Header.Get("Message-ID") != "<a1@press.example>" {
		t.Errorf("%+v, %v", whole, err)
	}
	content, err := os.ReadFile(filepath.Join(f.Dir, list[1].Name))
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := first.Bytes(); !bytes.Equal(content, want) {
		t.Errorf("the file holds\n%s", content)
	}
	for _, place := range []string{f.Dir, filepath.Join(f.Dir, list[1].Name)} {
		info, err := os.Stat(place)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v: others may read codes", place, info.Mode(), err)
		}
	}
}

func TestFolderNames(t *testing.T) {
	dir := t.TempDir()
	f := &mail.Folder{Dir: filepath.Join(dir, "outbox")}
	if err := f.Send(t.Context(), letter("a1")); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "20240527T140000.123-secret.eml")
	content, _ := letter("secret").Bytes()
	if err := os.WriteFile(secret, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(f.Dir, "20240527T140000.123-link.eml")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../20240527T140000.123-secret.eml", secret, "20240527T140000.123-link.eml", "20240527T140000.123-none.eml", "a\x00.eml", "20240527T140000.123-../../x.eml"} {
		if got, err := f.Open(name); err == nil {
			t.Errorf("%q opened %+v", name, got)
		}
	}
	if _, err := f.Open("20240527T140000.123-none.eml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

// Whoever lists the folder while mails arrive sees whole mails only.
func TestFolderWhole(t *testing.T) {
	f := &mail.Folder{Dir: t.TempDir()}
	m := letter("a1")
	m.Text = strings.Repeat("a long mail\n", 10000)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for i := range 30 {
			m.ID = "a" + strings.Repeat("x", i)
			if err := f.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		}
	})
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		list, err := f.List(100)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range list[:min(1, len(list))] {
			if whole, err := f.Open(entry.Name); err != nil || whole.Text != m.Text {
				t.Fatalf("%s: %d bytes, %v", entry.Name, len(whole.Text), err)
			}
		}
	}
	wg.Wait()
	if names, _ := os.ReadDir(f.Dir); len(names) != 30 {
		t.Errorf("%d files", len(names))
	}
}

func TestFolderFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := &mail.Folder{Dir: file}
	if err := f.Send(t.Context(), letter("a1")); err == nil || mail.Permanent(err) || mail.Ambiguous(err) {
		t.Errorf("no folder: %v", err)
	}
	m := letter("a1")
	m.To = "a@b,c@d"
	if err := (&mail.Folder{Dir: t.TempDir()}).Send(t.Context(), m); !mail.Permanent(err) {
		t.Errorf("two recipients: %v", err)
	}
	// A mail that cannot be moved to its place leaves nothing behind.
	f = &mail.Folder{Dir: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(f.Dir, "20240527T140000.123-a1.eml", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Send(t.Context(), letter("a1")); err == nil {
		t.Error("a folder was overwritten")
	}
	if names, _ := os.ReadDir(f.Dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}
