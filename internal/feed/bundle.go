package feed

import (
	"archive/zip"
	"hash/crc32"
	"io"
	"path"
	"time"

	"pressroom/internal/site"
)

// utf8Names says in a header of a ZIP in what letters its name is written.
const utf8Names = 0x800

// writeBundle writes a ZIP whose bytes depend on what is in it and on nothing else: in
// the order of the names, nothing packed, because pictures are, and without the sizes
// behind each file that a stream would need. One picture is in memory at a time.
func writeBundle(w io.Writer, b site.Bundle) error {
	z := zip.NewWriter(w)
	add := func(name string, data []byte) error {
		h := &zip.FileHeader{Name: path.Join(b.Folder, name), Method: zip.Store, Flags: utf8Names, CRC32: crc32.ChecksumIEEE(data),
			CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data))}
		//lint:ignore SA1019 CreateRaw writes these, and takes no notice of Modified.
		h.ModifiedDate, h.ModifiedTime = dosTime(b.At)
		f, err := z.CreateRaw(h)
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	if err := add(site.BundleText, []byte(b.Text)); err != nil {
		return err
	}
	for _, f := range b.Files {
		data, err := f.Open()
		if err == nil {
			err = add(f.Name, data)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// dosTime is a time as ZIP keeps it, in steps of two seconds since 1980.
func dosTime(t time.Time) (date, clock uint16) {
	if t.Year() < 1980 {
		return 1<<5 | 1, 0
	}
	return uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()), uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}
