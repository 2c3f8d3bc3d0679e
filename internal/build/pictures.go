package build

import (
	"bytes"
	"io"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/picture"
	"pressroom/internal/source"
)

// published promises an original picture, as readers may have it.
func (p *promiser) published(at string, f *source.File, key memo.Key) {
	read := func() ([]byte, error) {
		data, err := f.Bytes()
		if err != nil {
			return nil, err
		}
		return picture.Publish(f.Path, data), nil
	}
	p.add(output.File{Path: at, Key: memo.Hash("published", picture.Recipe, key),
		Write: func(w io.Writer) error {
			data, err := read()
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		},
		Open: func() (io.ReadSeekCloser, error) {
			data, err := read()
			return struct {
				io.ReadSeeker
				io.Closer
			}{bytes.NewReader(data), io.NopCloser(nil)}, err
		}})
}

// pictures promises the variants of every picture that a page shows, and the cards of
// pages without one. A variant's name has in it all that its bytes depend on, so that
// two copies of a picture, each in a folder of its own, have one.
func (p *promiser) pictures() {
	promised := map[string]bool{}
	for _, shot := range p.result.Shots {
		for _, v := range shot.Variants() {
			if promised[v.Name] {
				continue
			}
			promised[v.Name] = true
			p.open(strings.TrimPrefix(v.URL(), "/"), memo.Hash("variant", v.Name), func(w io.Writer) error {
				return p.in.Kit.Write(p.ctx, w, shot, v)
			})
		}
	}
	for _, c := range p.site.Cards() {
		p.open(strings.TrimPrefix(c.Path, "/"), memo.Hash("card", c.Path), func(w io.Writer) error { return p.in.Kit.NewsroomCard(w, c.Path, c.Title, c.Accent) })
	}
}
