//go:build gatetest

package acceptance

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"pressroom/internal/gate/mail"
)

// inbox reads the outbox folder as it fills, each mail once.
type inbox struct {
	folder mail.Folder
	mu     sync.Mutex
	seen   map[string]bool
	all    []mail.Stored // by the names of their files: oldest first
}

func newInbox(dir string) *inbox {
	return &inbox{folder: mail.Folder{Dir: dir}, seen: map[string]bool{}}
}

// of are the mails to an address that have come so far, oldest first; "" for all.
func (x *inbox) of(to string) (list []mail.Stored, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	entries, err := os.ReadDir(x.folder.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if x.seen[e.Name()] || !strings.HasSuffix(e.Name(), ".eml") {
			continue
		}
		m, err := x.folder.Open(e.Name())
		if err != nil {
			return nil, err
		}
		x.seen[e.Name()] = true
		at, _ := slices.BinarySearchFunc(x.all, m.Name, func(m mail.Stored, name string) int { return strings.Compare(m.Name, name) })
		x.all = slices.Insert(x.all, at, m)
	}
	for _, m := range x.all {
		if to == "" || strings.EqualFold(m.To, to) {
			list = append(list, m)
		}
	}
	return list, nil
}

// next waits for the n-th mail to an address, the first being 1.
func (x *inbox) next(to string, n int) (mail.Stored, error) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		list, err := x.of(to)
		if err != nil || len(list) >= n {
			if err == nil {
				return list[n-1], nil
			}
			return mail.Stored{}, err
		}
		if time.Now().After(deadline) {
			return mail.Stored{}, fmt.Errorf("in vain waited for mail %d to %s", n, to)
		}
	}
}

// secrets are what must be found nowhere.
type secrets struct {
	mu    sync.Mutex
	long  map[string][]needle // by their first bytes
	codes map[string]string
	n     int
}

type needle struct{ what, text string }

// needleStart is what all of them have at least, and what tells them apart.
const needleStart = 12

func newSecrets() *secrets {
	return &secrets{long: map[string][]needle{}, codes: map[string]string{}}
}

// add remembers a secret, and how it looks when it is written in another way.
func (s *secrets) add(what, text string) {
	if text == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if strings.Trim(text, "0123456789") == "" {
		s.codes[text] = what
		return
	}
	forms := map[string]bool{
		text: true, url.QueryEscape(text): true, hex.EncodeToString([]byte(text)): true,
		base64.StdEncoding.EncodeToString([]byte(text))[:(len(text)/3)*4]: true,
	}
	for _, enc := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding, base64.StdEncoding} {
		if raw, err := enc.DecodeString(text); err == nil && len(raw) >= needleStart {
			forms[string(raw)], forms[hex.EncodeToString(raw)] = true, true
			forms[base64.RawStdEncoding.EncodeToString(raw)] = true
		}
	}
	for f := range forms {
		if len(f) >= needleStart {
			s.long[f[:needleStart]] = append(s.long[f[:needleStart]], needle{what, f})
		}
	}
}

// number is how many were added.
func (s *secrets) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

var digitRun = regexp.MustCompile(`[0-9A-Za-z]*[0-9]{6}[0-9A-Za-z]*`)

// find tells which secrets a text has, with some of the text around the first of each
// kind. Codes are looked for as numbers by themselves.
func (s *secrets) find(text string) map[string]string {
	found := map[string]string{}
	tell := func(what string, at, n int) {
		if found[what] == "" {
			found[what] = fmt.Sprintf("%q", text[max(0, at-60):min(len(text), at+n+20)])
		}
	}
	for i := 0; i+needleStart <= len(text); i++ {
		for _, n := range s.long[text[i:i+needleStart]] {
			if strings.HasPrefix(text[i:], n.text) {
				tell(n.what, i, len(n.text))
			}
		}
	}
	for _, at := range digitRun.FindAllStringIndex(text, -1) {
		if what := s.codes[text[at[0]:at[1]]]; what != "" {
			tell(what, at[0], at[1]-at[0])
		}
	}
	return found
}
