package smtpsink_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"

	"pressroom/internal/testkit/smtpsink"
)

// send is what the standard library's client makes of a sink.
func send(s *smtpsink.Sink, auth smtp.Auth, to string) error {
	c, err := smtp.Dial(net.JoinHostPort(s.Host, fmt.Sprint(s.Port)))
	if err != nil {
		return err
	}
	defer c.Close()
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{RootCAs: s.Roots, ServerName: s.Host}); err != nil {
			return err
		}
	}
	if auth != nil {
		if err := c.Auth(auth); err != nil {
			return err
		}
	}
	if err := c.Mail("a@press.example"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "Subject: x\r\n\r\n"+to+"\r\n"); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// Faults are taken in their order, one a mail, and then the one for all others.
func TestFaults(t *testing.T) {
	s := smtpsink.New(t, smtpsink.Options{})
	hold := smtpsink.Hold(smtpsink.Mail)
	s.Next(
		smtpsink.Accept(),
		smtpsink.Refuse(smtpsink.Hello, 421, "busy"),
		smtpsink.Refuse(smtpsink.Mail, 451, "mail"),
		smtpsink.Refuse(smtpsink.Rcpt, 550, "rcpt"),
		smtpsink.Refuse(smtpsink.Data, 554, "data"),
		smtpsink.Refuse(smtpsink.Stored, 451, "stored"),
		smtpsink.Drop(smtpsink.Data),
		smtpsink.Drop(smtpsink.Stored),
		hold,
	)
	s.Always(smtpsink.Refuse(smtpsink.Rcpt, 452, "rest"))
	var got []string
	for i := range 10 {
		if i == 8 {
			go func() {
				<-hold.Held()
				hold.Release()
			}()
		}
		err := send(s, nil, fmt.Sprintf("r%d@desk.example", i))
		var reply *textproto.Error
		switch {
		case err == nil:
			got = append(got, "sent")
		case errors.As(err, &reply):
			got = append(got, fmt.Sprint(reply.Code))
		default:
			got = append(got, "dropped")
		}
	}
	if got, want := strings.Join(got, " "), "sent 421 451 550 554 451 dropped dropped sent 452"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var stored []string
	for _, m := range s.Wait(t, 4) {
		stored = append(stored, m.To[0])
		if string(m.Content) != "Subject: x\r\n\r\n"+m.To[0]+"\r\n" {
			t.Errorf("content %q", m.Content)
		}
	}
	if got, want := strings.Join(stored, " "), "r0@desk.example r5@desk.example r7@desk.example r8@desk.example"; got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	if n, m := len(s.Envelopes()), s.Connections(); n != 9 || m != 10 {
		t.Errorf("%d envelopes over %d connections, want 9 over 10", n, m)
	}
}

func TestLogin(t *testing.T) {
	s := smtpsink.New(t, smtpsink.Options{TLS: smtpsink.StartTLS, Username: "gate", Password: "right"})
	if err := send(s, nil, "r@desk.example"); err == nil || !strings.Contains(err.Error(), "530") {
		t.Errorf("without a login: %v", err)
	}
	if err := send(s, smtp.PlainAuth("", "gate", "wrong", s.Host), "r@desk.example"); err == nil || !strings.Contains(err.Error(), "535") {
		t.Errorf("wrong password: %v", err)
	}
	if err := send(s, smtp.PlainAuth("", "gate", "right", s.Host), "r@desk.example"); err != nil {
		t.Error(err)
	}
	if m := s.Wait(t, 1)[0]; m.User != "gate" || !m.TLS {
		t.Errorf("%+v", m.Envelope)
	}
}

// A sink that is down refuses connections, and has its address and mails when it is up
// again; a mail that is held does not keep it from closing.
func TestDownAndUp(t *testing.T) {
	s := smtpsink.New(t, smtpsink.Options{})
	if err := send(s, nil, "r1@desk.example"); err != nil {
		t.Fatal(err)
	}
	hold := smtpsink.Hold(smtpsink.Stored)
	s.Next(hold)
	sent := make(chan error, 1)
	go func() { sent <- send(s, nil, "r2@desk.example") }()
	<-hold.Held()
	s.Down()
	s.Down()
	if err := <-sent; err == nil {
		t.Error("the held mail was accepted")
	}
	if err := send(s, nil, "r3@desk.example"); err == nil {
		t.Error("a sink that is down took a mail")
	}
	s.Up(t)
	if err := send(s, nil, "r4@desk.example"); err != nil {
		t.Error(err)
	}
	if n := len(s.Wait(t, 3)); n != 3 {
		t.Errorf("%d mails", n)
	}
}
