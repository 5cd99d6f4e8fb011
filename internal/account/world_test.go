package account_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/job"
	"waypost/internal/vault"
	"waypost/internal/workday"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
	secret = "seventeen blue herons"
)

// start is when the tests' clock begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// mia is somebody with an e-mail address, and where she sits.
var (
	mia  = account.Contact{Kind: account.Mail, Value: "mia@mail.example"}
	home = account.From{
		Address: netip.MustParseAddr("192.0.2.17"), Browser: "mias-laptop", Language: "en",
		Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	}
	cafe = account.From{
		Address: netip.MustParseAddr("198.51.100.4"), Browser: "a-phone", Language: "en",
		Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
	}
)

// goodFriday is the only day off of the regions but weekends.
func goodFriday(t testing.TB) workday.Calendar {
	c, wrong := workday.New("", []string{"2026-04-03"}, nil)
	if wrong != nil {
		t.Fatal(wrong)
	}
	return c
}

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A recorder takes jobs as committed transactions leave them.
type recorder struct {
	mu     sync.Mutex
	events []job.Args
}

func (r *recorder) Add(_ context.Context, tx *db.Tx, events ...job.Args) error {
	tx.AfterCommit(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, events...)
	})
	return nil
}

// take returns what was added since it was last called.
func (r *recorder) take() []job.Args {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// A world is members on a database, their post, and a clock.
type world struct {
	*account.Members
	t     testing.TB
	clock *clock
	post  *recorder
	dbs   []*db.DB
	keys  []*vault.Vault
	cases map[account.Matter][]string // that are open
}

// opened opens a case that the staff can look for.
func (w *world) opened(m account.Matter, ref string) { w.cases[m] = append(w.cases[m], ref) }

// closed closes all cases of a matter.
func (w *world) closed(m account.Matter) { w.cases[m] = nil }

// each runs test with members of one region on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, account.Options{}, "eu", d)) })
}

// newWorld opens members; regions are pairs of a name and a database.
func newWorld(t testing.TB, o account.Options, regions ...any) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: start}, post: &recorder{}, cases: map[account.Matter][]string{}}
	if o.Cases == nil {
		o.Cases = account.Cases{}
		for _, m := range []account.Matter{account.ForRequest, account.ForIncident, account.ForLawful} {
			o.Cases[m] = func(_ context.Context, ref string) (bool, error) { return slices.Contains(w.cases[m], ref), nil }
		}
	}
	for i := 0; i < len(regions); i += 2 {
		d := regions[i+1].(*db.DB)
		ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 31)+string(rune('0'+i)))))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
		if err != nil {
			t.Fatal(err)
		}
		o.Regions = append(o.Regions, account.Region{Name: regions[i].(string), DB: d, Vault: keys, Jobs: w.post, Days: goodFriday(t)})
		w.dbs, w.keys = append(w.dbs, d), append(w.keys, keys)
	}
	var err error
	if w.Members, err = account.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.SetClock(w.clock.Now)
	w.SetCost(64)
	return w
}

// replica is another program that shares a world's members, on a connection of
// its own to their database.
func (w *world) replica(d *db.DB) *account.Members {
	w.t.Helper()
	second := must(account.Open(w.t.Context(), account.Options{Regions: []account.Region{
		{Name: "eu", DB: d, Vault: w.keys[0], Jobs: w.post},
	}}))(w.t)
	second.SetClock(w.clock.Now)
	second.SetCost(64)
	return second
}

// application is what mia signs up with.
func application() account.Application {
	return account.Application{
		Contact: mia, Nickname: "Mia", Country: "DE", Language: "de", Age: account.Grown, Password: secret,
		Terms: account.Terms{Version: "2026-01", Wording: "I agree to the terms.", How: "sign-up form, box ticked"},
	}
}

// letters returns what is to be sent for what was added since.
func (w *world) letters() []account.Letter {
	w.t.Helper()
	var all []account.Letter
	for _, event := range w.post.take() {
		var l account.Letter
		var err error
		switch e := event.(type) {
		case account.Code:
			l, err = w.CodeToSend(w.t.Context(), e)
		case account.Notice:
			l, err = w.NoticeToSend(w.t.Context(), e)
		case account.GuardianAsked:
			l, err = w.GuardianToSend(w.t.Context(), e)
		case account.Invited:
			l, err = w.InvitationToSend(w.t.Context(), e)
		case account.Announced:
			l, err = w.AnnouncementToSend(w.t.Context(), e)
		case account.Calling:
			l, err = w.CallToSend(w.t.Context(), e)
		case account.TrainingDue:
			l, err = w.TrainingToSend(w.t.Context(), e)
		case account.WentBack, account.Restricted:
			continue // nothing is said of it
		default:
			w.t.Fatalf("job %q is nobody's", event.Kind())
		}
		if err != nil {
			w.t.Fatalf("letter for %q: %v", event.Kind(), err)
		}
		all = append(all, l)
	}
	return all
}

// letter returns the only thing to be sent.
func (w *world) letter(kind account.LetterKind) account.Letter {
	w.t.Helper()
	all := w.letters()
	if len(all) != 1 || all[0].Kind != kind {
		w.t.Fatalf("to be sent: %+v, want one letter %q", all, kind)
	}
	return all[0]
}

// join signs somebody up and returns their session.
func (w *world) join(a account.Application, from account.From) account.Session {
	w.t.Helper()
	flow := must(w.SignUp(w.t.Context(), a, from))(w.t)
	step := must(w.Enter(w.t.Context(), flow, w.letter(account.LetterSignUp).Code, from))(w.t)
	return w.session(step)
}

// session returns what a step that signs somebody in led to.
func (w *world) session(step account.Step) account.Session {
	w.t.Helper()
	if step.Session == "" {
		w.t.Fatalf("nobody is signed in: %+v", step)
	}
	return must(w.Session(w.t.Context(), step.Session))(w.t)
}

func (w *world) of(id account.ID) *account.Store {
	w.t.Helper()
	return must(w.Of(id))(w.t)
}

// must ends the test on an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantFault fails the test unless err is a fault of one of the codes.
func wantFault(t *testing.T, err error, codes ...string) {
	t.Helper()
	if !slices.Contains(codes, code(err)) {
		t.Errorf("got error %v, want %v", err, codes)
	}
}

func sqlite(t *testing.T) *db.DB {
	t.Helper()
	return dbtest.Open(t, dbtest.SQLite(t))
}

// network is an address in the i-th network.
func network(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, byte(i), 7}) }

// code returns a fault's code, "" for none.
func code(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
