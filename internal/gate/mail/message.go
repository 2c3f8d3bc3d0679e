package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Message is one mail to one person, as it is sent. The same Message makes the same
// bytes, so that a second copy of a letter is known as one.
type Message struct {
	ID       string // of the letter; names the file in a Folder, and the MIME parts
	From     Sender
	To       string // bare: a name would be the reader's own words
	Subject  string
	Date     time.Time
	Language string // BCP 47
	Text     string // lines end in "\n"
	HTML     string
	Headers  []Header // further ones, in this order
}

// Sender is who mails come from.
type Sender struct {
	Name    string // shown to readers; may be empty
	Address string
}

// Header is a field of a mail's header. Its value has no line breaks.
type Header struct{ Name, Value string }

// MessageID is the mail's Message-ID, with its angle brackets. It is made of the
// letter's id and the sender's domain.
func (m Message) MessageID() string {
	_, domain, _ := strings.Cut(m.From.Address, "@")
	return "<" + m.ID + "@" + domain + ">"
}

// Check tells whether the mail can be sent at all: both addresses are ones that
// CheckAddress takes, nothing in the header can end its line, and Headers has none of
// the fields that are the mail's own.
func (m Message) Check() error {
	if m.ID == "" || strings.Trim(m.ID, idSigns) != "" {
		return fmt.Errorf("the letter's id %q has other signs than letters, digits, - and _", m.ID)
	}
	if err := CheckAddress(m.From.Address); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := CheckAddress(m.To); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	once := map[string]bool{}
	for _, name := range []string{"Date", "To", "Cc", "Bcc", "Sender", "Message-Id", "Mime-Version", "Content-Type", "Content-Transfer-Encoding"} {
		once[name] = true
	}
	for _, h := range append([]Header{{"Subject", m.Subject}, {"From", m.From.Name}, {"Content-Language", m.Language}}, m.Headers...) {
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		if once[name] {
			return fmt.Errorf("header %s is there twice, or not for the taking", h.Name)
		}
		once[name] = true
		if h.Name == "" || len(h.Name) > 40 || strings.Trim(h.Name, idSigns) != "" { // 40, so that an encoded word has room on its line
			return fmt.Errorf("%q is no name of a header", h.Name)
		}
		if !utf8.ValidString(h.Value) || strings.ContainsFunc(h.Value, breaksLine) {
			return fmt.Errorf("header %s has a line break or a control character", h.Name)
		}
	}
	if m.Subject == "" || m.Text == "" || m.Date.IsZero() {
		return errors.New("a mail needs a subject, a text and a date")
	}
	return nil
}

const idSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// breaksLine tells whether some reader might end a line at a sign, or hide it: control
// characters, and the separators of Unicode.
func breaksLine(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029'
}

// CheckAddress tells whether mails go to an address: one local part of plain atoms, by
// RFC 5321 §4.1.2 or, beyond ASCII, RFC 6531, and one domain in its ASCII form. Quoted
// local parts are lawful and refused: what stands between their quotes has been taken
// for a second recipient or a parameter (CVE-2025-59937). So are comments, names and
// literal IP addresses.
func CheckAddress(address string) error {
	local, domain, found := strings.Cut(address, "@")
	switch {
	case !found || local == "" || domain == "":
		return errors.New("an address is a local part, @ and a domain")
	case len(local) > 64 || len(address) > 254: // RFC 5321 §4.5.3.1
		return errors.New("the address is too long")
	case strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, ".."):
		return errors.New("the local part has a dot at its end or two in a row")
	case strings.ContainsFunc(local, func(r rune) bool { return !isAtom(r) }):
		return errors.New("the local part has signs that need quotes")
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.Trim(label, strings.TrimSuffix(idSigns, "_")) != "" {
			return errors.New("the domain is not one of letters, digits and hyphens between dots")
		}
	}
	return nil
}

// isAtom tells whether a sign may stand in a local part without quotes.
func isAtom(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.ContainsRune(idSigns+".!#$%&'*+/=?^`{|}~", r)
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// needsUTF8 tells whether the server must know SMTPUTF8 to take the mail.
func (m Message) needsUTF8() bool { return !isASCII(m.To) || !isASCII(m.From.Address) }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// Bytes writes the mail out: a header and two parts, the text and the HTML, in UTF-8
// and quoted-printable, with lines that end in CRLF. The error is that of Check.
func (m Message) Bytes() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("write mail %s: %w", m.ID, err)
	}
	// An underscore after an equals sign is in no quoted-printable text.
	sum := sha256.Sum256([]byte(m.MessageID()))
	boundary := "=_" + hex.EncodeToString(sum[:12])

	var b bytes.Buffer
	header := func(name, value string) { b.WriteString(fold(name+": "+value) + "\r\n") }
	header("Date", m.Date.UTC().Format(time.RFC1123Z))
	from := "<" + m.From.Address + ">"
	if m.From.Name != "" {
		from = phrase(m.From.Name) + " " + from
	}
	header("From", from)
	header("To", "<"+m.To+">")
	header("Subject", unstructured(m.Subject, len("Subject: ")))
	header("Message-ID", m.MessageID())
	if m.Language != "" {
		header("Content-Language", m.Language)
	}
	for _, h := range m.Headers {
		header(h.Name, unstructured(h.Value, len(h.Name)+2))
	}
	header("MIME-Version", "1.0")
	header("Content-Type", mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": boundary}))
	b.WriteString("\r\n")

	parts := multipart.NewWriter(&b)
	if err := parts.SetBoundary(boundary); err != nil {
		return nil, fmt.Errorf("write mail %s: %w", m.ID, err)
	}
	for _, part := range []struct{ kind, content string }{{"plain", m.Text}, {"html", m.HTML}} {
		if part.content == "" {
			continue
		}
		// Writes to a bytes.Buffer cannot fail.
		w, _ := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {"text/" + part.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		q := quotedprintable.NewWriter(w)
		q.Write([]byte(part.content))
		q.Close()
	}
	parts.Close()
	return b.Bytes(), nil
}

// fold breaks a header's line before spaces, so that no part of it is longer than 78
// signs (RFC 5322 §2.1.1) unless a single word is. Without the breaks it is the same.
func fold(line string) string {
	var b strings.Builder
	for len(line) > 78 {
		// The name stays with the first word: some readers take a line that ends at the colon for an empty field.
		first := strings.IndexByte(line, ' ') + 1
		if b.Len() > 0 {
			first = 1
		}
		at := strings.LastIndexByte(line[:79], ' ')
		if at < first {
			next := strings.IndexByte(line[first:], ' ')
			if next < 0 {
				break
			}
			at = first + next
		}
		if strings.TrimLeft(line[at:], " ") == "" {
			break // a line of blanks alone is no continuation
		}
		b.WriteString(line[:at] + "\r\n")
		line = line[at:]
	}
	return b.String() + line
}

// unstructured writes a header's text, in encoded words when it is not ASCII. first is
// how much of its line is taken.
func unstructured(s string, first int) string {
	if isPlain(s) {
		return s
	}
	return encodedWords(s, first)
}

// isPlain tells whether a text comes out of a header as it went in: what looks like an
// encoded word would be read as one, and blanks at an end or in a row be lost.
func isPlain(s string) bool {
	return isASCII(s) && !strings.Contains(s, "=?") && !strings.Contains(" "+s+" ", "  ")
}

// phrase writes a name before an address.
func phrase(s string) string {
	if isPlain(s) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return encodedWords(s, len("From: "))
}

// encodedWords writes a text by RFC 2047 in the Q encoding. Each word is at most 75
// signs long, the first shorter by what its line already holds.
func encodedWords(s string, first int) string {
	const start, end = "=?utf-8?q?", "?="
	room := 75 - first - len(start) - len(end)
	var words []string
	var word strings.Builder
	for _, r := range s {
		sign := q(r)
		if word.Len()+len(sign) > room {
			words = append(words, start+word.String()+end)
			word.Reset()
			room = 75 - len(start) - len(end)
		}
		word.WriteString(sign)
	}
	return strings.Join(append(words, start+word.String()+end), " ")
}

// q encodes a sign as a phrase allows (RFC 2047 §5 (3)).
func q(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r < utf8.RuneSelf && r != '_' && strings.ContainsRune(idSigns+"!*+/", r):
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "=%02X", c)
	}
	return b.String()
}
