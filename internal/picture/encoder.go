package picture

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/memo"
	"pressroom/internal/report"
)

// Go has no encoder of WebP and AVIF; programs that do are on many computers. Which ones
// is an input of a build, as the sources are: the names of their files carry the name and
// version of the encoder, so that two of them never write one file.

// Formats are those that only an encoder can write, the smallest first: browsers take the
// first that they know.
var Formats = []string{"avif", "webp"}

// Tool is a program of this computer.
type Tool struct {
	Name  string
	Path  string
	Stamp memo.Key // of its stat: another program is another tool

	Patience time.Duration // how long it may take for one call; 0 for as long as the slowest needs
}

// Tools are the programs that can encode, the better one of a format first.
type Tools []Tool

// Find looks for encoders in the folders of PATH.
func Find() (found Tools) {
	for _, name := range []string{"avifenc", "cwebp", "ffmpeg"} {
		p, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if info, err := os.Stat(p); err == nil {
			found = append(found, Tool{Name: name, Path: p, Stamp: memo.Hash(p, info.Size(), info.ModTime())})
		}
	}
	return found
}

// arguments of each tool for a format, by "tool format": IN and OUT are files. One thread
// each, because several run at once, and because the bytes of AVIF depend on the number.
// What stands in brackets is repeated for every picture: ffmpeg takes longer to start than
// to encode, so it gets all sizes at once. N is the number of the picture.
var arguments = map[string]string{
	"cwebp webp":   "-quiet -q 76 -m 4 -metadata none IN -o OUT",
	"avifenc avif": "--jobs 1 --speed 7 --min 18 --max 30 --ignore-exif --ignore-xmp --ignore-icc IN OUT",
	"ffmpeg webp":  "-v error -nostdin -y [ -i IN ] [ -map N -frames:v 1 -map_metadata -1 -c:v libwebp -quality 76 -threads 1 -f webp OUT ]",
	"ffmpeg avif":  "-v error -nostdin -y [ -i IN ] [ -map N -frames:v 1 -map_metadata -1 -c:v libaom-av1 -still-picture 1 -usage allintra -cpu-used 8 -crf 30 -b:v 0 -pix_fmt yuv420p -threads 1 -f avif OUT ]",
	// drawings, which must keep their edges
	"cwebp drawing":  "-quiet -lossless -z 6 -metadata none IN -o OUT",
	"ffmpeg drawing": "-v error -nostdin -y [ -i IN ] [ -map N -frames:v 1 -map_metadata -1 -c:v libwebp -lossless 1 -threads 1 -f webp OUT ]",
}

// command fills arguments in for pictures in.0 … and files out.0 ….
func command(how string, in, out []string) (args []string) {
	var part []string
	open := false
	for _, a := range strings.Fields(arguments[how]) {
		switch {
		case a == "[":
			open, part = true, nil
		case a == "]":
			open = false
			for i := range in {
				for _, p := range part {
					args = append(args, fillIn(p, in, out, i))
				}
			}
		case open:
			part = append(part, a)
		default:
			args = append(args, fillIn(a, in, out, 0))
		}
	}
	return args
}

func fillIn(arg string, in, out []string, i int) string {
	switch arg {
	case "IN":
		return in[i]
	case "OUT":
		return out[i]
	case "N":
		return strconv.Itoa(i)
	}
	return arg
}

// deadline is how long an encoder may take for one picture. The slowest that we know, AVIF
// at 1600 pixels on a small virtual machine, takes a second.
const deadline = time.Minute

// Encoder writes one format by a tool.
type Encoder struct {
	Format string // "webp" or "avif"
	Name   string // with version, as "cwebp 1.2.4"
	tool   Tool
}

// batch tells whether the encoder takes several pictures at once.
func (e *Encoder) batch() bool { return e.tool.Name == "ffmpeg" }

// encode writes pictures, all photographs or all drawings. What the tool says is part of
// the error.
func (e *Encoder) encode(ctx context.Context, pictures []image.Image) ([][]byte, error) {
	dir, err := os.MkdirTemp("", "press-picture-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	how := e.tool.Name + " " + e.Format
	var in, out []string
	for i, img := range pictures {
		name, write := fmt.Sprintf("in%d.ppm", i), ppm
		if _, opaque := img.(*image.RGBA); !opaque {
			how = e.tool.Name + " drawing"
			name, write = fmt.Sprintf("in%d.png", i), quickPNG
		} else if e.tool.Name == "avifenc" {
			name, write = fmt.Sprintf("in%d.png", i), quickPNG
		}
		in, out = append(in, filepath.Join(dir, name)), append(out, filepath.Join(dir, fmt.Sprintf("out%d.%s", i, e.Format)))
		if err := os.WriteFile(in[i], write(img), 0o600); err != nil {
			return nil, err
		}
	}
	if said, err := e.tool.run(ctx, command(how, in, out)...); err != nil {
		return nil, fmt.Errorf("%w%s", err, said)
	}
	made := make([][]byte, len(out))
	for i, name := range out {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, errors.New("it wrote no file")
		}
		if sniff(data) != e.Format {
			return nil, fmt.Errorf("it wrote %d bytes that are no %s", len(data), names[e.Format])
		}
		made[i] = data
	}
	return made, nil
}

// run runs a tool. Its children may hold its output open, so the wait for it ends too.
func (t Tool) run(ctx context.Context, args ...string) (said string, err error) {
	patience := cmp.Or(t.Patience, deadline)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it took more than %s", patience))
	defer cancel()
	c := exec.CommandContext(ctx, t.Path, args...)
	c.WaitDelay = time.Second
	out, err := c.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	said = strings.TrimSpace(string(out))
	if said != "" && err != nil {
		first, _, _ := strings.Cut(said, "\n")
		said = ": " + first
	}
	return said, err
}

// ppm writes pixels in the plainest way that there is.
func ppm(img image.Image) []byte {
	m := img.(*image.RGBA)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	b := fmt.Appendf(make([]byte, 0, 32+3*w*h), "P6\n%d %d\n255\n", w, h)
	for i := 0; i+4 <= len(m.Pix); i += 4 {
		b = append(b, m.Pix[i], m.Pix[i+1], m.Pix[i+2])
	}
	return b
}

// quickPNG is for what PPM cannot carry or a tool cannot read.
func quickPNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		panic("picture: PNG: " + err.Error()) // only of sizes that no bitmap has
	}
	return b.Bytes()
}

// probe is what is known of a tool for a format, after it was asked once.
type probe struct {
	Version string
	Wrong   string // why it cannot be used, "" when it can
}

var version = regexp.MustCompile(`\d+(\.\d+)+`)

// Encoders finds one for each format, and says which tools were there and would not do.
// Tools are tried once, with a picture of 16 pixels square: an ffmpeg without the library
// is no encoder.
func (k *Kit) Encoders(ctx context.Context, formats []string, m *memo.Memo) (found []*Encoder, refused []string) {
	for _, format := range Formats {
		for _, t := range k.Tools {
			if arguments[t.Name+" "+format] == "" || !contains(formats, format) {
				continue
			}
			p := k.probe(ctx, t, format, m)
			if p.Wrong == "" {
				found = append(found, &Encoder{format, strings.TrimSpace(t.Name + " " + p.Version), t})
				break
			}
			refused = append(refused, fmt.Sprintf("%s cannot write %s: %s", t.Name, names[format], p.Wrong))
		}
	}
	return found, refused
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (k *Kit) probe(ctx context.Context, t Tool, format string, m *memo.Memo) probe {
	key := memo.Hash("encoder", Recipe, t, format, arguments[t.Name+" "+format])
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.probes[key]
	if !ok {
		p, _ = memo.Do(m, "", key, func() (probe, report.List) { return t.ask(ctx, format), nil })
		if ctx.Err() != nil {
			return p // a tool that was stopped has said nothing; nor is the memory of such a build kept
		}
		if k.probes == nil {
			k.probes = map[memo.Key]probe{}
		}
		k.probes[key] = p
	}
	return p
}

// ask tries a tool.
func (t Tool) ask(ctx context.Context, format string) (p probe) {
	flag := "-version"
	if t.Name == "avifenc" {
		flag = "--version"
	}
	said, err := t.run(ctx, flag)
	if err != nil {
		return probe{Wrong: err.Error() + said}
	}
	p.Version = version.FindString(said)
	if format == film {
		return p // what it makes of one shows when there is one
	}
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = uint8(i)
	}
	if _, err := (&Encoder{Format: format, tool: t}).encode(ctx, []image.Image{img}); err != nil {
		p.Wrong = err.Error()
	}
	return p
}

// String names the encoder and what it writes, as "WebP by cwebp 1.2.4".
func (e *Encoder) String() string { return names[e.Format] + " by " + e.Name }

// Name is a format as people write it.
func Name(format string) string {
	if n := names[format]; n != "" {
		return n
	}
	return strconv.Quote(format)
}
