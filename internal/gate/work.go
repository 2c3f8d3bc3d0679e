package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Puzzle asks a browser for some work before it may go on: cheap for one reader, dear for
// who sprays thousands. It keeps nothing. A challenge carries its own conditions, signed;
// the caller remembers only which ones were spent.
//
// The browser looks for the whole number n = 0, 1, 2 … for which
//
//	SHA-256(challenge + ":" + n)
//
// begins with at least so many zero bits, where the challenge is used as the ASCII text it
// is and n is written in decimal without leading zeros. The answer is "challenge:n". The
// number of bits stands in the challenge, after its first dot: "1.18.…". On average
// 2^bits hashes are needed: 18 bits are about half a second of a telephone.
type Puzzle struct {
	Key  []byte        // secret, of at least 16 bytes
	Bits int           // zero bits wanted of new challenges, 1 to 32
	Life time.Duration // half open
	Rand io.Reader
}

// WorkLife is how long a challenge is good for unless somebody says otherwise.
const WorkLife = 10 * time.Minute

// Why work was not accepted.
var (
	ErrWorkForm  = errors.New("no answer to a challenge of ours")
	ErrWorkStale = errors.New("the challenge has expired")
	ErrWorkWrong = errors.New("the answer does not solve the challenge")
)

// Work is a solved challenge. Whoever takes it remembers the ID until then, and takes it
// only once.
type Work struct {
	ID    string
	Until time.Time
}

// workSkew is by how much a challenge may seem to come from the future: two databases'
// clocks, or one that stepped back.
const workSkew = time.Minute

// NewChallenge makes a challenge for a purpose ("login", "register" …) and a network. It
// cannot be moved to another.
func (p Puzzle) NewChallenge(now time.Time, purpose, network string) (string, error) {
	if p.Bits < 1 || p.Bits > 32 || p.Life <= 0 || len(p.Key) < 16 {
		return "", fmt.Errorf("make a puzzle: %d bits, life %v, a key of %d bytes", p.Bits, p.Life, len(p.Key))
	}
	var b [12]byte
	if _, err := io.ReadFull(p.Rand, b[:]); err != nil {
		return "", fmt.Errorf("make a puzzle: %w", err)
	}
	head := fmt.Sprintf("1.%d.%d.%s", p.Bits, now.Add(p.Life).Unix(), base64.RawURLEncoding.EncodeToString(b[:]))
	return head + "." + p.sign(head, purpose, network), nil
}

func (p Puzzle) sign(head, purpose, network string) string {
	return base64.RawURLEncoding.EncodeToString(mac(p.Key, "challenge", head, purpose, network)[:18])
}

// CheckWork judges the answer to a challenge that was made for this purpose and network,
// and returns what identifies it. Life and difficulty are those of when it was made.
func (p Puzzle) CheckWork(now time.Time, purpose, network, answer string) (Work, error) {
	challenge, n, ok := strings.Cut(answer, ":")
	if !ok || len(challenge) > 128 || len(p.Key) < 16 {
		return Work{}, ErrWorkForm
	}
	i := strings.LastIndexByte(challenge, '.')
	if i < 0 || !hmac.Equal([]byte(challenge[i+1:]), []byte(p.sign(challenge[:i], purpose, network))) {
		return Work{}, ErrWorkForm
	}
	// The head is our own from here on, but still read with care.
	parts := strings.Split(challenge[:i], ".")
	if len(parts) != 4 {
		return Work{}, ErrWorkForm
	}
	zeros, err1 := strconv.Atoi(parts[1])
	end, err2 := strconv.ParseInt(parts[2], 10, 64)
	// One spelling of each number, up to what JavaScript counts to without loss.
	v, err3 := strconv.ParseUint(n, 10, 53)
	if err1 != nil || err2 != nil || err3 != nil || strconv.FormatUint(v, 10) != n {
		return Work{}, ErrWorkForm
	}
	until := time.Unix(end, 0).UTC()
	if !now.Before(until) || until.After(now.Add(p.Life+workSkew)) {
		return Work{}, ErrWorkStale
	}
	sum := sha256.Sum256([]byte(answer))
	if leadingZeros(sum[:]) < zeros {
		return Work{}, ErrWorkWrong
	}
	id := sha256.Sum256([]byte(challenge))
	return Work{ID: hex.EncodeToString(id[:16]), Until: until}, nil
}

func leadingZeros(b []byte) (n int) {
	for _, v := range b {
		n += bits.LeadingZeros8(v)
		if v != 0 {
			break
		}
	}
	return n
}
