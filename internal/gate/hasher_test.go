package gate_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"pressroom/internal/gate"
)

// cheap keeps the tests quick; nothing they look at depends on the cost.
var cheap = gate.Cost{Memory: 64, Passes: 1, Threads: 1}

func newHasher(t *testing.T, o gate.HashOptions) *gate.Hasher {
	t.Helper()
	if o.Cost == (gate.Cost{}) {
		o.Cost = cheap
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	h, err := gate.NewHasher(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHasher(t *testing.T) {
	ctx := context.Background()
	var computed atomic.Int64
	h := newHasher(t, gate.HashOptions{Computed: func() { computed.Add(1) }})
	a, err := h.Hash(ctx, "vK7#mQz2!xLp")
	if err != nil || !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("%s, %v", a, err)
	}
	if b, _ := h.Hash(ctx, "vK7#mQz2!xLp"); a == b {
		t.Error("two hashes have one salt")
	}
	for password, want := range map[string]bool{"vK7#mQz2!xLp": true, "vK7#mQz2!xLq": false, "": false, "vK7#mQz2!xLp\x00": false, "VK7#mQz2!xLp": false} {
		if ok, rehash, err := h.Verify(ctx, a, password); ok != want || rehash || err != nil {
			t.Errorf("%q: %v, %v, %v", password, ok, rehash, err)
		}
	}
	if ok, _, err := h.Verify(ctx, h.Dummy(), ""); ok || err != nil {
		t.Errorf("the dummy: %v, %v", ok, err)
	}
	if got := computed.Load(); got != 8 {
		t.Errorf("%d computations were counted, not 8", got)
	}
}

// Each pair is typed on two keyboards, or is told apart only where bcrypt has stopped
// looking.
func TestHasherUnicode(t *testing.T) {
	ctx := context.Background()
	h := newHasher(t, gate.HashOptions{})
	long := strings.Repeat("a", 78)
	for _, test := range []struct {
		set, typed string
		want       bool
	}{
		{"caf\u00e9", "cafe\u0301", true}, {"cafe\u0301", "caf\u00e9", true}, {"Ａ１", "A1", true}, {"🦊é", "🦊e\u0301", true}, {"한", "한", true},
		{"🦊", "🦉", false}, {"café", "cafe", false}, {long + "bc", long + "xc", false}, {long + "bc", long + "bc", true}, {long, long + "b", false},
	} {
		hash, err := h.Hash(ctx, test.set)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := h.Verify(ctx, hash, test.typed); ok != test.want || err != nil {
			t.Errorf("%q for %q: %v, %v", test.typed, test.set, ok, err)
		}
	}
}

func TestRehash(t *testing.T) {
	ctx := context.Background()
	old := newHasher(t, gate.HashOptions{Cost: gate.Cost{Memory: 32, Passes: 2, Threads: 2}})
	h := newHasher(t, gate.HashOptions{})
	hash, err := old.Hash(ctx, "right")
	if err != nil {
		t.Fatal(err)
	}
	if ok, rehash, err := h.Verify(ctx, hash, "right"); !ok || !rehash || err != nil {
		t.Errorf("an old hash: %v, %v, %v", ok, rehash, err)
	}
	if ok, rehash, err := h.Verify(ctx, hash, "wrong"); ok || rehash || err != nil {
		t.Errorf("an old hash, wrong password: %v, %v, %v", ok, rehash, err)
	}
	if cost := strings.Split(h.Dummy(), "$")[3]; cost != "m=64,t=1,p=1" {
		t.Errorf("the dummy costs %s", cost)
	}
}

// The vector was made with the argon2 command of the reference implementation's library,
// whose defaults of salt and key are others than ours.
func TestForeignHash(t *testing.T) {
	h := newHasher(t, gate.HashOptions{})
	hash := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, rehash, err := h.Verify(context.Background(), hash, "password"); !ok || !rehash || err != nil {
		t.Errorf("%v, %v, %v", ok, rehash, err)
	}
}

func TestDamagedHash(t *testing.T) {
	h := newHasher(t, gate.HashOptions{Computed: func() { t.Error("a damaged hash was computed") }})
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, hash := range []string{
		"", "$", "password", "$2a$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key, "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1$" + salt + "$" + key, "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=1,p=1$" + salt,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "$", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", "$argon2id$v=19$m=64,t=1,p=1$$" + key,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "=$" + key, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 400),
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key[:42] + "d", "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key, "$argon2id$v=19$m=64,t=1,p=257$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=1,p=255$" + salt + "$" + key,
		"$argon2id$v=19$m=18446744073709551616,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=-64,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + key,
	} {
		ok, rehash, err := h.Verify(context.Background(), hash, "password")
		if ok || rehash || err == nil {
			t.Errorf("%.80q: %v, %v, %v", hash, ok, rehash, err)
		} else if strings.Contains(err.Error(), salt) || strings.Contains(err.Error(), key) {
			t.Errorf("the error shows the hash: %v", err)
		}
	}
}

func TestNewHasherFails(t *testing.T) {
	for _, o := range []gate.HashOptions{
		{Rand: rand.Reader, Cost: gate.Cost{Memory: 4, Passes: 1, Threads: 1}},
		{Rand: rand.Reader, Cost: gate.Cost{Memory: 1 << 30, Passes: 1, Threads: 1}},
		{Rand: rand.Reader, Cost: gate.Cost{Memory: 64, Threads: 1}},
		{Rand: iotest.ErrReader(errors.New("no entropy"))},
	} {
		if h, err := gate.NewHasher(o); err == nil {
			t.Errorf("%+v: %v", o.Cost, h)
		}
	}
}

// With one slot taken and two waiting, the fourth is refused, one who leaves makes room,
// and the others get their turn. The hook holds the slot, so nothing depends on time.
func TestBusy(t *testing.T) {
	held, entered := make(chan struct{}), make(chan struct{})
	h := newHasher(t, gate.HashOptions{Slots: 1, Queue: 2, Computed: func() {
		entered <- struct{}{}
		<-held
	}})
	done := make(chan error)
	hash := func(ctx context.Context) { _, err := h.Hash(ctx, "x"); done <- err }
	ctx := context.Background()
	go hash(ctx)
	<-entered // it has the slot now

	leaving, leave := context.WithCancel(ctx)
	go hash(leaving)
	go hash(ctx)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := h.Hash(gone, "x"); !errors.Is(err, context.Canceled) {
		t.Fatalf("without anybody to wait: %v", err)
	}
	gate.WaitQueued(h, 2)
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, gate.ErrBusy) {
		t.Fatalf("the fourth: %v", err)
	}
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("who left: %v", err)
	}
	go hash(ctx)
	gate.WaitQueued(h, 2)
	close(held)
	for range 3 {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			continue
		case <-entered:
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// 200 at once never have more than their slots, and each ends with a hash or ErrBusy.
func TestFlood(t *testing.T) {
	const slots, queue, n = 3, 5, 200
	var now, most atomic.Int64
	h := newHasher(t, gate.HashOptions{Slots: slots, Queue: queue, Rand: rand.Reader, Computed: func() {
		most.Store(max(most.Load(), now.Add(1)))
		now.Add(-1)
	}})
	var wg sync.WaitGroup
	var busy, done atomic.Int64
	start := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-start
			switch _, err := h.Hash(context.Background(), "x"); {
			case errors.Is(err, gate.ErrBusy):
				busy.Add(1)
			case err != nil:
				t.Error(err)
			default:
				done.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	if most.Load() > slots || done.Load() < 1 || busy.Load()+done.Load() != n {
		t.Errorf("%d at once, %d done, %d busy", most.Load(), done.Load(), busy.Load())
	}
	if _, err := h.Hash(context.Background(), "x"); err != nil {
		t.Errorf("after the flood: %v", err)
	}
	if got := h.Memory(); got != slots*64<<10 {
		t.Errorf("%d bytes", got)
	}
}

func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXP")
	f.Fuzz(func(t *testing.T, hash string) {
		if again, ok := gate.ReadHash(hash); ok {
			if twice, ok := gate.ReadHash(again); !ok || twice != again {
				t.Fatalf("%q: %q and then %q", hash, again, twice)
			}
		}
	})
}

func BenchmarkHash(b *testing.B) {
	for name, cost := range map[string]gate.Cost{"password": gate.PasswordCost, "code": gate.CodeCost} {
		b.Run(name, func(b *testing.B) {
			h, err := gate.NewHasher(gate.HashOptions{Cost: cost, Rand: rand.Reader})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := h.Hash(context.Background(), "vK7#mQz2!xLp"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
