// Package mailbox reads a mailbox by IMAP for what carriers and shops write of
// parcels: their numbers and the days by which they come are saved for one
// member or business account. A mail is marked as read, or moved away, once what
// it says is stored, so that a crash reads it again and loses nothing. It looks
// at no address that a mail names and answers none; it knows nothing of accounts
// beyond an id.
package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"github.com/emersion/go-imap/v2"

	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/recognise"
	"waypost/internal/watch"
)

const (
	// maxMail is what is read of a mail, in bytes. Its text comes first; what is
	// beyond are pictures and attachments.
	maxMail = 1 << 20

	// mostAtOnce is how many mails one turn takes, oldest first.
	mostAtOnce = 200

	// turnTime bounds one turn.
	turnTime = 5 * time.Minute
)

// Encryption says how a connection to the server is kept private.
type Encryption string

// The ways of encryption.
const (
	Implicit Encryption = "implicit" // from the first byte; usually port 993
	STARTTLS Encryption = "starttls" // asked for on a plain connection, and required; usually port 143
	Off      Encryption = "off"      // none: a server on the same machine
)

// Parcels is where a mailbox's parcels go. *watch.Store has it.
type Parcels interface {
	Mail(ctx context.Context, owner inventory.Subject, news ...watch.New) (watch.Mailed, error)
}

// Options are one mailbox, and whose parcels come in it.
type Options struct {
	Name         string // what the operator calls it
	Server       string // HOST:PORT
	TLS          Encryption
	Roots        *x509.CertPool // nil: the machine's
	User         string
	PasswordFile string // read at each turn, so that a new password is taken
	Folder       string
	Done         string // folder to which mails go that were taken in; "" they stay, marked as read
	Owner        inventory.Subject
	Parcels      Parcels
	Index        func() *recognise.Index // as it is now
	Metrics      *Metrics
	Log          *slog.Logger
}

// A Mailbox is one folder at one server.
type Mailbox struct{ o Options }

// New makes one; nothing is read before Read.
func New(o Options) *Mailbox { return &Mailbox{o} }

// A Turn is what one reading brought.
type Turn struct {
	Mails int // that were taken in
	watch.Mailed
}

// Read takes in what is new, each mail by itself. When it fails, mails that
// weren't taken in are as they were, and the next turn reads them. It is for one
// process at a time; two at once do no harm.
func (m *Mailbox) Read(ctx context.Context) (Turn, error) {
	ctx, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	turn, err := m.read(ctx)
	m.o.Metrics.turn(m.o.Name, err)
	if turn.Mails > 0 {
		m.o.Log.Info("mails read", "mailbox", m.o.Name, "mails", turn.Mails, "saved", turn.Made, "told", turn.Told)
	}
	return turn, err
}

func (m *Mailbox) read(ctx context.Context) (turn Turn, err error) {
	c, err := m.open(ctx)
	if err != nil {
		return turn, err
	}
	defer func() {
		if closed := c.close(); err == nil && closed != nil {
			err = errReading.With(m.o.Name).Because(closed)
		}
	}()
	mails, err := c.waiting()
	if err != nil {
		return turn, errReading.With(m.o.Name).Because(err)
	}
	for _, mail := range mails[:min(len(mails), mostAtOnce)] {
		if err := m.take(ctx, c, mail, &turn); err != nil {
			return turn, err
		}
	}
	return turn, nil
}

// take reads one mail, stores what it says, and only then puts it away.
func (m *Mailbox) take(ctx context.Context, c *connection, mail imap.UID, turn *Turn) error {
	source, err := c.fetch(mail)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return errReading.With(m.o.Name).Because(err)
	}
	news := Parcelled(m.o.Index(), source)
	if len(news) > 0 {
		mailed, err := m.o.Parcels.Mail(ctx, m.o.Owner, news...)
		if err != nil {
			return err
		}
		turn.Made, turn.Told = turn.Made+mailed.Made, turn.Told+mailed.Told
	}
	if err := c.done(mail); err != nil {
		return errReading.With(m.o.Name).Because(err)
	}
	turn.Mails++
	m.o.Metrics.mail(m.o.Name, len(news))
	return nil
}

var (
	errPassword = fault.New(fault.Unavailable, "mailbox_password", "The password file of mailbox %s can't be read.")
	errConnect  = fault.New(fault.Unavailable, "mailbox_connect", "The server of mailbox %s can't be reached, or not over TLS as mailboxes.%[1]s.tls says.")
	errSignIn   = fault.New(fault.Unavailable, "mailbox_sign_in", "The server of mailbox %s doesn't take the user and password.")
	errFolder   = fault.New(fault.Unavailable, "mailbox_folder", "Mailbox %s has no folder %q, or it can't be written.")
	errMove     = fault.New(fault.Unavailable, "mailbox_move", "The server of mailbox %s can't move mails without a risk to lose them (RFC 6851). Leave done: out; mails are then marked as read.")
	errReading  = fault.New(fault.Unavailable, "mailbox_reading", "Mailbox %s can't be read just now.")
)
