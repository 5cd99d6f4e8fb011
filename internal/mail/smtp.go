package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"waypost/internal/fault"
)

const defaultTimeout = 30 * time.Second

// Encryption says how a connection to the mail server is kept private.
type Encryption string

// The ways of encryption.
const (
	STARTTLS Encryption = "starttls" // asked for on a plain connection, and required; usually port 587
	Implicit Encryption = "implicit" // from the first byte; usually port 465
	Off      Encryption = "off"      // none: a server on the same machine or network
)

// Options are how an SMTP server is reached.
type Options struct {
	From     string // "Waypost <post@example.org>" or the address alone
	Server   string // HOST:PORT
	User     string // "" for a server that wants none
	Password string
	TLS      Encryption // "" is STARTTLS
	RootCAs  *x509.CertPool
	DKIM     *DKIM         // nil: not signed here
	Timeout  time.Duration // of a whole message, 30 s
}

// An SMTP sends by one server, with a connection for each message.
type SMTP struct {
	from    mail.Address
	domain  string // of from
	host    string
	o       Options
	metrics *metrics
}

var errFrom = fault.New(fault.Invalid, "mail_from", "The sender (mail.from) is no e-mail address like Waypost <post@track.example.org>.")

// New makes a Sender. An option that can't be used is an error of kind Invalid.
func New(o Options, reg prometheus.Registerer) (*SMTP, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, errFrom.Because(err)
	}
	if from.Address, err = Address(from.Address); err != nil {
		return nil, errFrom
	}
	host, _, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mail_server", "The mail server (mail.smtp) is not HOST:PORT.").Because(err)
	}
	if o.TLS == "" {
		o.TLS = STARTTLS
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	_, domain, _ := cutLast(from.Address, "@")
	from.Name = oneLine(from.Name)
	return &SMTP{from: *from, domain: domain, host: host, o: o, metrics: newMetrics(reg)}, nil
}

// Send hands one message to the server. When the server took it and its answer
// was lost, the message is sent again by whoever tries again, under the same ID.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	started := time.Now()
	m, err := m.Checked()
	if err != nil {
		return err
	}
	raw, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	err = s.deliver(ctx, m.To, raw)
	s.metrics.sent(m.Kind, err, time.Since(started))
	return err
}

// deliver speaks SMTP. The connection is closed when ctx ends, whatever the
// server does.
func (s *SMTP) deliver(ctx context.Context, to string, raw []byte) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return trouble(ctx, "connect", err)
	}
	hangUp := func() { _ = conn.Close() }
	defer hangUp()
	defer context.AfterFunc(ctx, hangUp)()

	client, err := s.greet(ctx, conn)
	if err != nil {
		return trouble(ctx, "greet", err)
	}
	if err := client.Mail("<" + s.from.Address + ">"); err != nil {
		return trouble(ctx, "MAIL", err)
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return trouble(ctx, "RCPT", err)
	}
	body, err := client.Data()
	if err != nil {
		return trouble(ctx, "DATA", err)
	}
	if _, err := body.Write(raw); err != nil {
		return trouble(ctx, "write", err)
	}
	if err := body.Close(); err != nil {
		return trouble(ctx, "message", err)
	}
	_ = client.Quit() // it has the message; a goodbye that fails changes nothing
	return nil
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	if s.o.TLS == Implicit {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", s.o.Server)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.o.Server)
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: s.o.RootCAs}
}

// greet says hello, encrypts and signs in.
func (s *SMTP) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	options := []gomail.Option{
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
		gomail.WithHELO(s.domain),           // the machine's own name is nobody's business
		gomail.WithTimeout(2 * s.o.Timeout), // ctx ends first, and closes the connection
		gomail.WithTLSConfig(s.tls()),
		gomail.WithoutSMTPUTF8(), // addresses are ASCII, and not every server on the way knows it
	}
	switch s.o.TLS {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case Off:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.o.User != "" {
		options = append(options, gomail.WithUsername(s.o.User), gomail.WithPassword(s.o.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return client.DialToSMTPClientWithContext(ctx)
}
