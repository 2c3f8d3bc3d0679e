package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/gate/mail"
	"pressroom/internal/testkit/smtpsink"
)

const code = "042719"

func letter(id string) mail.Message {
	return mail.Message{
		ID: id, From: mail.Sender{Name: "Newsroom", Address: "noreply@press.example"}, To: "reader@desk.example",
		Subject: "Your code", Date: time.Date(2024, 5, 27, 14, 0, 0, 123e6, time.UTC), Language: "en",
		Text: "Hello\n\n" + code + "\n\n.\n..dots\n", HTML: "<p>" + code + "</p>\n",
	}
}

// transport returns a transport to the sink. What o does not say is as a test needs it.
func transport(t testing.TB, sink *smtpsink.Sink, o mail.SMTPOptions) *mail.SMTP {
	t.Helper()
	o.Host, o.Port = sink.Host, sink.Port
	if o.TLS == "" {
		o.TLS = mail.TLSNone
	}
	if sink.Roots != nil && o.TLSConfig == nil {
		o.TLSConfig = &tls.Config{RootCAs: sink.Roots}
	}
	s, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSend(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{Hello: "gate.press.example"})
	m := letter("a1")
	for range 3 {
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range sink.Wait(t, 3) {
		if !bytes.Equal(got.Content, want) {
			t.Errorf("mail %d arrived as\n%s\nwant\n%s", i, got.Content, want)
		}
		if got.From != "noreply@press.example" || len(got.To) != 1 || got.To[0] != "reader@desk.example" || got.Hello != "gate.press.example" || got.FromOptions.UTF8 {
			t.Errorf("envelope %+v", got.Envelope)
		}
	}
	if n := sink.Connections(); n != 1 {
		t.Errorf("%d connections for three mails in a row", n)
	}
}

func TestBounces(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{Bounces: "bounces@press.example"})
	if err := s.Send(t.Context(), letter("a1")); err != nil {
		t.Fatal(err)
	}
	if e := sink.Envelopes()[0]; e.From != "bounces@press.example" {
		t.Errorf("envelope %+v", e)
	}
}

func TestUTF8Address(t *testing.T) {
	m := letter("a1")
	m.To = "rené@desk.example"
	sink := smtpsink.New(t, smtpsink.Options{})
	if err := transport(t, sink, mail.SMTPOptions{}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if e := sink.Envelopes()[0]; e.To[0] != m.To || !e.FromOptions.UTF8 {
		t.Errorf("envelope %+v", e)
	}
	old := smtpsink.New(t, smtpsink.Options{NoUTF8: true})
	if err := transport(t, old, mail.SMTPOptions{}).Send(t.Context(), m); !mail.Permanent(err) {
		t.Errorf("server without SMTPUTF8: %v", err)
	}
}

// Each way of failing at each stage, how it is judged, and what the server has of it.
func TestFaults(t *testing.T) {
	const temporary, permanent, ambiguous = "temporary", "permanent", "ambiguous"
	for _, c := range []struct {
		name   string
		fault  smtpsink.Fault
		want   string
		stored int
	}{
		{"421 at EHLO", smtpsink.Refuse(smtpsink.Hello, 421, "busy"), temporary, 0},
		{"554 at EHLO", smtpsink.Refuse(smtpsink.Hello, 554, "no"), temporary, 0},
		{"drop at EHLO", smtpsink.Drop(smtpsink.Hello), temporary, 0},
		{"451 at MAIL", smtpsink.Refuse(smtpsink.Mail, 451, "later"), temporary, 0},
		{"550 at MAIL", smtpsink.Refuse(smtpsink.Mail, 550, "no"), permanent, 0},
		{"530 at MAIL", smtpsink.Refuse(smtpsink.Mail, 530, "log in first"), temporary, 0},
		{"drop at MAIL", smtpsink.Drop(smtpsink.Mail), temporary, 0},
		{"450 at RCPT", smtpsink.Refuse(smtpsink.Rcpt, 450, "greylisted"), temporary, 0},
		{"550 at RCPT", smtpsink.Refuse(smtpsink.Rcpt, 550, "unknown"), permanent, 0},
		{"drop at RCPT", smtpsink.Drop(smtpsink.Rcpt), temporary, 0},
		{"452 after DATA", smtpsink.Refuse(smtpsink.Data, 452, "full"), temporary, 0},
		{"421 after DATA", smtpsink.Refuse(smtpsink.Data, 421, "closing"), temporary, 0},
		{"554 after DATA", smtpsink.Refuse(smtpsink.Data, 554, "spam"), permanent, 0},
		{"drop after the final dot", smtpsink.Drop(smtpsink.Stored), ambiguous, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := smtpsink.New(t, smtpsink.Options{})
			sink.Next(c.fault)
			s := transport(t, sink, mail.SMTPOptions{})
			err := s.Send(t.Context(), letter("a1"))
			if got := judge(err); got != c.want {
				t.Errorf("%v is judged %s, want %s", err, got, c.want)
			}
			if n := len(sink.Messages()); n != c.stored {
				t.Errorf("%d mails stored, want %d", n, c.stored)
			}
			// Whatever happened to one mail, the next goes out.
			if err := s.Send(t.Context(), letter("a2")); err != nil {
				t.Errorf("the mail after: %v", err)
			}
			if n := len(sink.Messages()); n != c.stored+1 {
				t.Errorf("%d mails stored with the one after, want %d", n, c.stored+1)
			}
		})
	}
}

func judge(err error) string {
	permanent, ambiguous := mail.Permanent(err), mail.Ambiguous(err)
	switch {
	case err == nil:
		return "sent"
	case permanent && ambiguous:
		return "permanent and ambiguous"
	case permanent:
		return "permanent"
	case ambiguous:
		return "ambiguous"
	}
	return "temporary"
}

// A server that says nothing is left when the time of the step is over. Only silence
// after the end of the data leaves a doubt.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     smtpsink.Stage
		want   string
		stored int
	}{
		{"EHLO", smtpsink.Hello, "temporary", 0},
		{"MAIL", smtpsink.Mail, "temporary", 0},
		{"RCPT", smtpsink.Rcpt, "temporary", 0},
		{"after the final dot", smtpsink.Stored, "ambiguous", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sink *smtpsink.Sink
			var hold smtpsink.Fault
			var err error
			for patience := 50 * time.Millisecond; ; patience *= 2 {
				sink, hold = smtpsink.New(t, smtpsink.Options{}), smtpsink.Hold(c.at)
				sink.Next(hold)
				o := mail.SMTPOptions{StepTimeout: patience, FinalTimeout: time.Minute}
				if c.at == smtpsink.Stored {
					o = mail.SMTPOptions{StepTimeout: time.Minute, FinalTimeout: patience}
				}
				err = transport(t, sink, o).Send(t.Context(), letter("a1"))
				select {
				case <-hold.Held():
				default:
					if patience < time.Minute { // a busy machine did not even come so far
						continue
					}
				}
				break
			}
			var timeout net.Error
			if got := judge(err); got != c.want || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("%v is judged %s, want %s by time", err, got, c.want)
			}
			if n := len(sink.Messages()); n != c.stored {
				t.Errorf("%d mails stored", n)
			}
			hold.Release()
		})
	}
}

func TestSlow(t *testing.T) {
	for _, at := range []smtpsink.Stage{smtpsink.Hello, smtpsink.Mail, smtpsink.Rcpt, smtpsink.Data, smtpsink.Stored} {
		sink := smtpsink.New(t, smtpsink.Options{})
		hold := smtpsink.Hold(at)
		sink.Next(hold)
		sent := make(chan error, 1)
		go func() { sent <- transport(t, sink, mail.SMTPOptions{}).Send(t.Context(), letter("a1")) }()
		<-hold.Held()
		select {
		case err := <-sent:
			t.Errorf("stage %v: %v before the server said anything", at, err)
		default:
		}
		hold.Release()
		if err := <-sent; err != nil {
			t.Errorf("stage %v: %v", at, err)
		}
	}
}

// The context ends what is under way, whatever the time limits.
func TestContext(t *testing.T) {
	for _, c := range []struct {
		at   smtpsink.Stage
		want string
	}{{smtpsink.Hello, "temporary"}, {smtpsink.Rcpt, "temporary"}, {smtpsink.Stored, "ambiguous"}} {
		sink := smtpsink.New(t, smtpsink.Options{})
		hold := smtpsink.Hold(c.at)
		sink.Next(hold)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-hold.Held()
			cancel()
		}()
		err := transport(t, sink, mail.SMTPOptions{}).Send(ctx, letter("a1"))
		if !errors.Is(err, context.Canceled) || judge(err) != c.want {
			t.Errorf("stage %v: %v is judged %s", c.at, err, judge(err))
		}
		hold.Release()
	}
	sink := smtpsink.New(t, smtpsink.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := transport(t, sink, mail.SMTPOptions{}).Send(ctx, letter("a1")); judge(err) != "temporary" || sink.Connections() != 0 {
		t.Errorf("ended before it began: %v, %d connections", err, sink.Connections())
	}
}

// A connection that the server closed while it was kept costs no mail, and no doubt.
func TestServerComesBack(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{})
	if err := s.Send(t.Context(), letter("a1")); err != nil {
		t.Fatal(err)
	}
	sink.Down()
	if err := s.Send(t.Context(), letter("a2")); judge(err) != "temporary" {
		t.Errorf("down: %v", err)
	}
	sink.Up(t)
	if err := s.Send(t.Context(), letter("a2")); err != nil {
		t.Errorf("up again: %v", err)
	}
	sink.Down()
	sink.Up(t)
	if err := s.Send(t.Context(), letter("a3")); err != nil {
		t.Errorf("restarted: %v", err)
	}
	sink.Next(smtpsink.Refuse(smtpsink.Mail, 421, "enough from you"))
	if err := s.Send(t.Context(), letter("a4")); err != nil {
		t.Errorf("connection used up: %v", err)
	}
	// But what may have been accepted is not sent again.
	sink.Next(smtpsink.Drop(smtpsink.Stored))
	if err := s.Send(t.Context(), letter("a5")); judge(err) != "ambiguous" {
		t.Errorf("dropped after the final dot: %v", err)
	}
	if n := len(sink.Messages()); n != 5 {
		t.Errorf("%d mails stored, want 5", n)
	}
}

func TestIdle(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{Idle: time.Millisecond})
	for n := 1; ; n++ {
		if err := s.Send(t.Context(), letter("a1")); err != nil {
			t.Fatal(err)
		}
		if sink.Connections() > 1 {
			break // one expired between two mails
		}
		if n == 10000 {
			t.Fatal("the connection was kept for 10,000 mails, however long they took")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter("a1")); err != nil {
		t.Errorf("after Close: %v", err)
	}
}

func TestBurst(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{Connections: 3})
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if err := s.Send(t.Context(), letter(fmt.Sprint("b", i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range sink.Messages() {
		stored, err := mail.Parse(m.Content)
		if err != nil {
			t.Fatal(err)
		}
		ids[stored.Header.Get("Message-ID")] = true
	}
	if len(ids) != 60 || len(sink.Messages()) != 60 || sink.Connections() > 3 {
		t.Errorf("%d different mails of %d over %d connections", len(ids), len(sink.Messages()), sink.Connections())
	}
}

func TestTLS(t *testing.T) {
	for _, c := range []struct {
		name   string
		server smtpsink.TLS
		client mail.TLS
		trust  bool
		want   string // of the error; "" when the mail is sent
		tls    bool
	}{
		{"none", smtpsink.StartTLS, mail.TLSNone, true, "", false},
		{"mandatory", smtpsink.StartTLS, mail.TLSMandatory, true, "", true},
		{"mandatory, not offered", smtpsink.Plain, mail.TLSMandatory, true, "STARTTLS: the server does not offer it", false},
		{"mandatory, not trusted", smtpsink.StartTLS, mail.TLSMandatory, false, "certificate", false},
		{"opportunistic", smtpsink.StartTLS, mail.TLSOpportunistic, true, "", true},
		{"opportunistic, not offered", smtpsink.Plain, mail.TLSOpportunistic, true, "", false},
		{"opportunistic, not trusted", smtpsink.StartTLS, mail.TLSOpportunistic, false, "certificate", false},
		{"implicit", smtpsink.Implicit, mail.TLSImplicit, true, "", true},
		{"implicit, not trusted", smtpsink.Implicit, mail.TLSImplicit, false, "certificate", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := smtpsink.New(t, smtpsink.Options{TLS: c.server})
			o := mail.SMTPOptions{TLS: c.client}
			if !c.trust {
				o.TLSConfig = &tls.Config{}
			}
			err := transport(t, sink, o).Send(t.Context(), letter("a1"))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || judge(err) != "temporary" {
					t.Errorf("%v, want %q", err, c.want)
				}
				if n := len(sink.Envelopes()); n != 0 {
					t.Errorf("%d mails were begun", n)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := sink.Envelopes()[0]; e.TLS != c.tls {
				t.Errorf("encrypted: %v", e.TLS)
			}
		})
	}
}

func TestLogin(t *testing.T) {
	const password = "S3cret-pass word"
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		for _, encrypted := range []bool{true, false} {
			o, c := smtpsink.Options{Username: "gate", Password: password, Mechanisms: []string{mechanism}}, mail.SMTPOptions{Username: "gate", Password: password}
			if encrypted {
				o.TLS, c.TLS = smtpsink.StartTLS, mail.TLSMandatory
			}
			sink := smtpsink.New(t, o)
			err := transport(t, sink, c).Send(t.Context(), letter("a1"))
			if mechanism == "CRAM-MD5" {
				if judge(err) != "temporary" || !strings.Contains(err.Error(), "offers none of") {
					t.Errorf("%s: %v", mechanism, err)
				}
				continue
			}
			if err != nil || sink.Messages()[0].User != "gate" {
				t.Errorf("%s: %v", mechanism, err)
			}
			c.Password = "wrong-but-S3cret"
			err = transport(t, sink, c).Send(t.Context(), letter("a1"))
			if judge(err) != "temporary" || !strings.Contains(err.Error(), "AUTH: reply 535") || strings.Contains(err.Error(), c.Password) {
				t.Errorf("%s, wrong password: %v", mechanism, err)
			}
			if err := transport(t, sink, mail.SMTPOptions{TLS: c.TLS}).Send(t.Context(), letter("a1")); judge(err) != "temporary" {
				t.Errorf("without a login: %v", err)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []mail.SMTPOptions{
		{},
		{Host: "mail.example", TLS: "ssl"},
		{Host: "mail.example", Password: "x"},
		{Host: "mail.example", TLS: mail.TLSNone, Username: "gate", Password: "x"},
		{Host: "mail.example", Hello: "a b"},
		{Host: "mail.example", Hello: "a\r\nMAIL FROM:<a@b>"},
		{Host: "mail.example", Bounces: "a b@c"},
	} {
		if _, err := mail.NewSMTP(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// scripted is a server that answers each command by a function and keeps every line,
// for what a correct server would not do or would not tell.
func scripted(t *testing.T, answer func(line string) string) (o mail.SMTPOptions, lines func() []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var said []string
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				fmt.Fprint(c, answer(""))
				for in := bufio.NewScanner(c); in.Scan(); {
					mu.Lock()
					said = append(said, in.Text())
					mu.Unlock()
					fmt.Fprint(c, answer(in.Text()))
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	a := l.Addr().(*net.TCPAddr)
	return mail.SMTPOptions{Host: "127.0.0.1", Port: a.Port, TLS: mail.TLSNone}, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

func polite(line string) string {
	switch verb, _, _ := strings.Cut(line, " "); verb {
	case "":
		return "220 ready\r\n"
	case "EHLO":
		return "250-hello\r\n250-AUTH LOGIN PLAIN\r\n250-8BITMIME\r\n250 DSN\r\n"
	case "DATA":
		return "354 go\r\n"
	case "AUTH":
		return "235 in\r\n"
	case "*":
		return "501 as you like\r\n"
	case "QUIT":
		return "221 bye\r\n"
	case "MAIL", "RCPT", "RSET", ".":
		return "250 ok\r\n"
	}
	return ""
}

func sendScripted(t *testing.T, o mail.SMTPOptions, m mail.Message) error {
	t.Helper()
	s, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Send(t.Context(), m)
}

// The dialogue, line by line: one sender, one recipient, and nothing that was not meant.
func TestDialogue(t *testing.T) {
	greeted := false
	o, lines := scripted(t, func(line string) string {
		if line == "" && greeted { // an empty line of the mail
			return ""
		}
		greeted = true
		return polite(line)
	})
	m := letter("a1")
	if err := sendScripted(t, o, m); err != nil {
		t.Fatal(err)
	}
	content, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"EHLO localhost", "MAIL FROM:<noreply@press.example> BODY=8BITMIME", "RCPT TO:<reader@desk.example>", "DATA"}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(content), "\r\n"), "\r\n") {
		if strings.HasPrefix(line, ".") {
			line = "." + line
		}
		want = append(want, line)
	}
	want = append(want, ".", "QUIT")
	if got := strings.Join(lines(), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// What servers say is told, but not what they repeat of a mail or a login.
func TestRudeServers(t *testing.T) {
	const password = "S3cret-pass-4711"
	secrets := []string{code, password, base64.StdEncoding.EncodeToString([]byte(password)), base64.StdEncoding.EncodeToString([]byte("\x00gate\x00" + password)), "reader@desk", "tok3nTok3nTok3n"}
	m := letter("a1")
	m.Headers = []mail.Header{{Name: "List-Unsubscribe", Value: "<https://press.example/u?t=tok3nTok3nTok3n>"}}
	for _, c := range []struct {
		at, reply, want, judged string
	}{
		{"", "554 go away", "connect: 554 go away", "temporary"},
		{"", "hello", "the reply is not one of SMTP", "temporary"},
		{"EHLO", "502 what", "EHLO: 502 what", "temporary"},
		{"AUTH", "535 wrong: gate " + password, "AUTH: reply 535", "temporary"},
		{"AUTH", "garbage " + password, "AUTH", "temporary"},
		{"AUTH", "334 " + base64.StdEncoding.EncodeToString([]byte(password)), "AUTH", "temporary"},
		{"MAIL", "553 5.1.8 no such domain", "MAIL: 553 5.1.8 no such domain", "permanent"},
		{"RCPT", "550 5.1.1 <Reader@Desk.example>: User reader unknown", "RCPT: 550 5.1.1 <(recipient)>: User (recipient) unknown", "permanent"},
		{"RCPT", "550-5.1.1 one\r\n550 5.1.1 two", "RCPT: 550 5.1.1 one 5.1.1 two", "permanent"},
		{"RCPT", "550 \x1b[31mred\u2028", "RCPT: 550 [31mred", "permanent"},
		{"RCPT", "reader@desk.example " + code, "RCPT: the reply is not one of SMTP", "temporary"},
		{"DATA", "451 4.3.0 not now", "DATA: 451 4.3.0 not now", "temporary"},
		{"DATA", "554 5.7.0 never", "DATA: 554 5.7.0 never", "permanent"},
		{".", "554 5.7.1 spam: " + code + " of https://press.example/u?t=tok3nTok3nTok3n", "end of data: 554 5.7.1 spam: (masked) of", "permanent"},
		{".", "250OK " + code, "no reply to the end of data", "ambiguous"},
		{".", "554 " + strings.Repeat("long ", 200), "long …", "permanent"},
	} {
		var mu sync.Mutex
		greeted := false
		o, _ := scripted(t, func(line string) string {
			mu.Lock()
			defer mu.Unlock()
			first := !greeted
			greeted = true
			verb, _, _ := strings.Cut(line, " ")
			switch {
			case verb == c.at && (verb != "" || first):
				return c.reply + "\r\n"
			case verb == "HELO" && c.at == "EHLO":
				return c.reply + "\r\n"
			case line == "" && !first:
				return ""
			}
			return polite(line)
		})
		o.StepTimeout, o.FinalTimeout = 10*time.Second, 10*time.Second
		if c.at == "AUTH" {
			o.Username, o.Password = "gate", password
		}
		err := sendScripted(t, o, m)
		if err == nil || !strings.Contains(err.Error(), c.want) || judge(err) != c.judged {
			t.Errorf("%q at %q: %v, judged %s, want %q, %s", c.reply, c.at, err, judge(err), c.want, c.judged)
			continue
		}
		for _, secret := range secrets {
			if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(secret)) {
				t.Errorf("%q at %q: the error holds %q: %v", c.reply, c.at, secret, err)
			}
		}
		if strings.ContainsAny(err.Error(), "\r\n\x1b") {
			t.Errorf("%q at %q: the error is not one plain line: %q", c.reply, c.at, err)
		}
	}
}

// A server that goes on asking, and asks with what it was told, is not repeated.
func TestLoginThatNeverEnds(t *testing.T) {
	const password = "S3cret-pass-4711"
	o, _ := scripted(t, func(line string) string {
		switch verb, _, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			return "250-hello\r\n250 AUTH LOGIN\r\n"
		case "", "*", "QUIT":
			return polite(verb)
		}
		return "334 " + base64.StdEncoding.EncodeToString([]byte(password)) + "\r\n"
	})
	o.Username, o.Password = "gate", password
	if err := sendScripted(t, o, letter("a1")); judge(err) != "temporary" || strings.Contains(err.Error(), password) {
		t.Errorf("%v", err)
	}
}

// BenchmarkSend is one mail after another over one connection.
func BenchmarkSend(b *testing.B) {
	sink := smtpsink.New(b, smtpsink.Options{TLS: smtpsink.StartTLS})
	s := transport(b, sink, mail.SMTPOptions{TLS: mail.TLSMandatory})
	for b.Loop() {
		if err := s.Send(b.Context(), letter("a1")); err != nil {
			b.Fatal(err)
		}
	}
}
