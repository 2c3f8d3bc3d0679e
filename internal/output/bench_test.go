//go:build unix

package output

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pressroom/internal/memo"
)

// The site of the benchmarks: 10,000 pages with their JSON, each in a folder of its
// own below year and month, as a press site has them.
const benchPages = 10000

func benchTree(b *testing.B, edit int) *Tree {
	t := &Tree{}
	body := make([]byte, 12<<10)
	for i := range benchPages {
		for _, ext := range []string{"html", "json"} {
			version := 0
			if i == 1 {
				version = edit
			}
			head := fmt.Appendf(nil, "%d.%s %d", i, ext, version)
			err := t.Add(File{
				Path: fmt.Sprintf("news/%d/%02d/a-release-about-something-%d/index.%s", 2000+i/400, i/34%12+1, i, ext),
				Key:  memo.Of(head),
				Write: func(w io.Writer) error {
					if _, err := w.Write(head); err != nil {
						return err
					}
					_, err := w.Write(body)
					return err
				},
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	t.Files()
	return t
}

// benchDir is in memory where there is a place for that: a disk would be measured
// instead of us.
func benchDir(b *testing.B) Options {
	base := os.Getenv("OUTPUT_BENCH_DIR")
	if fi, err := os.Stat("/dev/shm"); base == "" && err == nil && fi.IsDir() {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "output-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return Options{Dir: filepath.Join(dir, "public"), Record: filepath.Join(dir, "cache", "record")}
}

func benchWrite(b *testing.B, t *Tree, o Options) Result {
	r, err := Write(context.Background(), t, o)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func BenchmarkWriteCold(b *testing.B) {
	o, t := benchDir(b), benchTree(b, 0)
	cpu := newMeter()
	for b.Loop() {
		cpu.run(func() { benchWrite(b, t, o) })
		b.StopTimer()
		_ = os.RemoveAll(filepath.Dir(o.Dir))
		b.StartTimer()
	}
	cpu.report(b)
}

func BenchmarkWriteUnchanged(b *testing.B) {
	o, t := benchDir(b), benchTree(b, 0)
	benchWrite(b, t, o)
	cpu := newMeter()
	for b.Loop() {
		cpu.run(func() {
			if r := benchWrite(b, t, o); r.Written != 0 {
				b.Fatal(r)
			}
		})
	}
	cpu.report(b)
}

func BenchmarkWriteOneChanged(b *testing.B) {
	o := benchDir(b)
	trees := []*Tree{benchTree(b, 0), benchTree(b, 1)}
	benchWrite(b, trees[0], o)
	benchWrite(b, trees[1], o)
	cpu := newMeter()
	for i := 0; b.Loop(); i++ {
		cpu.run(func() {
			if r := benchWrite(b, trees[i%2], o); r.Written != 3 {
				b.Fatal(r)
			}
		})
	}
	cpu.report(b)
}

// BenchmarkWriteOneChangedNoSpare is the first edit after a clean build.
func BenchmarkWriteOneChangedNoSpare(b *testing.B) {
	o := benchDir(b)
	trees := []*Tree{benchTree(b, 0), benchTree(b, 1)}
	benchWrite(b, trees[0], o)
	cpu := newMeter()
	for i := 1; b.Loop(); i++ {
		b.StopTimer()
		_ = os.RemoveAll(o.Record + ".spare")
		b.StartTimer()
		cpu.run(func() { benchWrite(b, trees[i%2], o) })
	}
	cpu.report(b)
}

// meter takes the median of the processor time: on a busy machine, wall clocks say
// little and means not much more.
type meter struct{ ms []float64 }

func newMeter() *meter { return &meter{} }

func (m *meter) run(f func()) {
	start := cpuTime()
	f()
	m.ms = append(m.ms, float64((cpuTime()-start).Microseconds())/1e3)
}

func (m *meter) report(b *testing.B) {
	slices.Sort(m.ms)
	b.ReportMetric(m.ms[len(m.ms)/2], "cpu-ms/op")
}

func cpuTime() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
