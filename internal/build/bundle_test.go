package build

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/locale"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// unzipped is the names of a ZIP, in their order, with what is in them.
func unzipped(t *testing.T, data []byte) (names []string, texts map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	texts = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err) // its checksum too
		}
		names, texts[f.Name] = append(names, f.Name), string(text)
		if f.Method != zip.Store || !f.Modified.Equal(time.Date(2026, 7, 6, 10, 0, 0, 0, time.UTC)) || f.Flags&8 != 0 {
			t.Errorf("%s: method %d, of %s, flags %x", f.Name, f.Method, f.Modified, f.Flags)
		}
	}
	return names, texts
}

// page is the view of the page at an address.
func page[T any](t *testing.T, r *Result, url string) (view T) {
	t.Helper()
	for _, ref := range r.Pages {
		if ref.URL == url {
			return ref.View().(T)
		}
	}
	t.Fatalf("there is no page %s", url)
	return view
}

// The originals of an album are one ZIP, the same whenever and wherever it is made, with
// who made them and how they may be used, and of the size that its page tells.
func TestBundles(t *testing.T) {
	in, files, _ := goldenInput(t, archive(t, "testdata/albums.txtar"), sources(t, "testdata/theme.txtar", ""))
	r, problems := Run(context.Background(), in, nil)
	if r == nil {
		t.Fatal(text(problems))
	}
	const at = "news/2026/07/quay/photos/quay.zip"
	data := open(t, r, at)
	names, texts := unzipped(t, data)
	if want := []string{"quay/captions.txt", "quay/dawn.png", "quay/noon.png"}; !slices.Equal(names, want) {
		t.Errorf("in it are %q", names)
	}
	if texts["quay/dawn.png"] != string(files["content/news/2026/07/quay/dawn.png"]) {
		t.Error("dawn.png is another picture")
	}
	want := "The quay opens\n6 July 2026\nhttps://press.example/news/2026/07/quay/\n\n" +
		"dawn.png\nAt dawn.\nIn the picture: Ana Duarte, Joris Vane\nQuay 2, 6 July 2026\nCredit: Us\n\nnoon.png\nA ship\nCredit: Us\n"
	if got := texts["quay/captions.txt"]; got != want {
		t.Errorf("captions.txt is\n%s\nwant\n%s", got, want)
	}
	for lang, url := range map[string]string{"en": "/news/2026/07/quay/photos/", "fr": "/fr/news/2026/07/quay/photos/"} {
		e := page[site.Album](t, r, url).Zip
		if e == nil || e.URL != "/"+at || e.Note != locale.New(lang).Bytes(int64(len(data))) || len(data) >= 1000 {
			t.Errorf("%s offers %+v, of %d bytes", url, e, len(data))
		}
	}
	in.Source = source.Memory(files)
	again, _ := Run(context.Background(), in, nil)
	if !bytes.Equal(open(t, again, at), data) {
		t.Error("made again, it is another file")
	}

	// What is held is in none, a translation with a picture of its own has its own, and a
	// picture whose camera says where it was is there without the place.
	for _, f := range r.Public.Files() {
		if path.Ext(f.Path) == ".zip" && f.Path != at {
			t.Errorf("there is %s", f.Path)
		}
	}
	files["content/news/2026/07/quay/index.fr.md"] = bytes.Replace(files["content/news/2026/07/quay/index.fr.md"], []byte("noon.png"), []byte("../single/one.png"), 1)
	one, where := files["content/news/2026/07/single/one.png"], []byte("tEXtRaw profile type exif\x00 4d4d")
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(where)-4)), where...)
	files["content/news/2026/07/single/one.png"] = slices.Concat(one[:33], binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(where)), one[33:])
	in.Source = source.Memory(files)
	r, problems = Run(context.Background(), in, nil)
	if r == nil {
		t.Fatal(text(problems))
	}
	french := open(t, r, "fr/"+at)
	if _, texts = unzipped(t, french); strings.Contains(texts["quay/one.png"], "Raw profile") || len(texts) != 3 {
		t.Errorf("%q", texts)
	}
	if e := page[site.Album](t, r, "/fr/news/2026/07/quay/photos/").Zip; e == nil || e.URL != "/fr/"+at || e.Note != locale.New("fr").Bytes(int64(len(french))) {
		t.Errorf("%+v, of %d bytes", e, len(french))
	}
	if !strings.Contains(texts["quay/captions.txt"], "Crédit\u202f: Nous") && !strings.Contains(texts["quay/captions.txt"], "Crédit\u00a0: Nous") {
		t.Errorf("%q", texts["quay/captions.txt"])
	}
}

// The stills of a video are one ZIP with its poster, for its pages in all languages; what
// needs an account is in none.
func TestStills(t *testing.T) {
	in, files, _ := goldenInput(t, archive(t, "testdata/albums.txtar"), sources(t, "testdata/theme.txtar", ""))
	dawn, noon := files["content/news/2026/07/quay/dawn.png"], files["content/news/2026/07/quay/noon.png"]
	const dir = "content/videos/2026/V-0001/"
	files[dir+"dawn.png"], files[dir+"noon.png"], files["media/V-0001.mxf"] = dawn, noon, []byte("a master")
	const head = "---\nid: V-0001\ntitle: The quay\ndate: 2026-07-06 10:00\nsummary: Pictures.\n"
	files[dir+"index.md"] = []byte(head + "captions-waiver: no speech\nposter: {src: dawn.png, alt: Dawn, credit: Us}\nphotos: [{src: noon.png, alt: A ship, credit: Us}]\n" +
		"renditions: [{name: broadcast, access: account, file: V-0001.mxf}]\n---\n")
	files[dir+"index.fr.md"] = []byte(head + "---\n")
	in.Source = source.Memory(files)
	r, problems := Run(context.Background(), in, nil)
	if r == nil {
		t.Fatal(text(problems))
	}
	const at = "videos/V-0001/V-0001-stills.zip"
	names, texts := unzipped(t, open(t, r, at))
	if want := []string{"V-0001/captions.txt", "V-0001/noon.png", "V-0001/poster.png"}; !slices.Equal(names, want) || texts["V-0001/poster.png"] != string(dawn) {
		t.Errorf("in it are %q", names)
	}
	for url, stills := range map[string]int{"/videos/V-0001/": 1, "/fr/videos/V-0001/": 0} {
		v := page[site.Video](t, r, url)
		if v.Zip == nil || v.Zip.URL != "/"+at || len(v.Stills) != stills {
			t.Errorf("%s offers %+v and %d stills", url, v.Zip, len(v.Stills))
		}
	}
	files[dir+"index.md"] = bytes.Replace(files[dir+"index.md"], []byte("photos:"), []byte("embargo: 2026-07-08 10:00\nphotos:"), 1)
	in.Source = source.Memory(files)
	r, problems = Run(context.Background(), in, nil)
	if r == nil || has(r, at) || has(r, "videos/2026/V-0001/noon.png") {
		t.Errorf("stills of a held video are out: %s", text(problems))
	}
}
