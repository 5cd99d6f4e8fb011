// Package incident is what is done when something happens to people's data: it
// is declared, those whom it concerns are found in what rooms declare and in the
// staff's log, they are told in words that two people answer for, and so are the
// authorities, within their time. Each step is written down. The people stay in
// their own regions' databases.
//
// It knows nothing of HTTP and of how a message leaves (mail and sms do), and no
// room's tables: it asks each by its side door.
package incident

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/region"
	"waypost/internal/sms"
	"waypost/internal/vault"
)

// An ID names an incident: I-7. It is what the staff say as the purpose of a look.
type ID string

// A Severity is how much harm an incident can do to those whom it concerns.
type Severity string

// Severities, as the GDPR tells them apart (Articles 33 and 34).
const (
	Low    Severity = "low"    // a risk is unlikely
	Medium Severity = "medium" // a risk: the authority is to be told
	High   Severity = "high"   // a high risk: those whom it concerns, too
)

// Severities are all there are.
var Severities = []Severity{Low, Medium, High}

// A State is how far an incident is.
type State string

// States, in their order.
const (
	Ongoing   State = "open"
	Contained State = "contained" // it goes no further
	Told      State = "told"      // everybody was told, or nobody has to be
	Closed    State = "closed"
)

// Facts are what is known of an incident, in the staff's words.
type Facts struct {
	Title    string `json:"title"`
	Happened string `json:"happened"`          // what happened
	Effects  string `json:"effects,omitempty"` // what can follow of it
	Measures string `json:"measures,omitempty"`
	Lessons  string `json:"lessons,omitempty"` // at its end
	Records  int64  `json:"records,omitempty"` // about how many records it concerns, 0 not known
}

// Times are when it was, UTC; zero what isn't known.
type Times struct{ Noticed, Began, Ended time.Time }

// An Incident is one, with all that is known of it but the people.
type Incident struct {
	ID        ID
	Severity  Severity
	State     State
	Facts     Facts
	Times     Times
	Contained time.Time // UTC, zero not yet
	Declared  time.Time // UTC
	Closed    time.Time // UTC, zero not yet
	Criteria  []Criterion
	sought    []Criterion // those of the newest list
	List      int         // the newest list that was asked for, 0 none
	Frozen    int         // the list that holds, 0 none
	Asked     time.Time   // UTC; when approval of the notices was asked for, zero not or no more
	Approved  int         // the edition of the notices that was approved last, 0 none
	agreed    int         // the list that it was approved for, 0 none
	Spared    bool        // it was decided that nobody has to be told
	Duties    []Duty      // what is due first, first
}

const (
	maxTitle = 120  // characters
	maxText  = 6000 // of one text
	mostOpen = 200  // incidents of a list
)

// What can be wrong.
var (
	ErrNone     = fault.New(fault.NotFound, "incident_missing", "There is no such incident.")
	errURL      = fault.New(fault.Invalid, "incident_url", "Links in notices need the address that people use, like https://track.example.org.")
	errTitle    = fault.New(fault.Invalid, "incident_title", "Give the incident a title of 1 to 120 characters.")
	errHappened = fault.New(fault.Invalid, "incident_happened", "Say what happened, in at most 6,000 characters.")
	errText     = fault.New(fault.Invalid, "incident_text", "One of the texts is longer than 6,000 characters. Shorten it.")
	errSeverity = fault.New(fault.Invalid, "incident_severity", "Say how grave it is: low, medium or high.")
	errTimes    = fault.New(fault.Invalid, "incident_times", "Check the times: it was noticed before now, and ended after it began. They are in UTC, like 2026-03-02 14:30.")
	errClosed   = fault.New(fault.Conflict, "incident_closed", "The incident is closed; only notes can be added.")
	errAgain    = fault.New(fault.Conflict, "incident_again", "Somebody else changed the incident just now. Look at it again.")
)

// Jobs take events of a region's database. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the members live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// A Room is one that stores something of people, in one region.
type Room struct {
	Name, Region string
	inventory.Room
}

// An Operator is who answers questions, as the configuration says; "" is unsaid.
type Operator struct{ Company, Officer, Mail, Phone string }

// Options are what incidents are handled with.
type Options struct {
	Regions     []Region
	House       *vault.Vault // that has the installation's own key
	Members     *account.Members
	Mail        mail.Sender
	SMS         sms.Sender
	URL         string // the address that people use
	Operator    Operator
	Authorities map[string][]Authority // by region; a region without one has the GDPR's, unnamed
	Log         *slog.Logger           // nil discards
	Metrics     prometheus.Registerer  // nil for none
}

// Incidents are all regions'. Safe for concurrent use, also by several programs
// that share the databases.
type Incidents struct {
	stores      region.Set[*Store] // the first has the incidents themselves
	house       *vault.Vault
	members     *account.Members
	rooms       []Room
	mail        mail.Sender
	sms         sms.Sender
	url         *url.URL
	operator    Operator
	authorities map[string][]Authority
	words       []*locale.Words
	log         *slog.Logger
	metrics     *metrics
	any         known
	now         func() time.Time // time.Now but in tests
}

// A Store is what there is of incidents in one region: whom they concern.
type Store struct {
	Region
	all *Incidents
}

var _ inventory.Room = (*Store)(nil)

var (
	//go:embed migrations/*.sql
	migrations embed.FS
	//go:embed words
	tables embed.FS
)

// Open brings the tables of every region up to date.
func Open(ctx context.Context, o Options) (*Incidents, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Host == "" {
		return nil, errURL
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	all := &Incidents{house: o.House, members: o.Members, mail: o.Mail, sms: o.SMS, url: at, operator: o.Operator, log: o.Log, now: time.Now}
	if all.words, err = locale.Load(tables, "words"); err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	all.stores, err = region.Open(o.Regions, ErrNone, func(r Region) (string, *Store, error) {
		return r.Name, &Store{r, all}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	if all.authorities, err = all.lawful(o.Authorities); err != nil {
		return nil, err
	}
	all.metrics = newMetrics(o.Metrics, all)
	return all, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "incident", files)
}

// Search has those whom an incident concerns looked for in rooms. It is called
// once, before the first search.
func (i *Incidents) Search(rooms ...Room) { i.rooms = rooms }

// Stores are all regions' stores, by name: for the side door, and for jobs of
// every region.
func (i *Incidents) Stores() []*Store { return i.stores.Stores() }

// Regions are the names of all.
func (i *Incidents) Regions() []string { return i.stores.Names() }

// in is the store of a region, nil when there is none.
func (i *Incidents) in(name string) *Store {
	s, _ := i.stores.In(name)
	return s
}

// of is the store of the region that somebody lives in, nil when there is none.
func (i *Incidents) of(id account.ID) *Store { return i.in(id.Region()) }

// book is the database that has the incidents themselves.
func (i *Incidents) book() *Store { return i.Stores()[0] }

// link is the address of a page of this installation.
func (i *Incidents) link(path ...string) string { return i.url.JoinPath(path...).String() }
