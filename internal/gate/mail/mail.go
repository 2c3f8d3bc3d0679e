// Package mail writes the gate's mails and hands them to a mail server or a folder.
//
// In goes what a mail is about, of a type of its own for each kind, and who gets it;
// out comes a Message from the templates of its language, and by a Transport an
// accepted mail or an error that tells whether to try again. Nothing that a visitor
// chose stands in a mail with a code, no link in a mail changes anything by being
// opened, and no subject holds a code. A mail has one recipient, always. Errors hold no
// password, code or link: what a server says is told without what the mail says.
package mail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Transport hands mails on.
type Transport interface {
	// Send returns nil when the mail was accepted. Permanent and Ambiguous judge its
	// errors; what is neither is worth another try. It may be called from several
	// goroutines.
	Send(context.Context, Message) error
}

// SendError is a mail that was not accepted, or of which nobody knows.
type SendError struct {
	Step  string // "connect", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "end of data"; "compose" before all
	Code  int    // the server's reply; 0 when there was none
	Reply string // its text, on one line, without what the mail says; never that to AUTH
	Err   error  // when there was no reply

	message bool // the reply is about this mail, not the connection
	sent    bool // the end of the data was sent
}

// Error tells the step and the reply.
func (e *SendError) Error() string {
	switch {
	case e.Code != 0 && e.Reply != "":
		return fmt.Sprintf("send mail: %s: %d %s", e.Step, e.Code, e.Reply)
	case e.Code != 0:
		return fmt.Sprintf("send mail: %s: reply %d", e.Step, e.Code)
	case e.sent:
		return fmt.Sprintf("send mail: no reply to the %s, it may have been accepted: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("send mail: %s: %v", e.Step, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// Permanent tells that the same mail will be refused each time: the server said so of
// this mail (a code 5xx, RFC 5321 §4.2.1), or it is none that can be sent. A server that
// lets nobody in, wants a login or refuses one is to be mended by the operator, and its
// mails wait.
func Permanent(err error) bool {
	var e *SendError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case 530, 534, 535, 538: // RFC 4954 §6: about the login, at whatever step
		return false
	case 0:
		return e.message
	}
	return e.message && e.Code >= 500 && e.Code <= 599
}

// Ambiguous tells that the whole mail was sent and the reply never came: it may have
// been accepted. A second copy has the same Message-ID.
func Ambiguous(err error) bool {
	var e *SendError
	return errors.As(err, &e) && e.sent && e.Code == 0
}

var (
	replyWord   = regexp.MustCompile(`[\pL\pN_-]{6,}`)
	replySpaces = regexp.MustCompile(`[\s\pC]+`)
)

// quote makes one short line of a server's reply. Servers repeat what displeased them:
// the recipient, a line, a link. So each long word with a digit that the mail has too
// is masked, as a code or a token would be, and so is the recipient.
func quote(reply string, m *Message) string {
	reply = replySpaces.ReplaceAllString(strings.ToValidUTF8(reply, "?"), " ")
	if local, _, _ := strings.Cut(m.To, "@"); local != "" {
		recipient := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(m.To) + `|\b` + regexp.QuoteMeta(local) + `\b`)
		reply = recipient.ReplaceAllLiteralString(reply, "(recipient)")
	}
	said := m.Subject + "\n" + m.Text + "\n" + m.HTML
	for _, h := range m.Headers {
		said += "\n" + h.Value
	}
	reply = replyWord.ReplaceAllStringFunc(reply, func(word string) string {
		if strings.ContainsAny(word, "0123456789") && strings.Contains(said, word) {
			return "(masked)"
		}
		return word
	})
	if r := []rune(reply); len(r) > 200 {
		reply = string(r[:200]) + "…"
	}
	return strings.TrimSpace(reply)
}
