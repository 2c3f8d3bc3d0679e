package gate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pressroom/internal/gate"
)

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	puzzle = gate.Puzzle{Key: bytes.Repeat([]byte{7}, 32), Bits: 8, Life: gate.WorkLife, Rand: rand.Reader}
)

// solve does what the browser's script does, from the documentation alone.
func solve(t *testing.T, challenge string) string {
	t.Helper()
	zeros, err := strconv.Atoi(strings.Split(challenge, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		answer := fmt.Sprint(challenge, ":", n)
		if sum := sha256.Sum256([]byte(answer)); bits.LeadingZeros32(uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3])) >= zeros {
			return answer
		}
	}
}

func TestPuzzle(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		c, err := puzzle.NewChallenge(noon, "login", "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		answer := solve(t, c)
		work, err := puzzle.CheckWork(noon.Add(gate.WorkLife-1), "login", "192.0.2.1", answer)
		if err != nil || work.ID == "" || seen[work.ID] || !work.Until.Equal(noon.Add(gate.WorkLife)) {
			t.Fatalf("%s: %+v, %v", answer, work, err)
		}
		seen[work.ID] = true
		// Another answer to the same challenge is the same work.
		challenge, n, _ := strings.Cut(answer, ":")
		for i, _ := strconv.Atoi(n); ; {
			i++
			again, err := puzzle.CheckWork(noon, "login", "192.0.2.1", fmt.Sprint(challenge, ":", i))
			if errors.Is(err, gate.ErrWorkWrong) {
				continue
			}
			if err != nil || again.ID != work.ID {
				t.Fatalf("a second answer: %+v, %v", again, err)
			}
			break
		}
	}
}

func TestPuzzleRefuses(t *testing.T) {
	c, err := puzzle.NewChallenge(noon, "login", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	good := solve(t, c)
	challenge, n, _ := strings.Cut(good, ":")
	wrong := 0
	for sum := sha256.Sum256([]byte(challenge + ":0")); sum[0] == 0; sum = sha256.Sum256([]byte(fmt.Sprint(challenge, ":", wrong))) {
		wrong++
	}
	nearly := 0 // one bit less than was asked for
	for sum := sha256.Sum256([]byte(challenge + ":0")); sum[0] != 1; sum = sha256.Sum256([]byte(fmt.Sprint(challenge, ":", nearly))) {
		nearly++
	}
	other := puzzle
	other.Key = bytes.Repeat([]byte{8}, 32)
	easy := puzzle
	easy.Bits = 1
	easier, _ := easy.NewChallenge(noon, "login", "192.0.2.1")
	head, mac := easier[:strings.LastIndexByte(easier, '.')], challenge[strings.LastIndexByte(challenge, '.'):]
	for _, test := range []struct {
		name             string
		p                gate.Puzzle
		now              time.Time
		purpose, network string
		answer           string
		want             error
	}{
		{"as it is", puzzle, noon, "login", "192.0.2.1", good, nil},
		{"at its end", puzzle, noon.Add(gate.WorkLife), "login", "192.0.2.1", good, gate.ErrWorkStale},
		{"from the future", puzzle, noon.Add(-2 * time.Minute), "login", "192.0.2.1", good, gate.ErrWorkStale},
		{"a little from the future", puzzle, noon.Add(-30 * time.Second), "login", "192.0.2.1", good, nil},
		{"another purpose", puzzle, noon, "register", "192.0.2.1", good, gate.ErrWorkForm},
		{"another network", puzzle, noon, "login", "192.0.2.2", good, gate.ErrWorkForm},
		{"parts run together", puzzle, noon, "login1", "92.0.2.1", good, gate.ErrWorkForm},
		{"another key", other, noon, "login", "192.0.2.1", good, gate.ErrWorkForm},
		{"no key", gate.Puzzle{Life: gate.WorkLife}, noon, "login", "192.0.2.1", good, gate.ErrWorkForm},
		{"wrong", puzzle, noon, "login", "192.0.2.1", fmt.Sprint(challenge, ":", wrong), gate.ErrWorkWrong},
		{"nearly right", puzzle, noon, "login", "192.0.2.1", fmt.Sprint(challenge, ":", nearly), gate.ErrWorkWrong},
		{"an easier head", puzzle, noon, "login", "192.0.2.1", solve(t, head+mac), gate.ErrWorkForm},
		{"leading zero", puzzle, noon, "login", "192.0.2.1", challenge + ":0" + n, gate.ErrWorkForm},
		{"negative", puzzle, noon, "login", "192.0.2.1", challenge + ":-1", gate.ErrWorkForm},
		{"too large", puzzle, noon, "login", "192.0.2.1", challenge + ":9007199254740992", gate.ErrWorkForm},
		{"no number", puzzle, noon, "login", "192.0.2.1", challenge + ":", gate.ErrWorkForm},
		{"no answer", puzzle, noon, "login", "192.0.2.1", challenge, gate.ErrWorkForm},
		{"nothing", puzzle, noon, "login", "192.0.2.1", "", gate.ErrWorkForm},
		{"much", puzzle, noon, "login", "192.0.2.1", strings.Repeat(".", 1<<16) + ":1", gate.ErrWorkForm},
	} {
		work, err := test.p.CheckWork(test.now, test.purpose, test.network, test.answer)
		if !errors.Is(err, test.want) || (err != nil) != (work == gate.Work{}) {
			t.Errorf("%s: %+v, %v", test.name, work, err)
		}
	}
	for i := range challenge {
		flipped := challenge[:i] + string(rune(challenge[i]^1)) + challenge[i+1:]
		if _, err := puzzle.CheckWork(noon, "login", "192.0.2.1", flipped+":"+n); err == nil {
			t.Errorf("with byte %d flipped: %s", i, flipped)
		}
	}
}

func TestPuzzleFails(t *testing.T) {
	for _, p := range []gate.Puzzle{
		{Key: puzzle.Key, Bits: 0, Life: time.Minute, Rand: rand.Reader},
		{Key: puzzle.Key, Bits: 33, Life: time.Minute, Rand: rand.Reader},
		{Key: puzzle.Key, Bits: 8, Rand: rand.Reader},
		{Key: []byte("short"), Bits: 8, Life: time.Minute, Rand: rand.Reader},
		{Key: puzzle.Key, Bits: 8, Life: time.Minute, Rand: iotest.ErrReader(errors.New("no entropy"))},
	} {
		if c, err := p.NewChallenge(noon, "login", "x"); err == nil || c != "" {
			t.Errorf("%+v: %q", p, c)
		}
	}
}
