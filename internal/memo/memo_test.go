package memo

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pressroom/internal/report"
)

type inner struct {
	Name string
	At   time.Time
}

type value struct {
	Text  string
	N     int
	F     float64
	Yes   bool
	List  []inner
	Map   map[string]string
	Ptr   *inner
	Any   map[string]any
	Bytes []byte
	Key   Key
	Kept  Kept[string]
}

func sample() value {
	at := time.Date(2024, 5, 27, 16, 0, 0, 250, time.FixedZone("", 7200))
	return value{"Ana", -3, 1.5, true, []inner{{"a", at.UTC()}, {}}, map[string]string{"x": "y", "a": ""}, &inner{Name: "p"},
		map[string]any{"n": 3, "s": "t", "l": []any{true, 2.5, nil}}, []byte{0, 1}, Of([]byte("k")), Kept[string]{}}
}

func TestEncodingRoundTrip(t *testing.T) {
	v := sample()
	var got value
	if err := decode(appendValue(nil, reflect.ValueOf(v), false), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("got  %+v\nwant %+v", got, v)
	}
}

func TestHashTellsInputsApart(t *testing.T) {
	v := sample()
	same, other := sample(), sample()
	other.List[1].Name = "b"
	if Hash(v) != Hash(same) {
		t.Error("equal values have two keys")
	}
	seen := map[Key]string{}
	for name, k := range map[string]Key{
		"value": Hash(v), "changed": Hash(other), "1": Hash(1), `"1"`: Hash("1"), "ab,c": Hash("ab", "c"), "a,bc": Hash("a", "bc"),
		"nil list": Hash([]string(nil)), "empty list": Hash([]string{}), "two": Hash("a", "a"), "nil": Hash(nil), "time": Hash(time.Unix(1, 0)),
	} {
		if twin := seen[k]; twin != "" {
			t.Errorf("%s and %s have one key", name, twin)
		}
		seen[k] = name
	}
	with := v
	with.Kept = Keep("body")
	if Hash(with) != Hash(v) {
		t.Error("what is kept is no part of the key")
	}
}

type keyedValue struct{ text string }

func (k keyedValue) MemoKey() Key { return Of([]byte(k.text)) }

func TestHashRefusesWhatItCannotSee(t *testing.T) {
	for name, v := range map[string]any{
		"an unexported field": struct{ a int }{1},
		"a func":              func() {},
		"a promoted key": struct {
			keyedValue
			Title string
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is hashed", name)
				}
			}()
			Hash(v)
		}()
	}
	if Hash(keyedValue{"a"}) == Hash(keyedValue{"b"}) {
		t.Error("a value's own key is not used")
	}
}

// remember runs one step twice through a memo saved and loaded in between, and says how
// often it was really run.
func remember(t *testing.T, path string) (ran int, problems report.List) {
	m := Load(path)
	_, problems = Do(m, "step", Hash("in"), func() (value, report.List) {
		ran++
		return sample(), report.List{{Path: "a.md", Text: "a warning", Severity: report.Warning}}
	})
	return ran, problems
}

func TestRememberedOverRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memo")
	m := New()
	Do(m, "step", Hash("in"), func() (value, report.List) {
		return sample(), report.List{{Path: "a.md", Text: "a warning", Severity: report.Warning}}
	})
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	ran, problems := remember(t, path)
	if ran != 0 || len(problems) != 1 || problems[0].Text != "a warning" {
		t.Errorf("ran %d times, told %v", ran, problems)
	}
}

// A round that was stopped has not asked for all that it would have; one that ended has.
func TestSaveStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memo")
	made := func(m *Memo, name string) (anew bool) {
		Do(m, name, Hash(name), func() (value, report.List) { anew = true; return sample(), nil })
		return anew
	}
	for _, c := range []struct {
		save func(*Memo, string) error
		want bool // second is made anew
	}{{(*Memo).SaveStopped, false}, {(*Memo).Save, true}} {
		m := New()
		made(m, "first")
		made(m, "second")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		m = Load(path)
		made(m, "first")
		made(m, "third")
		if err := c.save(m, path); err != nil {
			t.Fatal(err)
		}
		m = Load(path)
		if made(m, "first") || made(m, "third") || made(m, "second") != c.want {
			t.Errorf("second was made anew: %v, want %v; or one of the others was", !c.want, c.want)
		}
	}
}

// A file that is missing, cut short or damaged at any byte is no memory, and no harm.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memo")
	m := New()
	Do(m, "step", Hash("in"), func() (value, report.List) { return sample(), nil })
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if ran, _ := remember(t, path); ran != 1 {
			t.Errorf("%s: a damaged value is used", what)
		}
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x41
		try("flipped", bad)
		try("cut", good[:i])
	}
	if os.Remove(path); true {
		if ran, _ := remember(t, path); ran != 1 {
			t.Error("a missing file is a memory")
		}
	}
}

func TestSweepForgetsWhatWasNotAskedFor(t *testing.T) {
	m := New()
	ran := 0
	ask := func(k string) {
		Do(m, k, Hash(k), func() (int, report.List) { ran++; return 1, nil })
	}
	ask("a")
	ask("b")
	m.Sweep()
	ask("a")
	m.Sweep()
	ask("a")
	ask("b")
	if ran != 3 {
		t.Errorf("ran %d steps, want a, b and b again", ran)
	}
	if got := m.Ran(); !reflect.DeepEqual(got, []string{"a", "b", "b"}) {
		t.Errorf("ran %v", got)
	}
}
