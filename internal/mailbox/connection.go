package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// dialTime bounds how long a server may take to be there.
const dialTime = 30 * time.Second

// A connection is a folder that is open at its server.
type connection struct {
	*imapclient.Client
	moveTo string
	forget func() bool // stops closing it with its context
}

// errGone is a mail that somebody took away meanwhile.
var errGone = errors.New("the mail has gone")

// open signs in and opens the folder. The connection ends with ctx.
func (m *Mailbox) open(ctx context.Context) (*connection, error) {
	password, err := os.ReadFile(m.o.PasswordFile)
	if err != nil {
		return nil, errPassword.With(m.o.Name).Because(err)
	}
	client, forget, err := m.dial(ctx)
	if err != nil {
		return nil, errConnect.With(m.o.Name).Because(err)
	}
	c := &connection{client, m.o.Done, forget}
	if err := m.enter(c, strings.TrimRight(string(password), "\r\n")); err != nil {
		return nil, errors.Join(err, c.abandon())
	}
	return c, nil
}

func (m *Mailbox) enter(c *connection, password string) error {
	if err := c.Login(m.o.User, password).Wait(); err != nil {
		return errSignIn.With(m.o.Name).Because(err)
	}
	if m.o.Done != "" && !c.Caps().Has(imap.CapMove) {
		return errMove.With(m.o.Name)
	}
	if _, err := c.Select(m.o.Folder, nil).Wait(); err != nil {
		return errFolder.With(m.o.Name, m.o.Folder).Because(err)
	}
	return nil
}

// dial makes a connection, encrypted as the operator decided. Certificates are
// always checked.
func (m *Mailbox) dial(ctx context.Context) (*imapclient.Client, func() bool, error) {
	host, _, err := net.SplitHostPort(m.o.Server)
	if err != nil {
		return nil, nil, err
	}
	dialer := net.Dialer{Timeout: dialTime}
	conn, err := dialer.DialContext(ctx, "tcp", m.o.Server)
	if err != nil {
		return nil, nil, err
	}
	forget := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := m.begin(ctx, conn, &tls.Config{ServerName: host, RootCAs: m.o.Roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		forget()
		return nil, nil, errors.Join(err, ignoreClosed(conn.Close()))
	}
	return client, forget, nil
}

func (m *Mailbox) begin(ctx context.Context, conn net.Conn, private *tls.Config) (*imapclient.Client, error) {
	var client *imapclient.Client
	switch m.o.TLS {
	case STARTTLS:
		var err error
		if client, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: private}); err != nil {
			return nil, err
		}
	case Off:
		client = imapclient.New(conn, nil)
	default:
		over := tls.Client(conn, private)
		if err := over.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		client = imapclient.New(over, nil)
	}
	return client, client.WaitGreeting()
}

// waiting are the mails that weren't taken in yet, oldest first: those that
// nobody read or, where mails are moved, all that are there.
func (c *connection) waiting() ([]imap.UID, error) {
	which := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
	if c.moveTo == "" {
		which.NotFlag = append(which.NotFlag, imap.FlagSeen)
	}
	found, err := c.UIDSearch(which, nil).Wait()
	if err != nil {
		return nil, err
	}
	return found.AllUIDs(), nil
}

// fetch is a mail's source, no more of it than maxMail, and doesn't mark it.
func (c *connection) fetch(mail imap.UID) (source []byte, err error) {
	part := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxMail}}
	fetched := c.Fetch(imap.UIDSetNum(mail), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{part}})
	defer func() { err = errors.Join(err, fetched.Close()) }()
	for message := fetched.Next(); message != nil; message = fetched.Next() {
		for item := message.Next(); item != nil; item = message.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				continue
			}
			if source, err = io.ReadAll(io.LimitReader(body.Literal, maxMail)); err != nil {
				return nil, err
			}
		}
	}
	if source == nil {
		return nil, errGone
	}
	return source, nil
}

// done puts a mail away.
func (c *connection) done(mail imap.UID) error {
	if c.moveTo != "" {
		_, err := c.Move(imap.UIDSetNum(mail), c.moveTo).Wait()
		return err
	}
	seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	return c.Store(imap.UIDSetNum(mail), seen, nil).Close()
}

func (c *connection) close() error {
	err := c.Logout().Wait()
	return errors.Join(err, c.abandon())
}

// abandon ends a connection without a word.
func (c *connection) abandon() error {
	c.forget()
	return ignoreClosed(c.Close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
