package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Folder is a Transport that keeps mails as files, one .eml a mail, for those who have
// no mail server or want to see what would be sent. Their names sort by time:
// 20240527T160000.123-<letter's id>.eml. The mails hold codes: only the owner may read
// the folder.
type Folder struct {
	Dir string // made when it is missing
}

// Send writes the mail beside its place and moves it there, so that whoever sees a file
// sees all of it. The same letter is the same file, however often it is sent.
func (f *Folder) Send(ctx context.Context, m Message) (err error) {
	content, err := m.Bytes()
	if err != nil {
		return &SendError{Step: "compose", Err: err, message: true}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write mail to %s: %w", f.Dir, err)
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	temp, err := os.CreateTemp(f.Dir, ".mail-*") // 0600
	if err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write mail to %s: %w", f.Dir, errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	name := m.Date.UTC().Format("20060102T150405.000") + "-" + m.ID + ".eml"
	return os.Rename(temp.Name(), filepath.Join(f.Dir, name))
}

// Stored is a mail read back.
type Stored struct {
	Name     string // of its file
	From, To string
	Subject  string
	Date     time.Time
	Language string
	Header   mail.Header
	Text     string // empty when only the header was read; lines end in "\n"
	HTML     string
}

// List reads the headers of the newest mails, newest first. A folder that is not there
// is empty.
func (f *Folder) List(limit int) ([]Stored, error) {
	entries, err := os.ReadDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	var list []Stored
	for _, entry := range slices.Backward(entries) {
		if len(list) == limit {
			break
		}
		if !isMail(entry.Name()) {
			continue
		}
		stored, err := f.read(entry.Name(), false)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since
		} else if err != nil {
			return nil, err
		}
		list = append(list, stored)
	}
	return list, nil
}

// Open reads a mail whole, by the name that List gave. The error is fs.ErrNotExist for
// any other name.
func (f *Folder) Open(name string) (Stored, error) {
	if !isMail(name) {
		return Stored{}, fmt.Errorf("read mail: %w", fs.ErrNotExist)
	}
	return f.read(name, true)
}

// isMail tells whether a file is one of Send's, and its name a name and no path.
func isMail(name string) bool {
	base, found := strings.CutSuffix(name, ".eml")
	stamp, id, dash := strings.Cut(base, "-")
	return found && dash && id != "" && strings.Trim(id, idSigns) == "" && strings.Trim(stamp, "0123456789T.") == ""
}

func (f *Folder) read(name string, whole bool) (Stored, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return Stored{}, fmt.Errorf("read mail: %w", err)
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return Stored{}, fmt.Errorf("read mail: %w", err)
	}
	defer file.Close()
	stored, err := parse(file, whole)
	if err != nil {
		return Stored{}, fmt.Errorf("read mail %s: %w", filepath.Join(f.Dir, name), err)
	}
	stored.Name = name
	return stored, nil
}

// Parse reads a mail that Message.Bytes wrote.
func Parse(content []byte) (Stored, error) {
	stored, err := parse(bytes.NewReader(content), true)
	if err != nil {
		return Stored{}, fmt.Errorf("read mail: %w", err)
	}
	return stored, nil
}

func parse(r io.Reader, whole bool) (Stored, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return Stored{}, err
	}
	s := Stored{Header: m.Header, Language: m.Header.Get("Content-Language"), To: strings.Trim(m.Header.Get("To"), "<>")}
	words := new(mime.WordDecoder)
	if s.Subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return Stored{}, fmt.Errorf("subject: %w", err)
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil {
		return Stored{}, fmt.Errorf("sender: %w", err)
	}
	s.From = from.Address
	if s.Date, err = m.Header.Date(); err != nil {
		return Stored{}, fmt.Errorf("date: %w", err)
	}
	if !whole {
		return s, nil
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return Stored{}, err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return s, nil
		} else if err != nil {
			return Stored{}, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return Stored{}, err
		}
		text := strings.ReplaceAll(string(content), "\r\n", "\n")
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "text/html" {
			s.HTML = text
		} else {
			s.Text = text
		}
	}
}
