package mailbox_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waypost/internal/carrier/builtin"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/mailbox"
	"waypost/internal/recognise"
	"waypost/internal/watch"
)

const mia inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"

var index = sync.OnceValue(func() *recognise.Index {
	catalogue, _ := builtin.Catalogue()
	return recognise.New(catalogue.Carriers())
})

// A post is a real IMAP server with one user, who has INBOX and Done.
type post struct {
	t     *testing.T
	addr  string
	roots *x509.CertPool
	user  *imapmemserver.User
	lines *lines
}

// lines are connections that can be cut.
type lines struct {
	net.Listener
	mu   sync.Mutex
	open []net.Conn
}

func (l *lines) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open = append(l.open, conn)
	}
	return conn, err
}

func (l *lines) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.open {
		_ = conn.Close()
	}
}

type how struct {
	tls   mailbox.Encryption
	plain bool // nothing but RFC 3501: no MOVE
}

func newPost(t *testing.T, h how) *post {
	t.Helper()
	p := &post{t: t, user: imapmemserver.NewUser("parcels", "open sesame")}
	for _, folder := range []string{"INBOX", "Done"} {
		if err := p.user.Create(folder, nil); err != nil {
			t.Fatal(err)
		}
	}
	accounts := imapmemserver.New()
	accounts.AddUser(p.user)
	o := &imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return accounts.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: h.tls == mailbox.Off, Logger: slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelInfo),
	}
	if !h.plain {
		o.Caps[imap.CapIMAP4rev2] = struct{}{}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr, p.lines = listener.Addr().String(), &lines{Listener: listener}
	listener = p.lines
	if h.tls != mailbox.Off {
		private := p.certify()
		if o.TLSConfig = private; h.tls == mailbox.Implicit {
			o.TLSConfig, listener = nil, tls.NewListener(listener, private)
		}
	}
	server := imapserver.New(o)
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// certify gives the server a certificate of its own.
func (p *post) certify() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		p.t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(certificate)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return int64(l.Len()) }

func (p *post) arrives(mail string) {
	p.t.Helper()
	if _, err := p.user.Append("INBOX", literal{strings.NewReader(strings.ReplaceAll(mail, "\n", "\r\n"))}, &imap.AppendOptions{Time: time.Now()}); err != nil {
		p.t.Fatal(err)
	}
}

// unread and all count the mails in a folder.
func (p *post) count(folder string) (unread, all uint32) {
	p.t.Helper()
	data, err := p.user.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return *data.NumUnseen, *data.NumMessages
}

// A shelf keeps what it is given, and fails as often as it is told to.
type shelf struct {
	fails int
	then  func() // when it is given something
	kept  []watch.New
}

func (s *shelf) Mail(_ context.Context, owner inventory.Subject, news ...watch.New) (watch.Mailed, error) {
	if owner != mia {
		return watch.Mailed{}, errors.New("for somebody else")
	}
	if s.then != nil {
		s.then()
	}
	if s.fails > 0 {
		s.fails--
		return watch.Mailed{}, errors.New("the database is away")
	}
	s.kept = append(s.kept, news...)
	return watch.Mailed{Made: len(news)}, nil
}

func (s *shelf) numbers() (all []string) {
	for _, n := range s.kept {
		all = append(all, n.Number+" "+string(n.Carrier)+" "+n.Expected.Day+" "+n.Expected.By)
	}
	return all
}

func (p *post) box(o mailbox.Options) *mailbox.Mailbox {
	p.t.Helper()
	if o.PasswordFile == "" {
		o.PasswordFile = filepath.Join(p.t.TempDir(), "password")
		if err := os.WriteFile(o.PasswordFile, []byte("open sesame\n"), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	if o.Metrics == nil {
		o.Metrics = mailbox.NewMetrics(prometheus.NewRegistry())
	}
	if o.Folder == "" {
		o.Folder = "INBOX"
	}
	o.Name, o.Server, o.User, o.Owner, o.Index, o.Log = "home", p.addr, "parcels", mia, index, slog.New(slog.DiscardHandler)
	return mailbox.New(o)
}

const (
	shipped = `From: Shop <orders@shop.example>
Subject: Your order 302-1234567 is on its way
Date: Mon, 02 Mar 2026 10:00:00 +0100
Content-Type: text/html; charset=utf-8

<html><head><script type="application/ld+json">{"@type": "ParcelDelivery", "trackingNumber": "382174650910",
"provider": {"name": "FedEx"}, "expectedArrivalUntil": "2026-03-06T18:00:00+01:00"}</script></head><body>Thank you. Call 0170 1234567.</body></html>
`
	fromCarrier = `From: UPS <pkginfo@ups.com>
Subject: =?utf-8?q?Your_parcel_1Z4A7B2C0364182055?=
Date: Mon, 02 Mar 2026 10:00:00 +0100

Number 1Z4A7B2C0364182055 is out.
`
	newsletter = `From: news@shop.example
Subject: 20 % off until 2026-03-31
Date: Mon, 02 Mar 2026 10:00:00 +0100

Order number 12345678901. Article 46025813, invoice 2026-000123.
`
)

func TestMailsAreTakenInAndMarked(t *testing.T) {
	for _, private := range []mailbox.Encryption{mailbox.Implicit, mailbox.STARTTLS, mailbox.Off} {
		t.Run(string(private), func(t *testing.T) {
			p, s := newPost(t, how{tls: private}), &shelf{}
			p.arrives(shipped)
			p.arrives(newsletter)
			p.arrives(fromCarrier)
			box := p.box(mailbox.Options{TLS: private, Roots: p.roots, Parcels: s})
			turn, err := box.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"382174650910 fedex 2026-03-06 shop.example", "1Z4A7B2C0364182055 ups  "}
			if got := s.numbers(); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if turn.Mails != 3 || turn.Made != 2 {
				t.Errorf("turn %+v, want three mails and two parcels", turn)
			}
			if unread, all := p.count("INBOX"); unread != 0 || all != 3 {
				t.Errorf("%d of %d unread, want three that are read", unread, all)
			}
			if turn, err := box.Read(t.Context()); err != nil || turn.Mails != 0 {
				t.Errorf("again: %+v, %v, want nothing", turn, err)
			}
		})
	}
}

func TestMailsAreMovedAway(t *testing.T) {
	p, s := newPost(t, how{tls: mailbox.Off}), &shelf{}
	p.arrives(shipped)
	p.arrives(fromCarrier)
	if _, err := p.box(mailbox.Options{TLS: mailbox.Off, Parcels: s, Done: "Done"}).Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, left := p.count("INBOX")
	if _, done := p.count("Done"); left != 0 || done != 2 {
		t.Errorf("%d left and %d done, want 0 and 2", left, done)
	}
}

func TestWhatIsNotStoredStaysUnread(t *testing.T) {
	p, s := newPost(t, how{tls: mailbox.Off}), &shelf{fails: 1}
	p.arrives(shipped)
	p.arrives(fromCarrier)
	registry := prometheus.NewRegistry()
	box := p.box(mailbox.Options{TLS: mailbox.Off, Parcels: s, Metrics: mailbox.NewMetrics(registry)})
	if _, err := box.Read(t.Context()); err == nil {
		t.Fatal("no error, want the database's")
	}
	if unread, _ := p.count("INBOX"); unread != 2 {
		t.Fatalf("%d unread, want both", unread)
	}
	if turn, err := box.Read(t.Context()); err != nil || turn.Mails != 2 || len(s.kept) != 2 {
		t.Errorf("again: %+v, %v, kept %v; want both mails", turn, err, s.numbers())
	}
	if n := testutil.CollectAndCount(registry, "waypost_mailbox_turns_total"); n != 2 {
		t.Errorf("%d outcomes of turns, want failed and read", n)
	}
}

func TestACrashAfterStoringReadsTheMailAgain(t *testing.T) {
	p, s := newPost(t, how{tls: mailbox.Off}), &shelf{}
	p.arrives(shipped)
	s.then = p.lines.cut
	box := p.box(mailbox.Options{TLS: mailbox.Off, Parcels: s})
	if _, err := box.Read(t.Context()); err == nil {
		t.Fatal("no error, want the connection's end")
	}
	s.then = nil
	if _, err := box.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if unread, _ := p.count("INBOX"); unread != 0 || len(s.kept) != 2 {
		t.Errorf("%d unread, kept %q; want it told twice, because telling twice does no harm", unread, s.numbers())
	}
}

func TestAHugeMailIsReadInPart(t *testing.T) {
	p, s := newPost(t, how{tls: mailbox.Off}), &shelf{}
	p.arrives(fromCarrier + strings.Repeat("x", 3<<20) + "\nNumber 1Z88R0X30319772400\n")
	if _, err := p.box(mailbox.Options{TLS: mailbox.Off, Parcels: s}).Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.numbers(); !slices.Equal(got, []string{"1Z4A7B2C0364182055 ups  "}) {
		t.Errorf("got %q, want the number at its beginning", got)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	p := newPost(t, how{tls: mailbox.Implicit})
	plain := newPost(t, how{tls: mailbox.Off, plain: true})
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, code string
		post       *post
		o          mailbox.Options
	}{
		{"a certificate of nobody that is trusted", "mailbox_connect", p, mailbox.Options{TLS: mailbox.Implicit}},
		{"a server that speaks TLS at once", "mailbox_connect", p, mailbox.Options{TLS: mailbox.STARTTLS, Roots: p.roots}},
		{"a server without STARTTLS", "mailbox_connect", plain, mailbox.Options{TLS: mailbox.STARTTLS}},
		{"a wrong password", "mailbox_sign_in", p, mailbox.Options{TLS: mailbox.Implicit, Roots: p.roots, PasswordFile: other}},
		{"no password file", "mailbox_password", p, mailbox.Options{TLS: mailbox.Implicit, Roots: p.roots, PasswordFile: other + "x"}},
		{"no such folder", "mailbox_folder", p, mailbox.Options{TLS: mailbox.Implicit, Roots: p.roots, Folder: "Parcels"}},
		{"a server that can't move", "mailbox_move", plain, mailbox.Options{TLS: mailbox.Off, Done: "Done"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.post.t = t
			tc.post.arrives(shipped)
			s := &shelf{}
			tc.o.Parcels = s
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := tc.post.box(tc.o).Read(ctx)
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tc.code {
				t.Errorf("got %v, want %s", err, tc.code)
			}
			if len(s.kept) > 0 {
				t.Errorf("kept %q", s.numbers())
			}
		})
	}
}
