package gate

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Address is a mail address that the gate can write to.
//
// Two spellings are one account when their Keys are equal, but mail goes only to the
// Typed one of the account: a stranger's spelling that happens to fold to the same Key
// must never become a recipient.
type Address struct {
	Typed string // the local part exactly as typed, the domain in lower case and ASCII
	Key   string // the same with the local part in lower case too: for uniqueness only
}

// Domain is what follows the @, in lower case and ASCII.
func (a Address) Domain() string { return a.Key[strings.LastIndexByte(a.Key, '@')+1:] }

// Local is what stands before the @, as typed.
func (a Address) Local() string { return a.Typed[:max(0, strings.LastIndexByte(a.Typed, '@'))] }

// AddressError is why something is no mail address. The value is a stable name, by which
// the interface finds its sentence; Error is the English one.
type AddressError string

// What can be wrong with an address.
const (
	AddressEmpty    AddressError = "empty"
	AddressLong     AddressError = "long"     // more than 254 octets, or 64 before the @
	AddressControls AddressError = "controls" // line ends, invisible signs
	AddressForm     AddressError = "form"     // a name, a comment, quotes, a list, doubled dots …
	AddressASCII    AddressError = "ascii"    // an international local part
	AddressDomain   AddressError = "domain"   // no host name that mail could reach
	AddressAlike    AddressError = "alike"    // a domain whose signs only look like another's
)

func (e AddressError) Error() string {
	switch e {
	case AddressEmpty:
		return "The address is empty."
	case AddressLong:
		return "The address is too long."
	case AddressControls:
		return "The address holds signs that cannot be seen. Type it instead of pasting it."
	case AddressASCII:
		return "Before the @ only unaccented Latin letters, digits and some signs can be used: mail to other addresses would often be lost."
	case AddressDomain:
		return "What follows the @ is not a domain that mail can be sent to."
	case AddressAlike:
		return "What follows the @ holds signs that only look like ordinary letters. Type it on a plain keyboard."
	}
	return "This is not one plain mail address, such as ana@paper.example."
}

// Octets, by RFC 5321 §4.5.3.1: a path has 256 with its angle brackets.
const (
	maxAddress = 254
	maxLocal   = 64
)

// ParseAddress reads what a visitor typed as one mail address, or returns an AddressError.
// Blanks around it are no mistake. It is stricter than RFC 5321, since what it lets pass
// goes into SMTP commands and headers: a dot-atom, an @, a registrable domain; no names,
// comments, quotes, lists, address literals, source routes or percent hacks.
//
// The local part is ASCII: mail to others needs SMTPUTF8 (RFC 6531) on every hop, and
// folding them is how U+212A K or U+0131 ı took over other people's accounts. A domain
// may be international. It is folded to lower case, but a sign that IDNA would map to an
// ASCII letter (K, full-width letters, ideographic full stops) is refused, so that no
// spelling silently becomes somebody else's domain.
func ParseAddress(s string) (Address, error) {
	if len(s) > 4*maxAddress {
		return Address{}, AddressLong
	}
	s = strings.Trim(s, " \t\u00a0\u202f\u3000")
	if s == "" {
		return Address{}, AddressEmpty
	}
	if !utf8.ValidString(s) || strings.IndexFunc(s, invisible) >= 0 {
		return Address{}, AddressControls
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || strings.Contains(domain, "@") {
		return Address{}, AddressForm
	}
	if len(local) > maxLocal || len(s) > maxAddress {
		return Address{}, AddressLong
	}
	if err := checkLocal(local); err != nil {
		return Address{}, err
	}
	domain, err := asciiDomain(domain)
	if err != nil {
		return Address{}, err
	}
	if err := checkPublic(domain); err != nil {
		return Address{}, err
	}
	a := Address{Typed: local + "@" + domain, Key: lowerASCII(local) + "@" + domain}
	if len(a.Typed) > maxAddress {
		return Address{}, AddressLong
	}
	return a, nil
}

// invisible tells of signs that no address has and nobody sees: controls (C0, C1, DEL),
// format characters (zero widths, direction marks), line and paragraph separators.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs, unicode.Co) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// checkLocal wants a dot-atom (RFC 5322 §3.2.3) without % and !, with which old relays
// were told to send mail on to somebody else.
func checkLocal(local string) error {
	for _, r := range local {
		switch {
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)):
			return AddressASCII
		case !isAlnum(r) && !strings.ContainsRune("#$&'*+-/=?^_`{|}~.", r):
			return AddressForm
		}
	}
	if local == "" || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return AddressForm
	}
	return nil
}

// asciiDomain is a domain in lower case with A-labels for international ones (RFC 5890).
func asciiDomain(s string) (string, error) {
	// Before NFC, which itself makes a plain K of U+212A.
	if strings.IndexFunc(s, mapsToASCII) >= 0 {
		return "", AddressAlike
	}
	s = norm.NFC.String(strings.Map(unicode.ToLower, s))
	for _, r := range s {
		if r < utf8.RuneSelf && !isAlnum(r) && r != '-' && r != '.' {
			return "", AddressForm // a comment, a list, a literal …
		}
	}
	labels := strings.Split(s, ".")
	for i, label := range labels {
		a, err := asciiLabel(label)
		if err != nil {
			return "", err
		}
		labels[i] = a
	}
	s = strings.Join(labels, ".")
	if len(s) > 253 {
		return "", AddressLong
	}
	return s, nil
}

func asciiLabel(label string) (string, error) {
	if label == "" || len(label) > 4*63 {
		return "", AddressDomain
	}
	if strings.IndexFunc(label, wide) < 0 && !strings.HasPrefix(label, "xn--") {
		// IDNA would refuse hyphens in the third and fourth place; such names exist.
		if len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", AddressDomain
		}
		return label, nil
	}
	// Registration refuses every sign that would have to be mapped, and A-labels that
	// are not the encoding of what they decode to; Lookup must then agree with it.
	a, err := idna.Registration.ToASCII(label)
	if err != nil || !strings.HasPrefix(a, "xn--") || len(a) > 63 {
		return "", AddressDomain
	}
	if again, err := idna.Lookup.ToASCII(label); err != nil || again != a {
		return "", AddressDomain
	}
	if u, err := idna.Registration.ToUnicode(a); err != nil || strings.IndexFunc(u, wide) < 0 {
		return "", AddressDomain // an A-label that hides plain ASCII
	}
	return a, nil
}

// checkPublic wants a domain of two labels or more that cannot be read as a number.
func checkPublic(domain string) error {
	if _, err := netip.ParseAddr(domain); err == nil {
		return AddressDomain
	}
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if len(top) == len(domain) || len(top) < 2 || strings.Trim(top, "0123456789") == "" {
		return AddressDomain
	}
	return nil
}

// mapsToASCII tells whether case or compatibility would make a sign an ASCII one, wholly
// or in part: ToLower of K is k and that of İ is i, ToUpper of ſ is S. Letters with
// accents are not meant: they are composed, not compatible.
func mapsToASCII(r rune) bool {
	return r >= utf8.RuneSelf && (r == '。' || !wide(unicode.ToLower(r)) || !wide(unicode.ToUpper(r)) ||
		strings.ContainsFunc(norm.NFKC.String(string(r)), func(r rune) bool { return !wide(r) }))
}

func wide(r rune) bool { return r >= utf8.RuneSelf }

func lowerASCII(s string) string { return strings.Map(lowerRune, s) }

func lowerRune(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// reservedDomains never have a mailbox of the public: RFC 2606, 6761, 6762, 7686, 8375,
// 9476 and the name that ICANN keeps for private networks.
var reservedDomains = []string{
	"example", "example.com", "example.net", "example.org",
	"test", "invalid", "localhost", "local", "onion", "alt", "internal", "arpa",
}

// Domains says to whose domains the gate never writes. An entry stands for the domain
// and all below it, in any case and script; a dot or "*." before it is allowed.
type Domains struct {
	Refuse []string // besides the reserved ones
	Allow  []string // although refused or reserved: it wins over both
}

// Refused tells whether no account may have an address. It asks nothing but the name, so
// that callers can judge it before they look anything up: the answer for an address that
// has an account is then the one for an address that has none.
func (d Domains) Refused(a Address) bool {
	domain := a.Domain()
	if within(domain, d.Allow) {
		return false
	}
	return within(domain, reservedDomains) || within(domain, d.Refuse)
}

func within(domain string, list []string) bool {
	for _, entry := range list {
		entry = strings.TrimPrefix(strings.TrimPrefix(strings.Trim(entry, " \t"), "*"), ".")
		name, err := asciiDomain(entry)
		if err != nil {
			continue // an operator's slip, of which Check tells
		}
		if domain == name || strings.HasSuffix(domain, "."+name) {
			return true
		}
	}
	return false
}

// Check returns the first entry that is no domain, "" when all are.
func (d Domains) Check() string {
	for _, list := range [][]string{d.Refuse, d.Allow} {
		for _, entry := range list {
			if _, err := asciiDomain(strings.TrimPrefix(strings.TrimPrefix(strings.Trim(entry, " \t"), "*"), ".")); err != nil {
				return entry
			}
		}
	}
	return ""
}
