// Package gate holds the rules of the companion: accounts and how they are made, codes,
// sessions, downloads, the newsletter, the outbox, the audit and all limits. In come what
// a visitor asked for and who asks; out come a value or a Refusal. It knows neither SQL
// nor HTTP nor SMTP: rows lie in a Store, pages are made of what it returns, letters are
// carried by a courier. Its clock is the database's and its randomness is a field.
//
// Every rule that guards an address holds for addresses that nobody has, too: whoever
// asks cannot learn which ones have an account.
package gate

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"pressroom/internal/catalogue"
)

// Gate is the companion's rules over its store. All fields but the hooks are required.
type Gate struct {
	Store     Store
	Keys      *Keys
	Passwords *Hasher // slow: of passwords
	Codes     *Hasher // cheaper: a code has few guesses and half an hour
	Policy    Policy
	Domains   Domains
	Limits    Limits
	Rand      io.Reader

	// Download finds what the newsroom offers, by id.
	Download func(id string) (catalogue.Download, bool)

	// Posted is told that a letter waits; may be nil.
	Posted func()
	// Observed is told what happened and how it ended, for the metrics; may be nil.
	Observed func(what, result string)

	late     lateGrants
	refusals refusalCount
	names    atomic.Pointer[[]string]
}

// UseSiteNames says what the site is called, which no password may be made of.
func (g *Gate) UseSiteNames(names ...string) { g.names.Store(&names) }

// Visitor is who asks, as far as anybody knows.
type Visitor struct {
	Network  string // the address, grouped as the limits count it
	Coarse   string // the network as the list of sessions shows it
	Agent    string // "Firefox on Linux"
	Language string // of the page
	Request  string // id of the request
	Work     string // the answer to a puzzle; "" when none was asked for
}

// Limits are how much anybody may ask for. Each stops a different flood; see the field.
type Limits struct {
	CodeLife time.Duration // from the moment it was asked for; half open
	FlowLife time.Duration // then a pending registration is forgotten

	Guesses        int   // wrong ones for one code
	GuessesAddress Limit // for all codes of one address: the chance of a takeover by guessing
	GuessesNetwork Limit // over all addresses, then a puzzle: a spray from one place
	GuessesAll     Limit // over everything, then a puzzle for everybody: a spray from a botnet

	WorkBits int // of a puzzle

	MailGap     time.Duration // between two mails to one address
	MailAddress []Limit       // mails to one address, whoever asks and by whatever form
	MailNetwork Limit
	MailAll     Limit

	LoginFree    int           // wrong passwords before the brake: then 1, 2, 4 … seconds
	LoginWindow  time.Duration // after which they are forgotten
	LoginSlowest time.Duration
	LoginNetwork Limit // wrong passwords from one network
	LoginAddress Limit // for one address, from networks that its owner never came from
	Familiar     time.Duration

	SessionIdle time.Duration
	SessionLife time.Duration
	Fresh       time.Duration // how long a typed password counts for what cannot be undone

	BytesDaily    int64 // of granted downloads, each counted once a day
	GrantsAccount Limit // links made for one account, each of which is written down

	LetterLife time.Duration // of letters without a code, while no server takes them
}

// Limit is so many in so long.
type Limit struct {
	Max int
	Per time.Duration
}

// DefaultLimits are those of an institution of ordinary size. With six digits and ten
// guesses for an address and day, a takeover by guessing has a chance of 10⁻⁵.
func DefaultLimits() Limits {
	const day = 24 * time.Hour
	return Limits{
		CodeLife: 30 * time.Minute, FlowLife: day,
		Guesses: 5, GuessesAddress: Limit{10, day}, GuessesNetwork: Limit{30, time.Hour}, GuessesAll: Limit{300, time.Hour}, WorkBits: 18,
		MailGap: time.Minute, MailAddress: []Limit{{5, time.Hour}, {10, day}}, MailNetwork: Limit{20, time.Hour}, MailAll: Limit{600, time.Hour},
		LoginFree: 5, LoginWindow: time.Hour, LoginSlowest: time.Minute,
		LoginNetwork: Limit{30, 10 * time.Minute}, LoginAddress: Limit{100, time.Hour}, Familiar: 90 * day,
		SessionIdle: 7 * day, SessionLife: 30 * day, Fresh: 10 * time.Minute,
		BytesDaily: 500 << 30, GrantsAccount: Limit{600, time.Hour}, LetterLife: 2 * day,
	}
}

// view reads, and returns what f finds.
func view[T any](ctx context.Context, g *Gate, f func(Tx) (T, error)) (v T, err error) {
	err = g.Store.View(ctx, func(tx Tx) error { v, err = f(tx); return err })
	return v, err
}

// found is nil without an error for a row that is not there.
func found[T any](row *T, err error) (*T, error) {
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return row, err
}

// newToken makes a secret of 256 bits for a cookie or a link.
func (g *Gate) newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(g.Rand, b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// tokenID is how a token stands in the database: whoever reads the row cannot use it. A
// token has 256 random bits, so a plain hash is enough.
func tokenID(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// newID makes the random name of a row: 120 bits, 24 letters.
func (g *Gate) newID() (string, error) {
	b := make([]byte, 15)
	if _, err := io.ReadFull(g.Rand, b); err != nil {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(b)), nil
}

func (g *Gate) posted() {
	if g.Posted != nil {
		g.Posted()
	}
}

func (g *Gate) observed(what, result string) {
	if g.Observed != nil {
		g.Observed(what, result)
	}
}
