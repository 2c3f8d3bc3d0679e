package output

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"pressroom/internal/memo"
)

// kind of what stands at a path.
type kind uint8

const (
	isAbsent kind = iota
	isFile
	isFolder
	isOther // a symlink, a device, a socket
)

// stamp is a stat signature: as long as it stays, so do the bytes.
type stamp struct {
	mtime int64 // nanoseconds
	ino   uint64
	size  int64 // 0 for a folder, whose size says nothing
}

// info is what lstat says of a path.
type info struct {
	stamp
	kind     kind
	perm     uint32 // permission bits with setuid, setgid and sticky
	uid, gid uint32
}

// entry is one of our files.
type entry struct {
	path string
	key  memo.Key
	sum  [sha256.Size]byte
	stamp
}

// record is what a Write left behind. It describes the folder, or the spare tree.
type record struct {
	program memo.Key // who made the files: another program may make others of the same keys
	dir     string
	files   []entry // these three by path
	folders []place // those of our files; a zero stamp is one to look into again
	foreign []place // what else stands in these folders
}

const recordMagic = "pressroom output 1\n"

// loadRecord reads a record. One that is missing, cut short, altered or in
// disorder is nil: a record is only ever a shortcut.
func loadRecord(path string) *record {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return decodeRecord(raw)
}

// record describes what Write leaves in a tree with these folders.
func (w *writing) record(folders []place) *record {
	r := &record{program: memo.Program(), dir: w.dir, folders: folders, foreign: w.strangers()}
	r.files = make([]entry, 0, len(w.items))
	for i := range w.items {
		r.files = append(r.files, w.items[i].entry)
	}
	return r
}

// remember saves the record unless it says all this already.
func (w *writing) remember(folders []place) error {
	if w.Record == "" {
		return nil
	}
	r := w.record(folders)
	if r.program == w.old.program && r.dir == w.old.dir && slices.Equal(r.files, w.old.files) &&
		slices.Equal(r.folders, w.old.folders) && slices.Equal(r.foreign, w.old.foreign) {
		return nil
	}
	if err := memo.WriteFile(w.Record, r.encode()); err != nil {
		return fmt.Errorf("keep the record: %w", err)
	}
	return nil
}

// prepared is a record that has been written but not put in its place: a full disk
// shows before the site has been touched.
type prepared struct{ path string }

const preparedSuffix = ".new"

func (w *writing) prepare(path string, folders []place) (*prepared, error) {
	if path == "" {
		return &prepared{}, nil
	}
	if err := memo.WriteFile(path+preparedSuffix, w.record(folders).encode()); err != nil {
		return nil, fmt.Errorf("keep the record: %w", err)
	}
	return &prepared{path}, nil
}

func (p *prepared) commit() error {
	if p.path == "" {
		return nil
	}
	if err := os.Rename(p.path+preparedSuffix, p.path); err != nil {
		return fmt.Errorf("keep the record: %w", err)
	}
	p.path = ""
	return nil
}

// drop removes a record that did not come true.
func (p *prepared) drop() {
	if p.path != "" {
		_ = os.Remove(p.path + preparedSuffix)
	}
}

func (r *record) encode() []byte {
	b := make([]byte, 0, 1<<10+len(r.files)*160+len(r.folders)*80)
	str := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	sig := func(s stamp) {
		b = binary.AppendVarint(b, s.mtime)
		b = binary.AppendUvarint(b, s.ino)
		b = binary.AppendVarint(b, s.size)
	}
	places := func(ps []place) {
		b = binary.AppendUvarint(b, uint64(len(ps)))
		for _, p := range ps {
			str(p.path)
			sig(p.stamp)
			for _, n := range []uint32{uint32(p.kind), p.perm, p.uid, p.gid} {
				b = binary.AppendUvarint(b, uint64(n))
			}
		}
	}
	b = append(append(b, recordMagic...), r.program[:]...)
	str(r.dir)
	b = binary.AppendUvarint(b, uint64(len(r.files)))
	for i := range r.files {
		e := &r.files[i]
		str(e.path)
		b = append(append(b, e.key[:]...), e.sum[:]...)
		sig(e.stamp)
	}
	places(r.folders)
	places(r.foreign)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func decodeRecord(raw []byte) *record {
	body := len(raw) - sha256.Size
	if body < 0 || !bytes.HasPrefix(raw, []byte(recordMagic)) || sha256.Sum256(raw[:body]) != [sha256.Size]byte(raw[body:]) {
		return nil
	}
	d := decoder{b: raw[len(recordMagic):body]}
	d.s = string(d.b) // paths are cut out of one string
	r := &record{}
	d.take(r.program[:])
	r.dir = d.str()
	n := d.count(len(memo.Key{}) + sha256.Size)
	r.files = make([]entry, 0, n)
	for range n {
		e := entry{path: d.path()}
		d.take(e.key[:])
		d.take(e.sum[:])
		e.stamp = d.stamp()
		r.files = append(r.files, e)
	}
	r.folders, r.foreign = d.places(), d.places()
	sorted := func(ps []place) bool {
		return slices.IsSortedFunc(ps, func(a, b place) int { return cmp.Compare(a.path, b.path) })
	}
	if d.err != nil || d.at != len(d.b) || !sorted(r.folders) || !sorted(r.foreign) ||
		!slices.IsSortedFunc(r.files, func(a, b entry) int { return cmp.Compare(a.path, b.path) }) {
		return nil
	}
	return r
}

// decoder reads what encode wrote; after the first mistake it reads zeros.
type decoder struct {
	b   []byte
	s   string
	at  int
	err error
}

var errRecord = errors.New("not a record")

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b[d.at:])
	return v * d.step(n)
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b[d.at:])
	return v * int64(d.step(n))
}

// step moves on by n bytes; it is 0 after a mistake, else 1.
func (d *decoder) step(n int) uint64 {
	if n <= 0 {
		d.err = errRecord
	}
	if d.err != nil {
		return 0
	}
	d.at += n
	return 1
}

// count reads how many things follow of at least size bytes each. More than there
// is room for is a mistake, and no reason to allocate.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64((len(d.b)-d.at)/size) {
		d.err = errRecord
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

func (d *decoder) str() string {
	n := d.count(1)
	d.at += n
	return d.s[d.at-n : d.at]
}

func (d *decoder) path() string {
	s := d.str()
	if s != "" && !fs.ValidPath(s) {
		d.err = errRecord
	}
	return s
}

func (d *decoder) take(to []byte) {
	if len(d.b)-d.at < len(to) {
		d.err = errRecord
	}
	if d.err == nil {
		d.at += copy(to, d.b[d.at:])
	}
}

func (d *decoder) stamp() stamp {
	return stamp{mtime: d.int(), ino: d.uint(), size: d.int()}
}

func (d *decoder) places() []place {
	n := d.count(8)
	ps := make([]place, 0, n)
	for range n {
		p := place{path: d.path()}
		p.stamp = d.stamp()
		p.kind, p.perm, p.uid, p.gid = kind(d.uint()), uint32(d.uint()), uint32(d.uint()), uint32(d.uint())
		ps = append(ps, p)
	}
	return ps
}
