// Package recipient has every service that got data of somebody told when that
// person is erased, and keeps of each whether it confirmed. What names the person
// to a service is written down before anything is deleted, sealed with a key of the
// notice's own, and told only once the erasure is done; when the service confirms,
// the key is destroyed and what stays names nobody.
//
// It doesn't know what anybody got (it is told), nor how a service's interface is
// spoken.
package recipient

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// A To is a service outside.
type To struct {
	Party inventory.Party
	Which string // of several: a provider's or a source's code; "" there is one
}

// A Told is what a service is told of somebody.
type Told struct {
	To
	Names []string        // by what it knows them: addresses, numbers, ids; parcels' numbers
	Call  json.RawMessage // what its own interface wants; nil: it has none, and gets a letter
}

// A Way is how a service is told.
type Way string

// Ways.
const (
	ByCall Way = "call" // by its own interface, whose answer confirms
	ByMail Way = "mail" // by a letter, which is confirmed by its link
	ByHand Way = "hand" // by the staff: there is no other way, or none that worked
)

// A How is how a notice was confirmed.
type How string

// Hows.
const (
	HowCall     How = "call"
	HowLink     How = "link"     // by who got the letter
	HowStaff    How = "staff"    // by one of the staff, who has it on record
	HowRestored How = "restored" // before a backup was restored in which it wasn't yet
)

// Defaults of Options, and bounds.
const (
	EscalateAfter = 7 * 24 * time.Hour
	remindAfter   = 7 * 24 * time.Hour
	mostLetters   = 4
	lease         = 5 * time.Minute // who tells a service has the notice to themselves
)

// waits are how long it is waited after each failure in a row; the last goes on.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// ErrNoWay is what Options.Call fails with where a service has no interface after
// all: it gets a letter.
var ErrNoWay = fault.New(fault.NotFound, "recipient_no_way", "This service can't be told by an interface.")

var (
	// ErrOver is for a notice that isn't there, or is confirmed already.
	ErrOver = fault.New(fault.NotFound, "recipient_over", "There is nothing to confirm here: it was confirmed already, or the link isn't whole.")
)

// Erased says that somebody was erased, and that the services that got something
// are to be told now.
type Erased struct {
	Region string `json:"region"`
}

// Kind names the event.
func (Erased) Kind() string { return "recipient.erased" }

// Jobs take events of a region's database. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the people live, with their keys.
type Region struct {
	Name  string // eu; ids of its people and notices begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// Options are what an operator or a test decides.
type Options struct {
	Regions []Region // one or more, of different names
	// Call tells a service by its own interface, of an erasure at a time; nil
	// confirms it. ErrNoWay has it told by a letter.
	Call func(ctx context.Context, t Told, id string, erased time.Time) error
	// Contact is the e-mail address that a service takes such letters at, "" unknown.
	Contact func(To) string
	// Name is what a service is called: its host, its brand, its code; "" nothing.
	Name     func(To) string
	Mail     mail.Sender
	URL      string        // of the installation
	Lang     string        // of letters, BCP 47
	Escalate time.Duration // after how long without a confirmation the staff see to it, default EscalateAfter
	Log      *slog.Logger  // nil discards
}

// Recipients are all regions'. Of is the store of somebody's region, or of a notice's,
// and fails with ErrOver where there is none. Safe for concurrent use, also by several programs
// that share the databases.
type Recipients struct {
	region.Set[*Store]
	o     Options
	words []*locale.Words
	now   func() time.Time
}

// A Store is the notices of one region.
type Store struct {
	Region
	all *Recipients
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words
var words embed.FS

// The places of what is sealed and hashed. None is ever renamed.
const (
	fieldContent vault.Field = "recipient.erasure_notice.content"
	fieldHash    vault.Field = "recipient.erasure_notice.hash"
)

// Open brings the tables of every region up to date.
func Open(ctx context.Context, o Options) (*Recipients, error) {
	if o.Escalate == 0 {
		o.Escalate = EscalateAfter
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	all := &Recipients{o: o, now: time.Now}
	var err error
	if all.words, err = locale.Load(words, "words"); err != nil {
		return nil, err
	}
	all.Set, err = region.Open(o.Regions, ErrOver, func(r Region) (string, *Store, error) {
		return r.Name, &Store{r, all}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "recipient", files)
}

// Called is what a service is, with its name, in a language (BCP 47).
func (r *Recipients) Called(to To, lang string) string {
	w, name := locale.Choose(r.words, lang), r.o.Name(to)
	if name == "" {
		return w.Say("service." + string(to.Party))
	}
	return w.Say("service.named", "service", w.Say("service."+string(to.Party)), "name", name)
}

// Erased has the services told that an erasure made due.
func (r *Recipients) Erased(ctx context.Context, e Erased) error {
	s, err := r.In(e.Region)
	if err != nil {
		return nil //nolint:nilerr // of a region that is no more
	}
	return s.Tell(ctx)
}
