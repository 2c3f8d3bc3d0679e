package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// TLS is how the way to a mail server is encrypted.
type TLS string

// The ways of encrypting.
const (
	TLSMandatory     TLS = "starttls"      // by STARTTLS, or not at all sent
	TLSOpportunistic TLS = "opportunistic" // by STARTTLS if the server offers it: no help against those who can change what it says
	TLSImplicit      TLS = "implicit"      // from the first byte, by RFC 8314
	TLSNone          TLS = "none"          // for a server on the same machine
)

// SMTPOptions say which server takes the mails, and how.
type SMTPOptions struct {
	Host               string
	Port               int // 587, or 465 with TLSImplicit, when 0
	TLS                TLS // TLSMandatory when empty
	TLSConfig          *tls.Config
	Username, Password string // no login when empty
	Hello              string // the name in EHLO; "localhost" when empty
	Bounces            string // envelope sender; the mail's own when empty
	DKIM               []*Signer

	Connections  int           // at once; 4 when 0
	Idle         time.Duration // how long a connection is kept for the next mail; 10 s when 0
	DialTimeout  time.Duration // of connecting; 10 s when 0
	StepTimeout  time.Duration // of each command's reply; 30 s when 0
	FinalTimeout time.Duration // of the reply to the end of the data; 2 min when 0
}

// SMTP is a Transport to a mail server. It keeps connections open between mails that
// follow each other closely.
type SMTP struct {
	o     SMTPOptions
	slots chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// conn is one connection, greeted, encrypted and logged in.
type conn struct {
	net    net.Conn
	client *smtp.Client
	expiry *time.Timer // since it was last kept
}

// NewSMTP returns a transport. It connects with the first mail. A password is sent
// encrypted or to this machine, else the options are refused.
func NewSMTP(o SMTPOptions) (*SMTP, error) {
	or := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	or(&o.Idle, 10*time.Second) // servers count idle connections as a cost; a burst needs no more
	or(&o.DialTimeout, 10*time.Second)
	or(&o.StepTimeout, 30*time.Second)
	// RFC 5321 §4.5.3.2.6 says 10 minutes, lest a mail be sent twice. A code is worth
	// little after two, and a second copy has the same code.
	or(&o.FinalTimeout, 2*time.Minute)
	if o.TLS == "" {
		o.TLS = TLSMandatory
	}
	if o.Port == 0 {
		o.Port = 587
		if o.TLS == TLSImplicit {
			o.Port = 465
		}
	}
	if o.Connections == 0 {
		o.Connections = 4
	}
	if o.Hello == "" {
		o.Hello = "localhost"
	}
	switch {
	case o.Host == "":
		return nil, errors.New("mail server: no host")
	case !slices.Contains([]TLS{TLSMandatory, TLSOpportunistic, TLSImplicit, TLSNone}, o.TLS):
		return nil, fmt.Errorf("mail server: no way of encrypting is called %q; they are starttls, opportunistic, implicit, none", o.TLS)
	case o.Username == "" && o.Password != "":
		return nil, errors.New("mail server: a password without a user name")
	case o.Username != "" && o.TLS == TLSNone && !isLoopback(o.Host):
		return nil, errors.New("mail server: a login without encryption is for this machine only")
	case strings.ContainsFunc(o.Hello, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return nil, errors.New("mail server: the name for EHLO has signs that end a word")
	}
	if o.Bounces != "" {
		if err := CheckAddress(o.Bounces); err != nil {
			return nil, fmt.Errorf("mail server: address for bounces: %w", err)
		}
	}
	config := o.TLSConfig.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = o.Host
	}
	o.TLSConfig = config
	return &SMTP{o: o, slots: make(chan struct{}, o.Connections)}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands a mail to the server. The context bounds all of it; when it ends after the
// data was sent, the error is ambiguous.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	content, err := m.Bytes()
	if err != nil {
		return &SendError{Step: "compose", Err: err, message: true}
	}
	for _, key := range s.o.DKIM {
		if content, err = key.sign(content); err != nil {
			return &SendError{Step: "compose", Err: fmt.Errorf("sign: %w", err)}
		}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return &SendError{Step: "connect", Err: ctx.Err()}
	}

	c := s.take()
	if c != nil {
		// The server may have hung up, or be about to: then nothing was sent, and a new
		// connection tells what is the matter.
		err := s.deliver(ctx, c, &m, content)
		var e *SendError
		if !errors.As(err, &e) || e.sent || e.message && e.Code != 421 || ctx.Err() != nil {
			return err
		}
	}
	c, err = s.dial(ctx)
	if err != nil {
		return err
	}
	return s.deliver(ctx, c, &m, content)
}

// Close says goodbye on the connections that are kept. Later mails have connections of
// their own.
func (s *SMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		if c.expiry.Stop() {
			c.quit(s.o.StepTimeout)
		}
	}
	return nil
}

// take returns a connection that was kept, the one used last, or nil.
func (s *SMTP) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if c.expiry.Stop() {
			return c
		}
	}
	return nil
}

// keep puts a connection aside for the next mail.
func (s *SMTP) keep(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go c.quit(s.o.StepTimeout)
		return
	}
	c.expiry = time.AfterFunc(s.o.Idle, func() {
		s.mu.Lock()
		s.idle = slices.DeleteFunc(s.idle, func(other *conn) bool { return other == c })
		s.mu.Unlock()
		c.quit(s.o.StepTimeout)
	})
	s.idle = append(s.idle, c)
}

// quit says goodbye; that nobody answers is no matter.
func (c *conn) quit(timeout time.Duration) {
	c.net.SetDeadline(time.Now().Add(timeout))
	c.client.Quit()
	c.net.Close()
}

// step gives a step its time and breaks it off when the context ends.
func (c *conn) step(ctx context.Context, timeout time.Duration, f func() error) error {
	c.net.SetDeadline(time.Now().Add(timeout))
	stop := context.AfterFunc(ctx, func() { c.net.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := ctx.Err(); err != nil {
		return err
	}
	err := f()
	var (
		reply   *textproto.Error
		garbled textproto.ProtocolError
	)
	switch cause := ctx.Err(); {
	case err == nil || errors.As(err, &reply):
		return err
	case cause != nil:
		return cause
	case errors.As(err, &garbled):
		return errors.New("the reply is not one of SMTP") // its text would show what was said
	}
	return err
}

// dial connects, encrypts and logs in.
func (s *SMTP) dial(ctx context.Context) (_ *conn, err error) {
	o := &s.o
	dialer := net.Dialer{Timeout: o.DialTimeout}
	raw, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(o.Host, strconv.Itoa(o.Port)))
	if err != nil {
		return nil, &SendError{Step: "connect", Err: err}
	}
	c := &conn{net: raw}
	defer func() {
		if err != nil {
			raw.Close()
		}
	}()
	fail := func(step string, err error) (*conn, error) {
		var reply *textproto.Error
		if !errors.As(err, &reply) {
			var broken net.Error
			if step == "AUTH" && !errors.As(err, &broken) && !errors.Is(err, io.EOF) && !errors.Is(err, smtp.ErrUnencrypted) && ctx.Err() == nil {
				err = errors.New("the server does not keep to the way of logging in")
			}
			return nil, &SendError{Step: step, Err: err}
		}
		e := &SendError{Step: step, Code: reply.Code}
		if step != "AUTH" { // some servers repeat what they were given
			e.Reply = quote(reply.Msg, &Message{})
		}
		return nil, e
	}
	err = c.step(ctx, o.StepTimeout, func() (err error) {
		stream := raw
		if o.TLS == TLSImplicit {
			stream = tls.Client(raw, o.TLSConfig)
		}
		c.client, err = smtp.NewClient(stream, o.Host)
		return err
	})
	if err != nil {
		return fail("connect", err)
	}
	if err = c.step(ctx, o.StepTimeout, func() error { return c.client.Hello(o.Hello) }); err != nil {
		return fail("EHLO", err)
	}
	if o.TLS == TLSMandatory || o.TLS == TLSOpportunistic {
		offered, _ := c.client.Extension("STARTTLS")
		if !offered && o.TLS == TLSMandatory {
			return nil, &SendError{Step: "STARTTLS", Err: errors.New("the server does not offer it")}
		}
		if offered {
			if err = c.step(ctx, o.StepTimeout, func() error { return c.client.StartTLS(o.TLSConfig) }); err != nil {
				return fail("STARTTLS", err)
			}
		}
	}
	if o.Username != "" {
		_, mechanisms := c.client.Extension("AUTH")
		login := o.login(strings.Fields(strings.ToUpper(mechanisms)))
		if login == nil {
			err = errors.New("the server offers none of SCRAM-SHA-256, PLAIN and LOGIN")
			return nil, &SendError{Step: "AUTH", Err: err}
		}
		if err = c.step(ctx, o.StepTimeout, func() error { return c.client.Auth(login) }); err != nil {
			return fail("AUTH", err)
		}
	}
	return c, nil
}

// login picks the best of the ways that the server offers. The two that show the
// password are refused by go-mail on a connection that is not encrypted, unless it is
// to this machine.
func (o *SMTPOptions) login(offered []string) smtp.Auth {
	for _, mechanism := range []string{"SCRAM-SHA-256", "PLAIN", "LOGIN"} {
		if !slices.Contains(offered, mechanism) {
			continue
		}
		switch mechanism {
		case "SCRAM-SHA-256":
			return smtp.ScramSHA256Auth(o.Username, o.Password)
		case "PLAIN":
			return smtp.PlainAuth("", o.Username, o.Password, o.Host, false)
		case "LOGIN":
			return smtp.LoginAuth(o.Username, o.Password, o.Host, false)
		}
	}
	return nil
}

// deliver sends one mail over a connection and keeps or closes it.
func (s *SMTP) deliver(ctx context.Context, c *conn, m *Message, content []byte) error {
	o := &s.o
	sent := false
	fail := func(step string, err error) error {
		var reply *textproto.Error
		if !errors.As(err, &reply) {
			c.net.Close()
			return &SendError{Step: step, Err: err, sent: sent}
		}
		// Refused mails do not cost the connection, unless the server closes it.
		if reply.Code == 421 || c.step(ctx, o.StepTimeout, c.client.Reset) != nil {
			c.net.Close()
		} else {
			s.keep(c)
		}
		return &SendError{Step: step, Code: reply.Code, Reply: quote(reply.Msg, m), message: true}
	}

	if m.needsUTF8() {
		if ok, _ := c.client.Extension("SMTPUTF8"); !ok {
			s.keep(c)
			return &SendError{Step: "MAIL", Err: errors.New("the address is not ASCII and the server does not know SMTPUTF8"), message: true}
		}
	}
	// Said only when needed, since a server on the way that does not know it would return the mail.
	c.client.SkipSMTPUTF8(!m.needsUTF8())
	from := m.From.Address
	if o.Bounces != "" {
		from = o.Bounces
	}
	if err := c.step(ctx, o.StepTimeout, func() error { return c.client.Mail("<" + from + ">") }); err != nil {
		return fail("MAIL", err)
	}
	if err := c.step(ctx, o.StepTimeout, func() error { return c.client.Rcpt("<" + m.To + ">") }); err != nil {
		return fail("RCPT", err)
	}
	var end func() error
	err := c.step(ctx, o.StepTimeout, func() error {
		w, err := c.client.Data()
		if err != nil {
			return err
		}
		end = w.Close
		if _, err := w.Write(content); err != nil {
			return err
		}
		// What can fail fails before the end of the data, where nothing is in doubt yet.
		return c.client.Text.W.Flush()
	})
	if err != nil {
		return fail("DATA", err)
	}
	err = c.step(ctx, o.FinalTimeout, func() error {
		sent = true
		return end()
	})
	if err != nil {
		return fail("end of data", err)
	}
	s.keep(c)
	return nil
}
