// Package mailtest is a real SMTP server for tests, which keeps what it is
// given. It knows nothing of how messages are made.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options are how a sink behaves. The zero value takes everything, unencrypted
// and from anybody.
type Options struct {
	TLS            bool // from the first byte
	STARTTLS       bool // offered, and needed to sign in
	User, Password string
	Mechanism      string // PLAIN or LOGIN, "" for PLAIN

	// Answer is asked at MAIL, RCPT and DATA, with what the client gave; an
	// *smtp.SMTPError is the server's answer. Nil takes everything.
	Answer func(step, given string) error
}

// A Sink is one running server.
type Sink struct {
	Addr  string         // HOST:PORT
	Roots *x509.CertPool // that the server's certificate comes from

	options Options
	mu      sync.Mutex
	mails   []Mail
}

// A Mail is one message as it arrived.
type Mail struct {
	From, To  string // of the envelope
	Raw       []byte
	Encrypted bool
	User      string // "" for nobody
	Hello     string // how the client called itself
}

// Start runs a sink until the test ends.
func Start(t testing.TB, o Options) *Sink {
	t.Helper()
	certificate, roots := certificate(t)
	s := &Sink{Roots: roots, options: o}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{sink: s, conn: c}, nil
	}))
	server.Domain = "sink.example"
	server.MaxMessageBytes = 4 << 20
	server.ErrorLog = silent{}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if o.STARTTLS {
		server.TLSConfig = config
	}
	server.AllowInsecureAuth = !o.STARTTLS && !o.TLS
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = listener.Addr().String()
	if o.TLS {
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with an error, always
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // the server doesn't know it yet when nobody has called
		<-done
	})
	return s
}

// Mails returns what arrived, oldest first.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// silent is what the server's own words go to: clients that hang up are usual in tests.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

type session struct {
	sink *Sink
	conn *smtp.Conn
	mail Mail
	user string
}

func (s *session) AuthMechanisms() []string {
	switch {
	case s.sink.options.User == "":
		return nil
	case s.sink.options.Mechanism == "":
		return []string{sasl.Plain}
	}
	return []string{s.sink.options.Mechanism}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != s.sink.options.User || password != s.sink.options.Password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}
	if mechanism == sasl.Login {
		return &login{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.options.User != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.mail = Mail{From: from, User: s.user, Hello: s.conn.Hostname()}
	_, s.mail.Encrypted = s.conn.TLSConnectionState()
	return s.answer("MAIL", from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = to
	return s.answer("RCPT", to)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.answer("DATA", s.mail.To); err != nil {
		return err
	}
	s.mail.Raw = raw
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.mails = append(s.sink.mails, s.mail)
	return nil
}

func (s *session) answer(step, given string) error {
	if s.sink.options.Answer == nil {
		return nil
	}
	return s.sink.options.Answer(step, given)
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }

// login is the server's side of LOGIN, which the library has no more.
type login struct {
	check func(user, password string) error
	user  *string
	asked bool
}

func (l *login) Next(response []byte) ([]byte, bool, error) {
	switch {
	case !l.asked && len(response) == 0:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.asked, l.user = true, &user
		return []byte("Password:"), false, nil
	case len(response) == 0:
		return nil, false, errors.New("no password")
	}
	return nil, true, l.check(*l.user, string(response))
}

// certificate makes one for this machine, and the roots to check it with.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sink.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
