package quota_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/limit"
	"waypost/internal/quota"
	"waypost/internal/vault"
)

const day = 24 * time.Hour

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// home is an address to call from.
var home = netip.MustParseAddr("198.51.100.7")

// A world is the room of one region, and a clock that can be moved on.
type world struct {
	*quota.Stores
	t          *testing.T
	d          *db.DB
	keys       *vault.Vault
	options    quota.Options
	ahead      time.Duration
	disabled   map[inventory.Subject]bool
	restricted map[inventory.Subject]bool
	told       []quota.SecretMade
}

// each runs test with a room on both databases, where everybody's plan is p.
func each(t *testing.T, p quota.Plan, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d, p)) })
}

func newWorld(t *testing.T, d *db.DB, p quota.Plan) *world {
	t.Helper()
	w := &world{t: t, d: d, disabled: map[inventory.Subject]bool{}, restricted: map[inventory.Subject]bool{}}
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
	w.keys = must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
	w.options = quota.Options{
		Regions:    []quota.Region{{Name: "eu", DB: d, Vault: w.keys, Count: w.counter(), Jobs: w}},
		Usable:     func(_ context.Context, owner inventory.Subject) (bool, error) { return !w.disabled[owner], nil },
		Restricted: func(_ context.Context, owner inventory.Subject) (bool, error) { return w.restricted[owner], nil },
		Plan:       p,
	}
	w.Stores = w.another()
	for _, who := range []inventory.Subject{mia, noah} {
		if err := w.keys.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// counter is another program's counter on the same database.
func (w *world) counter() *limit.Counter {
	return must(limit.Open(w.t.Context(), w.d, func(text string) string { return text }))(w.t)
}

// another is the room as another program has it that shares the database.
func (w *world) another() *quota.Stores { return w.on(w.d) }

// on is the room as a program has it that opened the database by itself.
func (w *world) on(d *db.DB) *quota.Stores {
	w.t.Helper()
	options := w.options
	options.Regions = []quota.Region{w.options.Regions[0]}
	options.Regions[0].DB = d
	options.Regions[0].Count = w.counter()
	all := must(quota.Open(w.t.Context(), options))(w.t)
	all.SetClock(w.now)
	return all
}

// Add takes what the room tells.
func (w *world) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	for _, e := range events {
		w.told = append(w.told, e.(quota.SecretMade))
	}
	return nil
}

func (w *world) now() time.Time { return time.Now().Add(w.ahead) }

// store is the only region's.
func (w *world) store() *quota.Store { return w.Stores.Stores()[0] }

// make makes a key that may do everything.
func (w *world) make(owner inventory.Subject, name string, from ...string) quota.Fresh {
	w.t.Helper()
	ranges := must(quota.ParseRanges(strings.Join(from, "\n")))(w.t)
	return must(w.store().Make(w.t.Context(), owner, quota.Settings{Name: name, Scopes: quota.Scopes, From: ranges}, false))(w.t)
}

// enters fails the test unless a secret lets in, or fails with want.
func (w *world) enters(q *quota.Stores, secret string, from netip.Addr, want error) {
	w.t.Helper()
	if _, err := q.Enter(w.t.Context(), secret, from); !errors.Is(err, want) {
		w.t.Errorf("Enter from %s: got %v, want %v", from, err, want)
	}
}

// draw draws lines in a transaction of their own.
func (w *world) draw(owner inventory.Subject, lines ...quota.Line) []error {
	w.t.Helper()
	var refused []error
	err := w.d.Tx(w.t.Context(), func(tx *db.Tx) (err error) {
		refused, err = w.store().Draw(w.t.Context(), tx, owner, lines)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return refused
}

// state reads an owner's quota.
func (w *world) state(owner inventory.Subject) quota.State {
	w.t.Helper()
	return must(w.store().State(w.t.Context(), owner))(w.t)
}

// lines are so many registrations.
func lines(prefix string, n int) []quota.Line {
	all := make([]quota.Line, n)
	for i := range all {
		all[i] = quota.Line{ID: prefix + "-" + string(rune('a'+i)), Matter: quota.Registration}
	}
	return all
}

// granted counts what wasn't refused.
func granted(refused []error) int {
	n := 0
	for _, err := range refused {
		if err == nil {
			n++
		}
	}
	return n
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

// wantFault fails the test unless err is a fault of the code.
func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}
