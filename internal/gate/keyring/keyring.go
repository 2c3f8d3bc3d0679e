// Package keyring keeps the gate's keys in a file: the master of all that the database
// must not give away, and the keys that sign links to files.
//
// In goes the path of the file and a time; out come the keys. The file is JSON that its
// owner alone may read, and is replaced as a whole, so that nobody ever reads half of
// one. Several instances may begin on the same empty folder at once: they agree on the
// keys of one of them. Who runs instances on several machines gives all the same file.
//
// The package signs nothing and opens nothing else. No error and no print shows a key.
package keyring

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
)

const (
	// lead is how long a new key waits before it signs: by then every instance has read
	// it, and none refuses a link that another has made.
	lead = time.Minute
	// overlap is how long an old key still verifies after the new one signs: longer than
	// any link it signed is good for.
	overlap = time.Hour
	// secretSize is that of a signing key: as long as what HMAC-SHA-256 makes.
	secretSize = 32
	// maxFile is larger than a file of hundreds of keys.
	maxFile = 1 << 20

	version = 1
)

// What cannot be done with the keys as they are.
var (
	ErrExists  = errors.New("there are keys already")
	ErrNoKey   = errors.New("there is no such key")
	ErrNeeded  = errors.New("no other key would be left to sign with")
	ErrPending = errors.New("the newest key does not sign yet")
)

// File is what a key file holds. It is never changed: Rotate and Remove return another.
type File struct {
	Master []byte // for gate.NewKeys

	path    string
	signing []files.Key // by the time from which they sign
	read    stamp
}

// stamp tells whether a file is still the one that was read.
type stamp struct {
	size     int64
	modified time.Time
}

// stored is the form of the file.
type stored struct {
	Version int         `json:"version"`
	Master  []byte      `json:"master"` // base64, as the secrets
	Signing []storedKey `json:"signing"`
}

type storedKey struct {
	ID     string    `json:"id"`
	Secret []byte    `json:"secret"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"`
}

// String names the file and shows no key, and so do GoString and LogValue.
func (f *File) String() string { return "keys of " + f.path }

// GoString is what %#v shows.
func (f *File) GoString() string { return f.String() }

// LogValue is what the log shows.
func (f *File) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Signing are the keys that sign links or verify them, for files.NewKeyring.
func (f *File) Signing() []files.Key { return slices.Clone(f.signing) }

// Load reads a key file. One that everybody may read is refused: its keys are no secret.
func Load(path string) (*File, error) {
	f, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("read the keys of %s: %w", path, err)
	}
	return f, nil
}

func load(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, bare(err)
	}
	if info.Mode()&0o007 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("everybody on this machine may use it: chmod o= %s", path)
	}
	b, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, bare(err)
	}
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("it is no key file, or damaged: %w", err)
	}
	f := &File{Master: s.Master, path: path, read: stampOf(info)}
	switch {
	case s.Version != version:
		return nil, fmt.Errorf("version %d, want %d; it was written by another release of the gate", s.Version, version)
	case len(s.Master) != gate.MasterSize:
		return nil, fmt.Errorf("the master has %d bytes, not %d", len(s.Master), gate.MasterSize)
	}
	for _, k := range s.Signing {
		f.signing = append(f.signing, files.Key(k))
	}
	if _, err := files.NewKeyring(f.signing...); err != nil {
		return nil, err
	}
	return f, nil
}

// bare leaves the path out of an error, as whoever wraps it says it.
func bare(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime()} }

// Changed reads the file again if it is another than the one that f was read from.
func (f *File) Changed() (now *File, changed bool, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return f, false, fmt.Errorf("read the keys of %s: %w", f.path, bare(err))
	}
	if stampOf(info) == f.read {
		return f, false, nil
	}
	now, err = Load(f.path)
	if err != nil {
		return f, false, err
	}
	return now, true, nil
}

// Create makes a key file with a new master and one key that signs from now on. The error
// is ErrExists when there is one: a master that is lost voids what waits in the database.
func Create(path string, now time.Time) (*File, error) {
	f := &File{Master: make([]byte, gate.MasterSize), path: path}
	if _, err := rand.Read(f.Master); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	key, err := newKey(now)
	if err != nil {
		return nil, err
	}
	f.signing = []files.Key{key}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	unlock, err := lock(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	defer unlock()
	// A link is made only where there is nothing, even on a file system without locks.
	if err := f.write(os.Link); err != nil {
		return nil, err
	}
	return Load(path)
}

// LoadOrCreate reads the key file, and makes one where there is none.
func LoadOrCreate(path string, now time.Time) (*File, error) {
	f, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if f, err = Create(path, now); errors.Is(err, ErrExists) { // another instance was quicker
		return Load(path)
	}
	return f, err
}

func newKey(from time.Time) (files.Key, error) {
	b := make([]byte, 5+secretSize)
	if _, err := rand.Read(b); err != nil {
		return files.Key{}, fmt.Errorf("make a key: %w", err)
	}
	return files.Key{ID: strings.ToLower(base32.StdEncoding.EncodeToString(b[:5])), Secret: b[5:], From: from.UTC().Truncate(time.Second)}, nil
}

// Rotate adds a key that begins to sign in a minute, when every instance has read it. The
// others verify for another hour after that, and those that are long over are removed. The
// master stays. While the newest key does not sign yet the error is ErrPending: another one
// would be of no use.
func Rotate(path string, now time.Time) (*File, error) {
	return change(path, func(f *File) error {
		for _, k := range f.signing {
			if k.From.After(now) {
				return ErrPending
			}
		}
		key, err := newKey(now.Add(lead))
		if err != nil {
			return err
		}
		f.signing = slices.DeleteFunc(f.signing, func(k files.Key) bool { return !k.Until.IsZero() && k.Until.Before(now) })
		end := key.From.Add(overlap)
		for i, k := range f.signing {
			if k.Until.IsZero() || k.Until.After(end) {
				f.signing[i].Until = end
			}
		}
		f.signing = append(f.signing, key)
		return nil
	})
}

// Remove takes a key away at once, as when it has become known: links that it signed are
// refused from then on. The error is ErrNeeded for the last one that signs now.
func Remove(path, id string, now time.Time) (*File, error) {
	return change(path, func(f *File) error {
		left := slices.DeleteFunc(slices.Clone(f.signing), func(k files.Key) bool { return k.ID == id })
		if len(left) == len(f.signing) {
			return ErrNoKey
		}
		if !slices.ContainsFunc(left, func(k files.Key) bool { return StateOf(k, now) == Signs || StateOf(k, now) == Verifies }) {
			return ErrNeeded
		}
		// With the newest gone the one before it signs on, and for good.
		if last := &left[len(left)-1]; f.signing[len(f.signing)-1].ID == id && StateOf(*last, now) != Over {
			last.Until = time.Time{}
		}
		f.signing = left
		return nil
	})
}

// change replaces the file by what f makes of it, one process at a time.
func change(path string, f func(*File) error) (*File, error) {
	unlock, err := lock(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("change the keys: %w", err)
	}
	defer unlock()
	file, err := Load(path)
	if err != nil {
		return nil, err
	}
	if err := f(file); err != nil {
		return nil, err
	}
	if err := file.write(os.Rename); err != nil {
		return nil, err
	}
	return Load(path)
}

// write writes the file beside its place, whole and on the disk, and puts it there.
func (f *File) write(put func(from, to string) error) (err error) {
	slices.SortStableFunc(f.signing, func(a, b files.Key) int { return cmp.Or(a.From.Compare(b.From), strings.Compare(a.ID, b.ID)) })
	s := stored{Version: version, Master: f.Master}
	for _, k := range f.signing {
		s.Signing = append(s.Signing, storedKey(k))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(f.path), ".keys-*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(b.Bytes())
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = put(temp.Name(), f.path)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: %w", f.path, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// State is what a key does at a time.
type State string

// The states of a key.
const (
	Signs    State = "signs"    // new links, and verifies them
	Verifies State = "verifies" // links that it signed before
	Waits    State = "waits"    // until it signs
	Over     State = "over"
)

// StateOf tells what a key does by itself; see List for which of several signs.
func StateOf(k files.Key, now time.Time) State {
	switch {
	case k.From.After(now):
		return Waits
	case !k.Until.IsZero() && !now.Before(k.Until):
		return Over
	case !k.Until.IsZero():
		return Verifies
	}
	return Signs
}

// Entry is one key as an operator sees it.
type Entry struct {
	ID    string    `json:"id"`
	State State     `json:"state"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
}

// List lists the keys without their secrets, the one that signs last first.
func (f *File) List(now time.Time) []Entry {
	var list []Entry
	signer := -1 // the newest in force signs, as in files.Keyring
	for i, k := range f.signing {
		list = append(list, Entry{k.ID, StateOf(k, now), k.From, k.Until})
		if s := list[i].State; s == Signs || s == Verifies {
			if signer >= 0 {
				list[signer].State = Verifies
			}
			list[i].State, signer = Signs, i
		}
	}
	slices.Reverse(list)
	return list
}
