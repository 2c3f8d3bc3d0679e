package gate

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// ErrBusy is what a Hasher says when too many wait for it: the visitor should try again
// in some seconds, and the others are served meanwhile.
var ErrBusy = errors.New("too many passwords are being checked at once")

// Cost is what one hash takes.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// The costs of passwords, which OWASP's cheat sheet recommends, and of codes, which live
// for half an hour, have few guesses, and are peppered with a key besides.
var (
	PasswordCost = Cost{Memory: 19 << 10, Passes: 2, Threads: 1}
	CodeCost     = Cost{Memory: 7 << 10, Passes: 1, Threads: 1}
)

// The largest that a stored hash may ask for: whoever could write one row must not be able
// to stop the server with it.
const (
	maxHashMemory = 128 << 10 // KiB
	maxHashPasses = 16
	maxHashSize   = 64 // bytes of salt or key
)

const (
	saltSize = 16
	keySize  = 32
)

// Hasher makes and checks argon2id hashes (RFC 9106) in PHC strings. So many are computed
// at once and so many wait their turn; what comes then is refused, so that a flood costs
// memory for a few hashes and not for all. Each hash's memory is garbage as soon as it is
// done, and the collector would let about as much pile up as is in use: a server sets a
// memory limit (debug.SetMemoryLimit, GOMEMLIMIT) of Memory and some 48 MiB for the rest.
type Hasher struct {
	cost     Cost
	rand     io.Reader
	computed func()
	slots    chan struct{}
	queue    chan struct{}
	dummy    string
}

// HashOptions are how a Hasher works; zero values are the defaults.
type HashOptions struct {
	Cost     Cost      // PasswordCost
	Rand     io.Reader // of salts; required
	Slots    int       // hashes at once; twice as many as processors
	Queue    int       // waiting ones; 64
	Computed func()    // is called after every computation; may be nil
}

// NewHasher makes a Hasher. It fails without randomness and for a cost that it would
// itself refuse to check.
func NewHasher(o HashOptions) (*Hasher, error) {
	if o.Cost == (Cost{}) {
		o.Cost = PasswordCost
	}
	if o.Slots == 0 {
		o.Slots = 2 * runtime.GOMAXPROCS(0)
	}
	if o.Queue == 0 {
		o.Queue = 64
	}
	if err := o.Cost.check(); err != nil {
		return nil, err
	}
	h := &Hasher{cost: o.Cost, rand: o.Rand, computed: o.Computed, slots: make(chan struct{}, o.Slots), queue: make(chan struct{}, o.Queue)}
	salt, key := make([]byte, saltSize), make([]byte, keySize)
	for _, b := range [][]byte{salt, key} {
		if _, err := io.ReadFull(o.Rand, b); err != nil {
			return nil, fmt.Errorf("make a dummy hash: %w", err)
		}
	}
	h.dummy = phc{h.cost, salt, key}.String()
	return h, nil
}

// Dummy is a hash of nothing that anybody knows, at the present cost. Verify it for an
// account that is not there: it takes as long as for one that is, and is never right.
func (h *Hasher) Dummy() string { return h.dummy }

// Memory is what all slots need together, in bytes.
func (h *Hasher) Memory() int64 { return int64(cap(h.slots)) * int64(h.cost.Memory) << 10 }

// Hash makes the hash of a password with a salt of its own. It returns ErrBusy when too
// many wait, and the context's error when the visitor left.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	p := phc{cost: h.cost, salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(h.rand, p.salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	key, err := h.compute(ctx, password, p, keySize)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// Verify tells whether a password is the hashed one, in a time that does not depend on
// how much of it is right. rehash is true when it is, and the hash was made at another
// cost than today's: then Hash it again and keep that. Errors are those of Hash, and one
// for a hash that cannot be read, which an operator should look at.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok, rehash bool, err error) {
	p, err := parsePHC(hash)
	if err != nil {
		return false, false, err
	}
	key, err := h.compute(ctx, password, p, len(p.key))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(key, p.key) == 1
	return ok, ok && (p.cost != h.cost || len(p.salt) != saltSize || len(p.key) != keySize), nil
}

// compute waits for a slot and hashes. Passwords are compared in NFKC (NIST SP 800-63B
// §3.1.1.2): keyboards differ in how they write é, and people do not.
func (h *Hasher) compute(ctx context.Context, password string, p phc, size int) ([]byte, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	key := argon2.IDKey([]byte(normal(password)), p.salt, p.cost.Passes, p.cost.Memory, p.cost.Threads, uint32(size))
	if h.computed != nil {
		h.computed()
	}
	return key, nil
}

// longestWait is less than the time that a page has for its answer: who would wait longer
// is told to come back instead of being cut off.
const longestWait = 10 * time.Second

// acquire takes a slot, first come first served.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	release = sync.OnceFunc(func() { <-h.slots })
	select {
	case h.slots <- struct{}{}:
		return release, nil
	default:
	}
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return release, nil
	case <-time.After(longestWait):
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func normal(password string) string { return norm.NFKC.String(password) }

func (c Cost) check() error {
	// Argon2 wants eight blocks for each thread (RFC 9106 §3.1).
	if c.Passes < 1 || c.Passes > maxHashPasses || c.Threads < 1 || c.Threads > 16 ||
		c.Memory < 8*uint32(c.Threads) || c.Memory > maxHashMemory {
		return fmt.Errorf("argon2 with %d KiB, %d passes and %d threads is out of bounds", c.Memory, c.Passes, c.Threads)
	}
	return nil
}

// phc is a hash with all that is needed to compute it again, as a PHC string:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key, both in base64 without padding.
type phc struct {
	cost      Cost
	salt, key []byte
}

func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.Memory, p.cost.Passes, p.cost.Threads,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.key))
}

// parsePHC reads a stored hash. Its errors never show it.
func parsePHC(s string) (p phc, err error) {
	fail := func(what string) (phc, error) { return phc{}, fmt.Errorf("read a password hash: %s", what) }
	parts := strings.Split(s, "$")
	if len(s) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return fail("it is not an argon2id one")
	}
	if parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return fail("it has another version")
	}
	params := strings.Split(parts[3], ",")
	if len(params) != 3 {
		return fail("its parameters are not m, t and p")
	}
	var n [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(params[i], name)
		if n[i], err = strconv.ParseUint(digits, 10, 32); err != nil || !ok {
			return fail("its parameters are not m, t and p")
		}
	}
	if n[2] > 255 {
		return fail("its parameters are out of bounds")
	}
	p.cost = Cost{uint32(n[0]), uint32(n[1]), uint8(n[2])}
	if err := p.cost.check(); err != nil {
		return fail(err.Error())
	}
	for i, b := range []*[]byte{&p.salt, &p.key} {
		if *b, err = base64.RawStdEncoding.Strict().DecodeString(parts[4+i]); err != nil || len(*b) < 8 || len(*b) > maxHashSize {
			return fail("its salt or key is damaged")
		}
	}
	return p, nil
}
