// Package message is what is said to people: which message, in whose language
// and in which words, by which way, and when. It is told by jobs that there is
// something to say, and asks the room that knows what and to whom. It keeps which
// alerts each member wants, and when they want none.
//
// It knows nothing of HTTP, of how a message leaves (mail and sms do), or of how
// accounts and parcels come to change.
package message

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/sms"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// Jobs is where work is put that a change makes necessary. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
	AddAt(ctx context.Context, tx *db.Tx, at time.Time, events ...job.Args) error
}

// People is who somebody is: their language, their country and where their
// messages go. A fault of kind NotFound says that there is nobody.
type People interface {
	Profile(ctx context.Context, id account.ID) (account.Profile, error)
}

// A Region is where some of the people live, with their keys and jobs.
type Region struct {
	Name  string // eu; ids and tokens begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// Options are what messages are made and sent with.
type Options struct {
	URL        string // the address that people use, which links begin with
	Mail       mail.Sender
	SMS        sms.Sender
	Letters    Letters
	Requests   Requests // about people's data
	Regions    []Region
	Watches    *watch.Watches
	People     People
	Stays      func(lang string) []string                  // what is left of who is erased, by law; nil: nothing
	Restricted inventory.Restricted                        // whose data is: they aren't told of parcels
	Carrier    func(code carrier.Code, lang string) string // a carrier's name
	Log        *slog.Logger                                // nil discards
	Metrics    prometheus.Registerer                       // nil for none
}

// Messages says things to people. Safe for concurrent use, also by several
// programs that share the databases.
type Messages struct {
	url        *url.URL
	mail       mail.Sender
	sms        sms.Sender
	letters    Letters
	requests   Requests
	stores     []*Store
	people     People
	restricted inventory.Restricted
	stays      func(lang string) []string
	carrier    func(code carrier.Code, lang string) string
	words      []*locale.Words
	log        *slog.Logger
	metrics    *metrics
	now        func() time.Time // time.Now but in tests
}

// A Store is the settings and alerts of one region's people.
type Store struct {
	region  string
	db      *db.DB
	vault   *vault.Vault
	jobs    Jobs
	watches *watch.Store
	all     *Messages
}

var _ inventory.Room = (*Store)(nil)

var (
	//go:embed words
	tables embed.FS
	//go:embed migrations/*.sql
	migrations embed.FS
)

var (
	errURL    = fault.New(fault.Invalid, "message_url", "Links in messages need the address that people use, like https://track.example.org.")
	errRegion = fault.New(fault.NotFound, "message_region", "There is no such account here.")
)

// Open brings the tables of every region up to date and returns the messages of
// an installation.
func Open(ctx context.Context, o Options) (*Messages, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Host == "" {
		return nil, errURL
	}
	words, err := locale.Load(tables, "words")
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Messages{
		url: at, mail: o.Mail, sms: o.SMS, letters: o.Letters, requests: o.Requests, people: o.People, restricted: o.Restricted, stays: o.Stays, carrier: o.Carrier,
		words: words, log: o.Log, metrics: newMetrics(o.Metrics), now: time.Now,
	}
	for _, r := range o.Regions {
		if err := Migrate(ctx, r.DB); err != nil {
			return nil, err
		}
		s := &Store{region: r.Name, db: r.DB, vault: r.Vault, jobs: r.Jobs, all: m}
		for _, w := range o.Watches.Stores() {
			if w.Region() == r.Name {
				s.watches = w
			}
		}
		m.stores = append(m.stores, s)
	}
	return m, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "message", files)
}

// Stores are all regions' stores: for the side door, and for jobs of every region.
func (m *Messages) Stores() []*Store { return slices.Clone(m.stores) }

// Region is the store's.
func (s *Store) Region() string { return s.region }

// Of returns the store of the region that somebody lives in.
func (m *Messages) Of(id account.ID) (*Store, error) { return m.in(id.Region()) }

func (m *Messages) in(region string) (*Store, error) {
	for _, s := range m.stores {
		if s.region == region {
			return s, nil
		}
	}
	return nil, errRegion
}

// link is the address of a page of this installation.
func (m *Messages) link(path ...string) string { return m.url.JoinPath(path...).String() }

// origin is what a phone's keyboard compares with the page that wants a code,
// "" where it would not: it does so on https only.
func (m *Messages) origin() string {
	if m.url.Scheme != "https" {
		return ""
	}
	return strings.ToLower(m.url.Hostname())
}

func ms(t time.Time) int64 { return t.UnixMilli() }
