package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Prefix is where the signed addresses begin.
const Prefix = "/files/"

// minSecret is the length of what HMAC-SHA-256 makes: a shorter key would be the weakest
// part (RFC 2104 §3).
const minSecret = sha256.Size

// maxLink keeps what strangers send from being hashed at length. Our own links have some
// 300 bytes.
const maxLink = 2048

// ErrRefused says that a link is not ours, was changed, or is over. It does not say which.
var ErrRefused = errors.New("this link is not valid")

// Key signs links. Two or more live side by side while one takes over from another.
type Key struct {
	ID     string    // stands in the link; letters, digits, hyphens
	Secret []byte    // at least 32 random bytes
	From   time.Time // signs from then on
	Until  time.Time // links signed with it are refused from then on; zero: never
}

// String names the key and leaves out the secret, and so does LogValue.
func (k Key) String() string { return "key " + k.ID }

// LogValue is what the log shows of a key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

func (k Key) over(now time.Time) bool { return !k.Until.IsZero() && !now.Before(k.Until) }

// Grant is what a link proves.
type Grant struct {
	ID       string    // of the grant, for the audit; says nothing to a stranger
	Account  string    // a pseudonym of the account, by which transfers are counted
	Download string    // id of the download, "<video id>/<rendition>"
	Expires  time.Time // a transfer may start before; whole seconds
}

// Keyring signs links and verifies them. Its keys can be changed while it is in use:
// requests under way see the old keys or the new ones, never a mixture.
type Keyring struct{ keys atomic.Pointer[[]Key] }

// NewKeyring returns a keyring with these keys; see Set.
func NewKeyring(keys ...Key) (*Keyring, error) {
	k := &Keyring{}
	return k, k.Set(keys...)
}

// Set replaces the keys. To rotate, first give every instance the new key beside the old
// one, with a From that lies ahead; remove the old key when its last links are over. On
// an error the old keys stay.
func (k *Keyring) Set(keys ...Key) error {
	if len(keys) == 0 {
		return errors.New("sign links: no key")
	}
	own := make([]Key, 0, len(keys))
	for _, key := range keys {
		switch {
		case key.ID == "" || url.QueryEscape(key.ID) != key.ID:
			return fmt.Errorf("sign links: %q cannot be the id of a key", key.ID)
		case len(key.Secret) < minSecret:
			return fmt.Errorf("sign links: %s has a secret of %d bytes, want %d", key, len(key.Secret), minSecret)
		case slices.ContainsFunc(own, func(o Key) bool { return o.ID == key.ID }):
			return fmt.Errorf("sign links: two keys have the id %q", key.ID)
		}
		key.Secret = slices.Clone(key.Secret)
		own = append(own, key)
	}
	k.keys.Store(&own)
	return nil
}

// Link returns the address, path and query, at which the grant is honoured until it
// expires. The name is the last part of the path and only there for the eye and for
// programs that call a file by its address. It signs with the newest key whose From has
// come, and fails when there is none.
func (k *Keyring) Link(g Grant, name string, now time.Time) (string, error) {
	var key Key
	for _, c := range *k.keys.Load() {
		if !c.From.After(now) && !c.over(now) && (key.ID == "" || !c.From.Before(key.From)) {
			key = c
		}
	}
	if key.ID == "" {
		return "", errors.New("sign link: no key is in force now")
	}
	var path strings.Builder
	path.WriteString(Prefix)
	for part := range strings.SplitSeq(g.Download, "/") {
		path.WriteString(url.PathEscape(part))
		path.WriteByte('/')
	}
	path.WriteString(url.PathEscape(name))
	query := "account=" + url.QueryEscape(g.Account) +
		"&expires=" + strconv.FormatInt(g.Expires.Unix(), 10) +
		"&grant=" + url.QueryEscape(g.ID) +
		"&key=" + key.ID
	return path.String() + "?" + query + "&signature=" + sign(key.Secret, path.String(), query), nil
}

// parameters of a link, all of them, once each, in this order.
var parameters = [...]string{"account=", "expires=", "grant=", "key=", "signature="}

// Verify reads the grant out of a request for a link. Path and query are as they were
// sent, escapes and all: what is signed is the text of the link, so there is one way to
// write it and every other is refused. A link for GET is good for HEAD too. Any error is
// ErrRefused.
func (k *Keyring) Verify(method, path, query string, now time.Time) (Grant, error) {
	if method != http.MethodGet && method != http.MethodHead || len(path)+len(query) > maxLink {
		return Grant{}, ErrRefused
	}
	parts := strings.Split(query, "&")
	if len(parts) != len(parameters) {
		return Grant{}, ErrRefused
	}
	for i, name := range parameters {
		var ok bool
		if parts[i], ok = strings.CutPrefix(parts[i], name); !ok {
			return Grant{}, ErrRefused
		}
	}
	// An unknown key costs as much time as a known one. The key of zeros that stands in
	// for it is no secret: found refuses what was signed with it.
	secret, found := make([]byte, minSecret), false
	for _, key := range *k.keys.Load() {
		if key.ID == parts[3] && !key.over(now) {
			secret, found = key.Secret, true
		}
	}
	want := sign(secret, path, query[:strings.LastIndexByte(query, '&')])
	if !hmac.Equal([]byte(want), []byte(parts[4])) || !found {
		return Grant{}, ErrRefused
	}
	return read(path, parts, now)
}

// read takes apart a link that we signed; the errors are those of an expired one, and of
// a program of ours that signed what it should not have.
func read(path string, parts []string, now time.Time) (Grant, error) {
	rest, ok := strings.CutPrefix(path, Prefix)
	cut := strings.LastIndexByte(rest, '/')
	expires, err := strconv.ParseInt(parts[1], 10, 64)
	if !ok || cut < 0 || err != nil {
		return Grant{}, ErrRefused
	}
	g := Grant{Expires: time.Unix(expires, 0).UTC()}
	if !now.Before(g.Expires) {
		return Grant{}, ErrRefused
	}
	var errs [3]error
	g.Download, errs[0] = url.PathUnescape(rest[:cut])
	g.Account, errs[1] = url.QueryUnescape(parts[0])
	g.ID, errs[2] = url.QueryUnescape(parts[2])
	if errors.Join(errs[:]...) != nil {
		return Grant{}, ErrRefused
	}
	return g, nil
}

// sign is the signature of a link's text up to it. The first line keeps the signature
// from meaning anything elsewhere; no part can hold the newline that parts them.
func sign(secret []byte, path, query string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("pressroom file 1\nGET\n" + path + "\n" + query))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
