package request_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/request"
	"waypost/internal/vault"
)

// mia is a member, pia somebody of the staff who answers requests, and sam one
// who doesn't.
const mia account.ID = "eu-0190d5a0-0000-7000-8000-000000000001"

var (
	pia = account.Clerk{ID: "eu-0190d5a0-0000-7000-8000-00000000000a", Duties: []account.Duty{account.Privacy}}
	ida = account.Clerk{ID: "eu-0190d5a0-0000-7000-8000-00000000000b", Duties: []account.Duty{account.Privacy}}
	sam = account.Clerk{ID: "eu-0190d5a0-0000-7000-8000-00000000000c", Duties: []account.Duty{account.Support}}
)

// bea has no account.
var bea = account.Proven{
	Flow: "eu-0190d5a0-0000-7000-8000-0000000000f1", Region: "eu", Language: "zh",
	Contact: account.Contact{Kind: account.Mail, Value: "bea@buyer.example"},
}

// A world is the requests of one region, whose clock can be moved on.
type world struct {
	*request.Requests
	t       *testing.T
	d       *db.DB
	keys    *vault.Vault
	members *account.Members
	told    []request.Told
	now     time.Time
}

func (w *world) Add(_ context.Context, tx *db.Tx, events ...job.Args) error {
	tx.AfterCommit(func() {
		for _, e := range events {
			if told, ok := e.(request.Told); ok {
				w.told = append(w.told, told)
			}
		}
	})
	return nil
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d, now: day("2026-03-02")}
		ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
		if err != nil {
			t.Fatal(err)
		}
		if w.keys, err = vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring); err != nil {
			t.Fatal(err)
		}
		if err := w.keys.Create(t.Context(), mia.Subject()); err != nil {
			t.Fatal(err)
		}
		if w.members, err = account.Open(t.Context(), account.Options{Regions: []account.Region{{Name: "eu", DB: d, Vault: w.keys, Jobs: w}}}); err != nil {
			t.Fatal(err)
		}
		if w.Requests, err = request.Open(t.Context(), w.members.Staff(), request.Region{Name: "eu", DB: d, Vault: w.keys, Jobs: w}); err != nil {
			t.Fatal(err)
		}
		w.SetClock(func() time.Time { return w.now })
		test(t, w)
	})
}

// raise is mia's request.
func (w *world) raise(k request.Kind, text string) request.Number {
	w.t.Helper()
	return must(w.Raise(w.t.Context(), mia, request.Wish{Kind: k, Lang: "en", Text: text}))(w.t)
}

// outside is bea's request, by what opens its page.
func (w *world) outside(k request.Kind, text string) request.Request {
	w.t.Helper()
	token := must(w.RaiseOutside(w.t.Context(), bea, request.Wish{Kind: k, Person: request.Buyer, Text: text}))(w.t)
	return must(w.ByToken(w.t.Context(), token))(w.t)
}

// read is a request as pia sees it.
func (w *world) read(n request.Number) request.Request {
	w.t.Helper()
	return must(w.Read(w.t.Context(), pia, n))(w.t)
}

// list are requests as pia sees them.
func (w *world) list(f request.Filter) []request.Line {
	w.t.Helper()
	all, away, err := w.List(w.t.Context(), pia, f)
	if err != nil || len(away) > 0 {
		w.t.Fatal(away, err)
	}
	return all
}

// letters are the steps of the letters that were due since it was last called, as
// if they had left.
func (w *world) letters() (all []request.Letter) {
	w.t.Helper()
	for _, told := range w.told {
		l, err := w.LetterToSend(w.t.Context(), told)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, l)
		if err := w.LetterSent(w.t.Context(), told, true); err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.LetterToSend(w.t.Context(), told); !errors.Is(err, request.ErrNone) {
			w.t.Errorf("a letter that left would be sent again: %v", err)
		}
	}
	w.told = nil
	return all
}

// deeds is what the staff's log says of somebody, oldest first.
func (w *world) deeds(of inventory.Subject) (all []account.Deed) {
	w.t.Helper()
	for _, e := range must(w.members.Staff().Log(w.t.Context(), account.Console(), time.Now().Add(time.Hour)))(w.t) {
		if e.Of == string(of) {
			all = append(all, e.Did)
		}
	}
	slices.Reverse(all)
	return all
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

var anywhere = account.From{Address: netip.MustParseAddr("192.0.2.17"), Language: "zh"}
