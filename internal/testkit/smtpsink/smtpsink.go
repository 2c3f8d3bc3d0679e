// Package smtpsink is a mail server for tests: a real one, on loopback, that takes
// every mail, keeps it, and fails where it is told to.
//
// In go the faults, one for each mail to come; out come the mails that were stored and
// every envelope that was tried. It sends nothing on and never sleeps: what is held is
// held until the test lets it go.
package smtpsink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"pressroom/internal/testkit/port"
)

// TLS is how a sink encrypts.
type TLS int

// The ways of encrypting.
const (
	Plain    TLS = iota // not at all
	StartTLS            // offered, by RFC 3207
	Implicit            // from the first byte, by RFC 8314
)

// Options make a sink other than one that takes anything from anybody.
type Options struct {
	TLS                TLS
	Username, Password string   // demanded before the first mail, unless empty
	Mechanisms         []string // offered for them; PLAIN and LOGIN when empty
	NoUTF8             bool     // don't offer SMTPUTF8
}

// Stage is a point in the delivery of a mail at which a fault happens.
type Stage int

// The stages, in their order.
const (
	Hello  Stage = iota // the client said EHLO; for a connection, not a mail
	Mail                // MAIL FROM was read
	Rcpt                // RCPT TO was read
	Data                // the first bytes of the content were read
	Stored              // the final dot was read and the mail is stored, but not answered
)

// Fault is what happens to one mail. The zero Fault is none.
type Fault struct {
	at      Stage
	kind    kind
	code    int
	text    string
	held    chan struct{}
	release chan struct{}
}

// conn is what is known of a connection over STARTTLS and a second EHLO.
type conn struct {
	number int
	fault  Fault
}

type kind int

const (
	accept kind = iota
	refuse
	drop
	hold
)

// Accept takes the mail.
func Accept() Fault { return Fault{} }

// Refuse answers with a code and a text at a stage. At Data the whole content is read
// before, as RFC 5321 has it.
func Refuse(at Stage, code int, text string) Fault {
	return Fault{at: at, kind: refuse, code: code, text: text}
}

// Drop closes the connection at a stage, without an answer.
func Drop(at Stage) Fault { return Fault{at: at, kind: drop} }

// Hold says nothing at a stage until Release, and then goes on as if nothing had been.
func Hold(at Stage) Fault {
	return Fault{at: at, kind: hold, held: make(chan struct{}), release: make(chan struct{})}
}

// Held is closed when the mail has come to the stage at which it is held.
func (f Fault) Held() <-chan struct{} { return f.held }

// Release lets a held mail go on. It may be called once.
func (f Fault) Release() { close(f.release) }

// Envelope is one mail as the dialogue had it, whether or not it was stored.
type Envelope struct {
	Conn        int // number of the connection, from 1
	Hello       string
	TLS         bool
	User        string
	From        string
	FromOptions smtp.MailOptions
	To          []string
	ToOptions   []smtp.RcptOptions
}

// Message is a mail that was stored.
type Message struct {
	Envelope
	Content []byte
}

// Sink is the server. Make one by New.
type Sink struct {
	Host  string // of its address, and in its certificate
	Port  int
	Roots *x509.CertPool // to trust its certificate by; nil without TLS

	options Options
	tls     *tls.Config

	mu        sync.Mutex
	server    *smtp.Server // nil while it is down
	listener  net.Listener
	served    sync.WaitGroup
	faults    []Fault
	rest      Fault
	conns     map[string]conn // by the client's address
	envelopes []Envelope
	messages  []Message
	arrived   chan struct{} // closed and made anew at each mail
}

// New starts a sink that runs until the test ends.
func New(t testing.TB, o Options) *Sink {
	t.Helper()
	// Reserved, so that it is free when the sink comes up again.
	addr, err := net.ResolveTCPAddr("tcp", port.Reserve(t))
	if err != nil {
		t.Fatalf("smtpsink: %v", err)
	}
	s := &Sink{Host: "127.0.0.1", Port: addr.Port, options: o, conns: map[string]conn{}, arrived: make(chan struct{})}
	if o.TLS != Plain {
		certificate, err := selfSigned(s.Host)
		if err != nil {
			t.Fatalf("smtpsink: %v", err)
		}
		s.tls = &tls.Config{Certificates: []tls.Certificate{certificate}}
		s.Roots = x509.NewCertPool()
		s.Roots.AddCert(certificate.Leaf)
	}
	s.Up(t)
	t.Cleanup(s.Down)
	return s
}

// Up starts a sink that is down again, at the address that it had.
func (s *Sink) Up(t testing.TB) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(s.Host), Port: s.Port})
	if err != nil {
		t.Fatalf("smtpsink: %v", err)
	}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "sink.test"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = !s.options.NoUTF8
	server.EnableDSN = true // so that a smuggled ORCPT would be seen
	server.ErrorLog = log.New(io.Discard, "", 0)
	var l net.Listener = listener
	switch s.options.TLS {
	case StartTLS:
		server.TLSConfig = s.tls
	case Implicit:
		l = tls.NewListener(listener, s.tls)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server, s.listener = server, l
	s.served.Go(func() { server.Serve(l) }) // its only error is that of being closed
}

// Down closes the sink and its connections. The mails stay.
func (s *Sink) Down() {
	s.mu.Lock()
	server, listener := s.server, s.listener
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		server.Close()
		listener.Close() // which the server does not know if Serve has not begun
		s.served.Wait()
	}
}

// Next gives the faults of the mails to come, one each, after those given before. A
// fault at Hello is the next connection's.
func (s *Sink) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Always gives the fault of all mails for which Next has none. It may not be one that
// holds, since those are for one mail.
func (s *Sink) Always(f Fault) {
	if f.kind == hold {
		panic("smtpsink: a fault that holds is for one mail")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = f
}

// Messages are the mails that were stored, in their order.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Envelopes are all mails that were tried, in the order of their MAIL FROM.
func (s *Sink) Envelopes() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.envelopes)
}

// Connections is how many clients said EHLO.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Wait returns the mails as soon as n are stored. The test fails after half a minute.
func (s *Sink) Wait(t testing.TB, n int) []Message {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		s.mu.Lock()
		messages, arrived := slices.Clone(s.messages), s.arrived
		s.mu.Unlock()
		if len(messages) >= n {
			return messages
		}
		select {
		case <-arrived:
		case <-late:
			t.Fatalf("smtpsink: %d mails, want %d", len(messages), n)
		}
	}
}

// take returns the fault of a mail, or at Hello that of a connection.
func (s *Sink) take(at Stage) Fault {
	f := s.rest
	if len(s.faults) > 0 {
		f = s.faults[0]
	}
	if forConn := f.kind != accept && f.at == Hello; forConn != (at == Hello) {
		return Fault{}
	}
	if len(s.faults) > 0 {
		s.faults = s.faults[1:]
	}
	return f
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	client := c.Conn().RemoteAddr().String()
	s.mu.Lock()
	known, ok := s.conns[client]
	if !ok {
		known = conn{number: len(s.conns) + 1, fault: s.take(Hello)}
		s.conns[client] = known
	}
	s.mu.Unlock()
	x := &session{sink: s, conn: c, number: known.number, tls: encrypted, fault: known.fault, gone: make(chan struct{})}
	if err := x.come(Hello); err != nil {
		return nil, err
	}
	return x, nil
}

// session is one connection; after STARTTLS it is a second one.
type session struct {
	sink   *Sink
	conn   *smtp.Conn
	number int
	tls    bool
	gone   chan struct{} // closed when the connection is
	once   sync.Once
	user   string

	fault Fault
	index int // of the mail's envelope
}

// come does what the fault says about a stage.
func (x *session) come(at Stage) error {
	f := x.fault
	if f.kind == accept || f.at != at {
		return nil
	}
	switch f.kind {
	case refuse:
		return &smtp.SMTPError{Code: f.code, EnhancedCode: smtp.EnhancedCode{f.code / 100, 0, 0}, Message: f.text}
	case drop:
		x.conn.Conn().Close()
		return errors.New("dropped")
	default:
		close(f.held)
		select {
		case <-f.release:
			return nil
		case <-x.gone:
			return errors.New("gone")
		}
	}
}

func (x *session) Mail(from string, o *smtp.MailOptions) error {
	e := Envelope{Conn: x.number, Hello: x.conn.Hostname(), TLS: x.tls, User: x.user, From: from}
	if o != nil {
		e.FromOptions = *o
	}
	x.sink.mu.Lock()
	x.fault = x.sink.take(Mail)
	x.index = len(x.sink.envelopes)
	x.sink.envelopes = append(x.sink.envelopes, e)
	x.sink.mu.Unlock()
	if x.sink.options.Username != "" && x.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	return x.come(Mail)
}

func (x *session) Rcpt(to string, o *smtp.RcptOptions) error {
	x.sink.mu.Lock()
	e := &x.sink.envelopes[x.index]
	e.To = append(slices.Clone(e.To), to)
	if o != nil {
		e.ToOptions = append(slices.Clone(e.ToOptions), *o)
	}
	x.sink.mu.Unlock()
	return x.come(Rcpt)
}

func (x *session) Data(r io.Reader) error {
	first := make([]byte, 1)
	if _, err := io.ReadFull(r, first); err != nil {
		return err
	}
	if x.fault.kind == refuse && x.fault.at == Data { // not before all is read, so that the client reads the reply
		io.Copy(io.Discard, r)
	}
	if err := x.come(Data); err != nil {
		return err
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s := x.sink
	s.mu.Lock()
	s.messages = append(s.messages, Message{Envelope: s.envelopes[x.index], Content: append(first, rest...)})
	close(s.arrived)
	s.arrived = make(chan struct{})
	s.mu.Unlock()
	return x.come(Stored)
}

func (x *session) Reset() {}

func (x *session) Logout() error {
	x.once.Do(func() { close(x.gone) })
	return nil
}

func (x *session) AuthMechanisms() []string {
	switch o := x.sink.options; {
	case o.Username == "":
		return nil
	case len(o.Mechanisms) > 0:
		return o.Mechanisms
	}
	return []string{sasl.Plain, sasl.Login}
}

func (x *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		o := x.sink.options
		if subtle.ConstantTimeCompare([]byte(username+"\x00"+password), []byte(o.Username+"\x00"+o.Password)) != 1 {
			return smtp.ErrAuthFailed
		}
		x.user = username
		return nil
	}
	if !slices.Contains(x.AuthMechanisms(), mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	if mechanism == sasl.Login {
		return &login{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
}

// login is the server's side of AUTH LOGIN, which go-sasl has only for clients.
type login struct {
	check    func(username, password string) error
	asked    int
	username string
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil && l.asked == 0 {
		l.asked = 1
		return []byte("Username:"), false, nil
	}
	if l.asked <= 1 {
		l.asked = 2
		l.username = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.username, string(response))
}

func selfSigned(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.ParseIP(host)},
		DNSNames:              []string{"localhost"},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
