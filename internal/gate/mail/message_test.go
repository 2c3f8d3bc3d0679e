package mail

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func message() Message {
	return Message{
		ID: "k7Qp2v", From: Sender{"Newsroom", "noreply@press.example"}, To: "reader@desk.example",
		Subject: "Your code", Date: time.Date(2024, 5, 27, 14, 0, 0, 123e6, time.UTC), Language: "en",
		Text: "Hello\n\n042719\n", HTML: "<p>042719</p>\n",
	}
}

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{"a@b", "jane.o'neil+tag@desk.example", "rené@desk.example", "中文@xn--fiq228c.example", "!#$%&'*+-/=?^_`{|}~@a-b.example", strings.Repeat("a", 64) + "@b.example"} {
		if err := CheckAddress(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "a", "@", "a@", "@b", "a@b@c", "a b@c", " a@b", "a@b ", "a@b,c@d", "a@b;c@d", "<a@b>", "a@b>", "Jane <a@b>", "a(comment)@b", "a@b(comment)",
		`"a b"@c`, `"a"@b`, `"a> ORCPT=rfc822;x@y"@b`, `a" ORCPT=x"@b`, `a\@b`, "a@b> ORCPT=x", "a@b> NOTIFY=SUCCESS", "a> <x@y>@b",
		"a\r\nRCPT TO:<x@y>@b", "a@b\r\nDATA", "a@b\n", "a\x00@b", "a@b\x00", "a\u2028@b", "a@b\u2029", "a\u0085@b", "a\u00a0b@c", "a\u200bb@c", "a\u202eb@c", "a@b\u3002c", "a\xff@b",
		".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b_c", "a@[127.0.0.1]", "a@bücher.example", "a@\u212abc.example", "a%0d%0a@b%0d%0a",
		strings.Repeat("a", 65) + "@b", "a@" + strings.Repeat("b", 64), "a@" + strings.Repeat("bbb.", 70) + "b",
	} {
		if err := CheckAddress(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := message().Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Message){
		"no id":                 func(m *Message) { m.ID = "" },
		"path as id":            func(m *Message) { m.ID = "../x" },
		"line in id":            func(m *Message) { m.ID = "x>\r\nBcc: <a@b" },
		"no recipient":          func(m *Message) { m.To = "" },
		"two recipients":        func(m *Message) { m.To = "a@b,c@d" },
		"line in recipient":     func(m *Message) { m.To = "a@b\r\nBcc: c@d" },
		"no sender":             func(m *Message) { m.From.Address = "" },
		"line in sender's name": func(m *Message) { m.From.Name = "x\r\nBcc: c@d" },
		"line in subject":       func(m *Message) { m.Subject = "x\nBcc: c@d" },
		"return in subject":     func(m *Message) { m.Subject = "x\rBcc: c@d" },
		"NUL in subject":        func(m *Message) { m.Subject = "x\x00y" },
		"U+2028 in subject":     func(m *Message) { m.Subject = "x\u2028Bcc: c@d" },
		"bad UTF-8 in subject":  func(m *Message) { m.Subject = "x\xff" },
		"no subject":            func(m *Message) { m.Subject = "" },
		"line in language":      func(m *Message) { m.Language = "en\r\nBcc: c@d" },
		"line in header":        func(m *Message) { m.Headers = []Header{{"List-Id", "x\r\nBcc: c@d"}} },
		"name of header":        func(m *Message) { m.Headers = []Header{{"Bcc: c@d\r\nX", "x"}} },
		"colon in header":       func(m *Message) { m.Headers = []Header{{"Bcc:", "x"}} },
		"long name of header":   func(m *Message) { m.Headers = []Header{{strings.Repeat("X", 41), "x"}} },
		"empty header":          func(m *Message) { m.Headers = []Header{{"", "x"}} },
		"second subject":        func(m *Message) { m.Headers = []Header{{"subject", "x"}} },
		"blind copy":            func(m *Message) { m.Headers = []Header{{"BCC", "c@d"}} },
		"doubled header":        func(m *Message) { m.Headers = []Header{{"List-Id", "x"}, {"list-id", "y"}} },
		"no text":               func(m *Message) { m.Text = "" },
		"no date":               func(m *Message) { m.Date = time.Time{} },
	} {
		m := message()
		spoil(&m)
		if b, err := m.Bytes(); err == nil {
			t.Errorf("%s: written as\n%s", name, b)
		}
	}
}

// What goes in comes out of a reader that is not ours, and the same mail is the same
// bytes.
func TestBytes(t *testing.T) {
	for _, subject := range []string{
		"Your code", "Été à Port Hale", "=?utf-8?q?not_a_word?=", "a  b   c", " led and trailed ", "日本語" + strings.Repeat("のニュース", 20), strings.Repeat("long words ", 30) + "end",
		strings.Repeat("x", 200), strings.Repeat("x", 80) + " " + strings.Repeat("y", 80), "emoji 👩‍👩‍👧‍👦 and _=?_ signs", "a" + strings.Repeat(" ", 100) + "b",
	} {
		for _, name := range []string{"", "Newsroom", `The "Press", \ Inc.`, "Salle de presse du Conseil du Méridien de Port Hale, service des médias", "=?x?="} {
			m := message()
			m.Subject, m.From.Name = subject, name
			m.Headers = []Header{{"List-Unsubscribe", "<https://press.example/newsletter/unsubscribe?t=" + strings.Repeat("x", 100) + ">"}, {strings.Repeat("X", 40), subject}}
			m.Text = "One line of é, " + strings.Repeat("long, ", 40) + "\n\n042719\n\n.\n=3D =\ttab \n"
			content, err := m.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			again, err := m.Bytes()
			if err != nil || !bytes.Equal(content, again) {
				t.Errorf("%q: not the same bytes again", subject)
			}
			read(t, m, content)
		}
	}
}

// read reads a mail back and compares it with what it was written from.
func read(t *testing.T, m Message, content []byte) {
	t.Helper()
	for _, line := range bytes.Split(content, []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n") || len(line) > 998 || !utf8.Valid(line) {
			t.Errorf("line %q", line)
		}
		if bytes.Contains(line, []byte("=?utf-8?q?")) && len(line) > 77 {
			t.Errorf("line of %d signs: %q", len(line), line)
		}
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	fields := []string{"Date", "From", "To", "Subject", "Message-Id", "Content-Language", "Mime-Version", "Content-Type"}
	for _, h := range m.Headers {
		fields = append(fields, textproto.CanonicalMIMEHeaderKey(h.Name))
	}
	if len(parsed.Header) != len(fields) {
		t.Errorf("fields %v, want %v", parsed.Header, fields)
	}
	for _, name := range fields {
		if len(parsed.Header[name]) != 1 {
			t.Errorf("%s is there %d times", name, len(parsed.Header[name]))
		}
	}
	to, err := parsed.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != m.To {
		t.Errorf("to %v, %v", to, err)
	}
	from, err := parsed.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != m.From.Address || from[0].Name != m.From.Name {
		t.Errorf("from %v, %v, want %v", from, err, m.From)
	}
	words := new(mime.WordDecoder)
	if subject, err := words.DecodeHeader(parsed.Header.Get("Subject")); err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v, want %q", subject, err, m.Subject)
	}
	for _, h := range m.Headers {
		if value, err := words.DecodeHeader(parsed.Header.Get(h.Name)); err != nil || value != h.Value {
			t.Errorf("%s %q, %v, want %q", h.Name, value, err, h.Value)
		}
	}
	stored, err := Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Text != m.Text || stored.HTML != m.HTML || !stored.Date.Equal(m.Date.Truncate(time.Second)) || stored.Language != m.Language || stored.To != m.To {
		t.Errorf("read %+v", stored)
	}
}

// FuzzMessage looks for a way out of a header line or an address: whatever Check takes
// is written so that another reader finds the same fields, once each, and one recipient.
func FuzzMessage(f *testing.F) {
	f.Add("reader@desk.example", "Newsroom", "Your code", "X-Note", "value")
	f.Add("a@b\r\nBcc: c@d", "x\r\nBcc: c@d", "é\r\nBcc: c@d", "Bcc", "<a@b>,\r\n <c@d>")
	f.Add(`"a> ORCPT=x"@b`, `"x" <a@b>, "`, "=?utf-8?q?=0D=0ABcc:?=", "List-Id", strings.Repeat(" ", 90)+"x")
	f.Add("rené@b", "\u2028", strings.Repeat("é ", 90), "X", strings.Repeat("y ", 90))
	f.Fuzz(func(t *testing.T, to, name, subject, header, value string) {
		m := message()
		m.To, m.From.Name, m.Subject, m.Headers = to, name, subject, []Header{{header, value}}
		content, err := m.Bytes()
		if err != nil {
			return
		}
		if strings.ContainsAny(to, "\r\n\x00 <>,;\"\\()") || strings.Count(to, "@") != 1 {
			t.Errorf("recipient %q", to)
		}
		// What a reader cannot tell apart is not looked for: a value that is blank, or a
		// name that is.
		if strings.TrimSpace(value) == "" || strings.TrimSpace(subject) == "" || strings.TrimSpace(name) != name {
			return
		}
		if len(header)+len(value)+len(subject)+len(name) > 900 {
			return // one word may be longer than a line
		}
		read(t, m, content)
	})
}
