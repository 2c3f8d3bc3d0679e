package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"pressroom/internal/memo"
)

// quality is that of JPEG: at 78 of 100 nobody tells a press photograph from its original
// side by side, and it has a tenth of the bytes.
const quality = 78

// Kit makes variants. It lives as long as the process; the zero value has no encoders and
// keeps what it makes in memory.
type Kit struct {
	Tools Tools // the encoders of this computer
	Store Store // where what was made is kept; nil for memory

	// Plain leaves the encoders alone, whatever a site asks for: a preview shows a picture
	// now, and as JPEG.
	Plain bool

	// Told is called when a picture has been made, with how many there were; may be nil.
	Told func(done int)

	once     sync.Once
	memory   memoryStore
	slots    chan struct{} // one for each core: encoders run outside of Go's scheduler
	decoding chan struct{} // large pictures are opened one after the other
	done     atomic.Int64

	mu     sync.Mutex
	probes map[memo.Key]probe
}

func (k *Kit) init() {
	k.once.Do(func() {
		k.slots, k.decoding = make(chan struct{}, runtime.GOMAXPROCS(0)), make(chan struct{}, 1)
		if k.Store == nil {
			k.Store = &k.memory
		}
	})
}

// Without returns a kit like k that does not have the tool of an encoder.
func (k *Kit) Without(e *Encoder) *Kit {
	tools := slices.DeleteFunc(slices.Clone(k.Tools), func(t Tool) bool { return t == e.tool })
	return &Kit{Tools: tools, Store: k.Store, Plain: k.Plain, Told: k.Told}
}

// Failure is a variant that could not be made.
type Failure struct {
	Path    string   // the source
	Encoder *Encoder // whose fault it is; nil when it is the picture's
	Err     error
}

func (f *Failure) Error() string {
	if f.Encoder != nil {
		return fmt.Sprintf("%s: %s cannot write %s: %v", f.Path, f.Encoder.Name, names[f.Encoder.Format], f.Err)
	}
	return fmt.Sprintf("%s: %v", f.Path, f.Err)
}

func (f *Failure) Unwrap() error { return f.Err }

// Write writes a variant of a shot, from the store or made now. What is missing of a shot
// is made together: opening a picture costs more than most of what follows.
func (k *Kit) Write(ctx context.Context, w io.Writer, s *Shot, v *Variant) error {
	data, err := k.bytes(ctx, s, v)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// NewsroomCard writes the card of pages that have no picture, drawn once for each name
// that stands for it.
func (k *Kit) NewsroomCard(w io.Writer, name, title, accent string) error {
	data, ok := k.memory.Get(name)
	if !ok {
		var b bytes.Buffer
		if err := NewsroomCard(&b, title, accent); err != nil {
			return err
		}
		data = b.Bytes()
		if err := k.memory.Put(name, data); err != nil {
			return err
		}
	}
	_, err := w.Write(data)
	return err
}

// Size returns how many bytes a variant has.
func (k *Kit) Size(ctx context.Context, s *Shot, v *Variant) (int64, error) {
	data, err := k.bytes(ctx, s, v)
	return int64(len(data)), err
}

func (k *Kit) bytes(ctx context.Context, s *Shot, v *Variant) ([]byte, error) {
	k.init()
	if data, ok := k.Store.Get(v.stored()); ok {
		return data, nil
	}
	s.making.Lock()
	defer s.making.Unlock()
	if data, ok := k.Store.Get(v.stored()); ok { // another file of this picture came first
		return data, nil
	}
	var missing []*Variant
	for _, o := range s.Variants() {
		if o == v || !k.Store.Has(o.stored()) {
			missing = append(missing, o)
		}
	}
	made, err := k.make(ctx, s, missing)
	if data, ok := made[v]; ok {
		return data, nil
	}
	if f := (*Failure)(nil); err != nil && !errors.As(err, &f) && ctx.Err() == nil {
		err = &Failure{Path: s.Path, Err: err}
	}
	return nil, err
}

// make makes variants and stores them. With an error some may be made all the same.
func (k *Kit) make(ctx context.Context, s *Shot, wanted []*Variant) (map[*Variant][]byte, error) {
	if wanted[0].format == "board" {
		return k.boards(ctx, s, wanted)
	}
	maps, err := k.scaled(s, wanted)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	var errs []error
	made := map[*Variant][]byte{}
	for _, job := range jobs(wanted) {
		wait.Go(func() {
			k.slots <- struct{}{}
			defer func() { <-k.slots }()
			images := make([]image.Image, len(job))
			for i, v := range job {
				images[i] = maps[v].image()
			}
			data, err := encode(ctx, job[0], images)
			for i := range data {
				err = errors.Join(err, k.Store.Put(job[i].stored(), data[i]))
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				if job[0].encoder != nil && ctx.Err() == nil {
					err = &Failure{s.Path, job[0].encoder, err}
				}
				errs = append(errs, err)
				return
			}
			for i, v := range job {
				made[v] = data[i]
			}
		})
	}
	wait.Wait()
	if k.Told != nil {
		k.Told(int(k.done.Add(1)))
	}
	return made, errors.Join(errs...)
}

// jobs are the variants that are written by one call each.
func jobs(wanted []*Variant) (out [][]*Variant) {
	batches := map[*Encoder]int{}
	for _, v := range wanted {
		if v.encoder != nil && v.encoder.batch() {
			if i, ok := batches[v.encoder]; ok {
				out[i] = append(out[i], v)
				continue
			}
			batches[v.encoder] = len(out)
		}
		out = append(out, []*Variant{v})
	}
	return out
}

// scaled opens a picture and makes a bitmap for each variant, every size from the next
// larger one.
func (k *Kit) scaled(s *Shot, wanted []*Variant) (map[*Variant]*bitmap, error) {
	img, source, err := k.open(s)
	if err != nil {
		return nil, err
	}
	byWidth := map[int][]*Variant{}
	for _, v := range wanted {
		if v.format != "card" {
			byWidth[v.Width] = append(byWidth[v.Width], v)
		} else {
			// A card is cut out of the picture at the size at which it fills one.
			byWidth[coverWidth(s.Info)] = append(byWidth[coverWidth(s.Info)], v)
		}
	}
	widths := make([]int, 0, len(byWidth))
	for w := range byWidth {
		widths = append(widths, w)
	}
	slices.SortFunc(widths, func(a, b int) int { return b - a })
	out := map[*Variant]*bitmap{}
	var last *bitmap // upright
	for _, w := range widths {
		h := max(1, (s.Info.Height*w+s.Info.Width/2)/s.Info.Width)
		if last != nil && last.w >= w && last.w <= s.Info.Width { // not from one that was blown up
			last = scale(last.rows(), w, h)
		} else {
			if s.Info.Turn >= 5 {
				w, h = h, w
			}
			last = scale(source, w, h).upright(s.Info.Turn)
		}
		for _, v := range byWidth[last.w] {
			out[v] = last
			if v.format == "card" {
				x, y := int(v.focus.X*float64(last.w)), int(v.focus.Y*float64(last.h))
				out[v] = last.onWhite().crop(within(x-CardWidth/2, last.w-CardWidth), within(y-CardHeight/2, last.h-CardHeight), CardWidth, CardHeight)
			}
		}
	}
	runtime.KeepAlive(img)
	return out, nil
}

// coverWidth is how wide a picture is when it just covers a card.
func coverWidth(i Info) int {
	return max(CardWidth, (CardHeight*i.Width+i.Height-1)/i.Height)
}

func within(v, most int) int { return min(max(v, 0), most) }

// open decodes a picture.
func (k *Kit) open(s *Shot) (img image.Image, source rows, err error) {
	data, err := s.Open()
	if err != nil {
		return nil, rows{}, err
	}
	if s.Info.Width*s.Info.Height > MaxPixels/4 {
		k.decoding <- struct{}{}
		defer func() { <-k.decoding }()
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, rows{}, wrong(exportAgain, "the picture is damaged: %v", err)
	}
	return img, rowsOf(img, s.Info.Drawing, profileOf(s.Info.Format, data)), nil
}

// encode writes pictures in the format of a variant; several only for an encoder that
// takes them.
func encode(ctx context.Context, v *Variant, images []image.Image) ([][]byte, error) {
	if v.encoder != nil {
		return v.encoder.encode(ctx, images)
	}
	var b bytes.Buffer
	var err error
	switch v.format {
	case "card":
		err = encodeCard(&b, images[0])
	case "png":
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, images[0])
	default:
		err = jpeg.Encode(&b, images[0], &jpeg.Options{Quality: quality})
	}
	return [][]byte{b.Bytes()}, err
}

// encodeCard writes a card as a JPEG that is small enough for every site that shows one.
func encodeCard(b *bytes.Buffer, img image.Image) error {
	for q := 84; ; q -= 8 {
		b.Reset()
		if err := jpeg.Encode(b, img, &jpeg.Options{Quality: q}); err != nil || b.Len() <= maxCard || q <= 20 {
			return err
		}
	}
}
