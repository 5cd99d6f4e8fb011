package lawful_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/lawful"
	"waypost/internal/vault"
)

// mia and noah are members; ada and pavel are of the staff.
const (
	mia   inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
	ada                     = "eu-0190d5a0-0000-7000-8000-0000000000aa"
	pavel                   = "eu-0190d5a0-0000-7000-8000-0000000000bb"
)

const day = 24 * time.Hour

// fields are what two rooms declare.
var fields = map[string][]inventory.Field{
	"account": {
		field("account", "nickname", inventory.Profile, inventory.Sealed, inventory.WithAccount),
		field("account", "created_ms", inventory.Profile, inventory.Plain, inventory.WithAccount),
		field("session", "label", inventory.Devices, inventory.Sealed, inventory.WhileUsed),
		field("session", "seen_ms", inventory.Devices, inventory.Plain, inventory.WhileUsed),
		field("password", "phc", inventory.WaysIn, inventory.Sealed, inventory.WithAccount),
		field("contact", "lookup", inventory.Contacts, inventory.Hashed, inventory.WithAccount),
	},
	"watch": {field("watch", "words", inventory.Parcels, inventory.Sealed, inventory.UntilGone)},
}

func field(table, column string, k inventory.Kind, p inventory.Protection, r inventory.Rule) inventory.Field {
	return inventory.Field{Table: table, Column: column, What: table + "’s " + column, Whose: inventory.Member, Kind: k, Purpose: inventory.ForAccount, Protection: p, Retention: inventory.Retention{Rule: r}}
}

// held is what is held of mia; nobody else has anything.
func held(_ context.Context, who inventory.Subject) (lawful.Held, error) {
	if who != mia {
		return nil, nil
	}
	return lawful.Held{
		"account": {
			"account": {{"nickname": "Mia", "created_ms": "2020-01-01T00:00:00Z"}},
			"session": {{"label": "an old phone", "seen_ms": "2026-01-05T00:00:00Z"}, {"label": "Safari", "seen_ms": "2026-02-10T00:00:00Z"}},
		},
		"watch": {"watch": {{"words": "a present"}}},
	}, nil
}

// A world is requests of one region, what they add as jobs, and a clock.
type world struct {
	*lawful.Requests
	t    *testing.T
	d    *db.DB
	keys *vault.Vault
	now  time.Time
	told int
}

func (w *world) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	w.told += len(events)
	return nil
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
		keys := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
		for _, who := range []inventory.Subject{mia, noah} {
			if err := keys.Create(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		w.keys = keys
		w.Requests = must(lawful.Open(t.Context(), fields, lawful.Region{Name: "eu", DB: d, Vault: keys, Jobs: w}))(t)
		w.SetClock(func() time.Time { return w.now })
		test(t, w)
	})
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
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("got %v, want the fault %s", err, code)
	}
}

// order is a court's order about mia.
func order() lawful.Entry {
	return lawful.Entry{
		Region: "eu", Kind: lawful.CourtOrder, Country: "DE", Received: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Way: "post",
		Authority: "District Court of Nowhere", Reference: "7 Gs 12/26", Basis: "Section 100k of a code that is invented here",
		Contact: "+49 30 000000, from the court’s own site", Whom: "the user mia@mail.example", Asks: "devices used in February",
	}
}

// scope is what order compels to give.
func scope() lawful.Scope {
	return lawful.Scope{
		People: []inventory.Subject{mia}, From: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Items: []lawful.Item{{Kind: inventory.Devices, Fields: []lawful.FieldID{"account/session.label"}, Why: "The order names the devices."}},
	}
}

// proposed enters a request and brings it to its first approval by ada.
func (w *world) proposed(e lawful.Entry, s lawful.Scope) (ref string, revision int64) {
	w.t.Helper()
	ref = must(w.Enter(w.t.Context(), ada, e))(w.t)
	if err := w.Check(w.t.Context(), ref, ada, lawful.Checks); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Choose(w.t.Context(), ref, ada, s); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Propose(w.t.Context(), ref, ada, w.get(ref).Revision); err != nil {
		w.t.Fatal(err)
	}
	return ref, w.get(ref).Revision
}

func (w *world) get(ref string) lawful.Request {
	w.t.Helper()
	return must(w.Get(w.t.Context(), ref))(w.t)
}

// given brings a request to where its file was fetched, by pavel, and returns what
// was in it.
func (w *world) given(ref string, revision int64) string {
	w.t.Helper()
	ctx := w.t.Context()
	if err := w.Approve(ctx, ref, pavel, revision); err != nil {
		w.t.Fatal(err)
	}
	passphrase := must(w.Make(ctx, ref, pavel, "", held))(w.t)
	identity := must(age.NewScryptIdentity(passphrase))(w.t)
	return decrypted(w.t, must(w.Fetch(ctx, ref, pavel))(w.t), identity)
}

func decrypted(t *testing.T, file []byte, identity age.Identity) string {
	t.Helper()
	return string(must(io.ReadAll(must(age.Decrypt(bytes.NewReader(file), identity))(t)))(t))
}

func TestTwoPeopleApproveWhatIsGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ref := must(w.Enter(ctx, ada, order()))(t)
		wantFault(t, w.Propose(ctx, ref, ada, 1), "lawful_unchecked")
		if err := w.Check(ctx, ref, ada, lawful.Checks); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Propose(ctx, ref, ada, w.get(ref).Revision), "lawful_unscoped")
		if err := w.Choose(ctx, ref, ada, scope()); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Approve(ctx, ref, pavel, w.get(ref).Revision), "lawful_state")
		if err := w.Propose(ctx, ref, ada, w.get(ref).Revision); err != nil {
			t.Fatal(err)
		}
		seen := w.get(ref)
		wantFault(t, w.Approve(ctx, ref, ada, seen.Revision), "lawful_second")
		wantFault(t, w.Approve(ctx, ref, "", seen.Revision), "lawful_nobody")
		if err := w.Choose(ctx, ref, ada, scope()); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Approve(ctx, ref, pavel, seen.Revision), "lawful_state")
		if err := w.Propose(ctx, ref, ada, w.get(ref).Revision); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Approve(ctx, ref, pavel, seen.Revision), "lawful_changed")
		_, err := w.Make(ctx, ref, pavel, "", held)
		wantFault(t, err, "lawful_state")
		if err := w.Approve(ctx, ref, pavel, w.get(ref).Revision); err != nil {
			t.Fatal(err)
		}
		var did []lawful.What
		for _, s := range w.get(ref).Steps {
			did = append(did, s.What)
		}
		if want := []lawful.What{"entered", "checked", "scoped", "proposed", "scoped", "proposed", "approved"}; !slices.Equal(did, want) {
			t.Errorf("the steps are %v, want %v", did, want)
		}
	})
}

func TestOnlyWhatIsScopedIsGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ref, revision := w.proposed(order(), scope())
		got := w.given(ref, revision)
		if !strings.Contains(got, "Safari") || !strings.Contains(got, "7 Gs 12/26") {
			t.Errorf("the file lacks what was approved: %s", got)
		}
		for _, more := range []string{"an old phone", "Mia", "a present", "seen_ms", "2020-01-01"} {
			if strings.Contains(got, more) {
				t.Errorf("the file has %q, too: %s", more, got)
			}
		}
		r := w.get(ref)
		made := r.Steps[slices.IndexFunc(r.Steps, func(s lawful.Step) bool { return s.What == lawful.DidMake })]
		if r.State != lawful.Disclosed || r.Given != 1 || len(made.Counts) != 1 || made.Counts["account/session.label"] != 1 || len(r.File.Hash) != 64 {
			t.Errorf("noted %+v, %+v", r, made)
		}
		_, err := w.Fetch(ctx, ref, pavel)
		wantFault(t, err, "lawful_over")
		if len(must(w.Stores()[0].Due(ctx))(t)) != 1 || w.told == 0 {
			t.Error("nobody is to be told")
		}
	})
}

func TestTheFileIsTheApproversAndTheAuthoritys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ref, revision := w.proposed(order(), scope())
		if err := w.Approve(ctx, ref, pavel, revision); err != nil {
			t.Fatal(err)
		}
		_, err := w.Make(ctx, ref, ada, "", held)
		wantFault(t, err, "lawful_approver")
		_, err = w.Make(ctx, ref, pavel, "age1nonsense", held)
		wantFault(t, err, "lawful_recipient")
		theirs := must(age.GenerateX25519Identity())(t)
		if passphrase := must(w.Make(ctx, ref, pavel, theirs.Recipient().String(), held))(t); passphrase != "" {
			t.Error("a passphrase was made, too")
		}
		_, err = w.Make(ctx, ref, pavel, "", held)
		wantFault(t, err, "lawful_there")
		_, err = w.Fetch(ctx, ref, ada)
		wantFault(t, err, "lawful_approver")

		w.now = w.now.Add(lawful.FetchFor)
		_, err = w.Fetch(ctx, ref, pavel)
		wantFault(t, err, "lawful_over")
		if n := must(w.Stores()[0].Expire(ctx, inventory.Purge{Now: w.now}))(t).Rows(); n != 1 {
			t.Errorf("%d files expired, want one", n)
		}
		must(w.Make(ctx, ref, pavel, theirs.Recipient().String(), held))(t)
		var stored []byte
		err = w.d.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRowContext(ctx, `SELECT content FROM lawful_file`).Scan(&stored)
		})
		if err != nil || bytes.Contains(stored, []byte("Safari")) {
			t.Errorf("the file lies open, %v", err)
		}
		if got := decrypted(t, must(w.Fetch(ctx, ref, pavel))(t), theirs); !strings.Contains(got, "Safari") {
			t.Errorf("the authority reads %s", got)
		}
		if err := w.Close(ctx, ref, ada); err != nil || w.get(ref).State != lawful.Closed {
			t.Errorf("closing: %v", err)
		}
	})
}

func TestAScopeHasBounds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ref := must(w.Enter(t.Context(), ada, order()))(t)
		many := make([]inventory.Subject, lawful.MostPeople+1)
		for i := range many {
			many[i] = mia[:len(mia)-2] + inventory.Subject(string(rune('a'+i/10))+string(rune('0'+i%10)))
		}
		for _, tc := range []struct {
			name   string
			change func(*lawful.Scope)
			want   string
		}{
			{"nobody", func(s *lawful.Scope) { s.People = nil }, "lawful_people"},
			{"too many", func(s *lawful.Scope) { s.People = many }, "lawful_people"},
			{"somebody elsewhere", func(s *lawful.Scope) { s.People = []inventory.Subject{"us" + mia[2:]} }, "lawful_elsewhere"},
			{"no beginning", func(s *lawful.Scope) { s.From = time.Time{} }, "lawful_window"},
			{"no end", func(s *lawful.Scope) { s.To = time.Time{} }, "lawful_window"},
			{"from now on", func(s *lawful.Scope) { s.To = w.now.Add(30 * day) }, "lawful_window"},
			{"all years", func(s *lawful.Scope) { s.From = s.To.Add(-lawful.MostTime - day) }, "lawful_window"},
			{"no field", func(s *lawful.Scope) { s.Items = nil }, "lawful_fields"},
			{"no reason", func(s *lawful.Scope) { s.Items[0].Why = "" }, "lawful_why"},
			{"a password", func(s *lawful.Scope) {
				s.Items[0].Kind, s.Items[0].Fields = inventory.WaysIn, []lawful.FieldID{"account/password.phc"}
			}, "lawful_field"},
			{"a hash", func(s *lawful.Scope) {
				s.Items[0].Kind, s.Items[0].Fields = inventory.Contacts, []lawful.FieldID{"account/contact.lookup"}
			}, "lawful_field"},
			{"another kind’s field", func(s *lawful.Scope) { s.Items[0].Kind = inventory.Parcels }, "lawful_field"},
		} {
			s := scope()
			tc.change(&s)
			t.Log(tc.name)
			wantFault(t, w.Choose(t.Context(), ref, ada, s), tc.want)
		}
	})
}

func TestWhatIsEnteredIsWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			change func(*lawful.Entry)
			want   string
		}{
			{func(e *lawful.Entry) { e.Region = "us" }, "lawful_region"},
			{func(e *lawful.Entry) { e.Kind = "friendly" }, "lawful_kind"},
			{func(e *lawful.Entry) { e.Way = "pigeon" }, "lawful_way"},
			{func(e *lawful.Entry) { e.Authority = " " }, "lawful_authority"},
			{func(e *lawful.Entry) { e.Country = "XX" }, "lawful_country"},
			{func(e *lawful.Entry) { e.Reference = strings.Repeat("7", 201) }, "lawful_reference"},
			{func(e *lawful.Entry) { e.Basis = "because" }, "lawful_basis"},
			{func(e *lawful.Entry) { e.Contact = "" }, "lawful_contact"},
			{func(e *lawful.Entry) { e.Whom = "" }, "lawful_whom"},
			{func(e *lawful.Entry) { e.Asks = "\x01" }, "lawful_asks"},
			{func(e *lawful.Entry) { e.Received = w.now.Add(day) }, "lawful_received"},
			{func(e *lawful.Entry) { e.Gag.Basis = "A law that is invented" }, "lawful_gag"},
			{func(e *lawful.Entry) { e.Gag.Until = w.now.Add(day) }, "lawful_gag"},
			{func(e *lawful.Entry) {
				e.Gag = lawful.Gag{Until: w.now.Add(lawful.MostGag + day), Basis: "A law that is invented"}
			}, "lawful_gag"},
		} {
			e := order()
			tc.change(&e)
			_, err := w.Enter(t.Context(), ada, e)
			wantFault(t, err, tc.want)
		}
		_, err := w.Enter(t.Context(), "", order())
		wantFault(t, err, "lawful_nobody")
		first, second := must(w.Enter(t.Context(), ada, order()))(t), must(w.Enter(t.Context(), ada, order()))(t)
		if first != "L-eu-1" || second != "L-eu-2" {
			t.Errorf("they are called %s and %s", first, second)
		}
		if !must(w.Open(t.Context(), first))(t) || must(w.Open(t.Context(), "L-eu-3"))(t) || must(w.Open(t.Context(), "T-1"))(t) {
			t.Error("which requests are open is wrong")
		}
	})
}

func TestARequestIsRefusedOnAGround(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ref, revision := w.proposed(order(), scope())
		wantFault(t, w.Refuse(t.Context(), ref, ada, "mood"), "lawful_ground")
		if err := w.Refuse(t.Context(), ref, ada, "broad"); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Approve(t.Context(), ref, pavel, revision), "lawful_state")
		if r := w.get(ref); r.State != lawful.Refused || r.Ground != "broad" || must(w.Open(t.Context(), ref))(t) {
			t.Errorf("it is %+v", r)
		}
	})
}

func TestThePersonIsToldWhenLawLetsThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Stores()[0]
		e := order()
		e.Gag = lawful.Gag{Until: w.now.Add(60 * day), Basis: "Section 101 of the same"}
		ref, revision := w.proposed(e, scope())
		w.given(ref, revision)
		exported := func() string {
			var out bytes.Buffer
			if err := s.Export(ctx, mia, &out); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		if due := must(s.Due(ctx))(t); len(due) != 0 || strings.Contains(exported(), ref) {
			t.Errorf("%v are told, who are not to be; exported %s", due, exported())
		}
		if err := w.SetGag(ctx, ref, ada, lawful.Gag{Until: w.now.Add(90 * day), Basis: "It was prolonged by the court"}); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(61 * day)
		if due := must(s.Due(ctx))(t); len(due) != 0 {
			t.Errorf("%v are told before the longer time is over", due)
		}
		w.now = w.now.Add(30 * day)
		due := must(s.Due(ctx))(t)
		if len(due) != 1 || due[0].Who != mia || due[0].Authority != "District Court of Nowhere" || due[0].Country != "DE" {
			t.Fatalf("to be told: %+v", due)
		}
		for range 2 {
			if err := s.Tell(ctx, due[0]); err != nil {
				t.Fatal(err)
			}
		}
		if due := must(s.Due(ctx))(t); len(due) != 0 {
			t.Errorf("told again: %+v", due)
		}
		for _, want := range []string{ref, "District Court", "the user mia@mail.example", "account/session.label", "The order names the devices."} {
			if !strings.Contains(exported(), want) {
				t.Errorf("the person doesn’t read %q: %s", want, exported())
			}
		}
		told := 0
		for _, step := range w.get(ref).Steps {
			if step.What == lawful.DidTell {
				told++
			}
		}
		if told != 1 {
			t.Errorf("noted %d times that they were told", told)
		}
	})
}

func TestAGagIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e := order()
		e.Gag = lawful.Gag{Until: w.now.Add(60 * day), Basis: "Section 101 of the same"}
		ref, revision := w.proposed(e, scope())
		w.given(ref, revision)
		if err := w.SetGag(t.Context(), ref, ada, lawful.Gag{}); err != nil {
			t.Fatal(err)
		}
		if due := must(w.Stores()[0].Due(t.Context()))(t); len(due) != 1 {
			t.Errorf("to be told: %+v", due)
		}
	})
}

func TestWhoIsErasedIsNamedNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Stores()[0]
		both := scope()
		both.People = []inventory.Subject{noah, mia}
		ref, revision := w.proposed(order(), both)
		w.given(ref, revision)
		for _, who := range []inventory.Subject{mia, mia, noah} {
			if err := s.Erase(ctx, who); err != nil {
				t.Fatal(err)
			}
			if r := w.get(ref); r.Whom != "" || slices.Contains(r.People, who) {
				t.Errorf("%s is named still: %+v", who, r)
			}
		}
		r := w.get(ref)
		if r.Asks != "" || len(r.Items) != 0 || r.Authority != "District Court of Nowhere" || r.Given != 2 {
			t.Errorf("what stays is %+v", r)
		}
		if all := must(s.Subjects(ctx, "", 10))(t); len(all) != 1 {
			t.Errorf("subjects %v, want the request’s key alone", all)
		}
	})
}

func TestWhatARequestSaysIsForgottenAndCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Stores()[0]
		narrow := scope()
		narrow.Narrower = true
		ref, revision := w.proposed(order(), narrow)
		w.given(ref, revision)
		refused := must(w.Enter(ctx, ada, order()))(t)
		if err := w.Refuse(ctx, refused, ada, "broad"); err != nil {
			t.Fatal(err)
		}
		if all := must(w.Counts(ctx, w.now))(t); len(all) != 0 {
			t.Errorf("counted before the half-year is over: %+v", all)
		}
		want := lawful.Count{Half: lawful.Half{Year: 2026}, Kind: lawful.CourtOrder, Country: "DE", Received: 2, Refused: 1, Narrowed: 1, Disclosed: 1, People: 1}
		counted := func() {
			t.Helper()
			if all := must(w.Counts(ctx, w.now))(t); len(all) != 1 || all[0] != want {
				t.Errorf("counted %+v, want %+v", all, want)
			}
		}
		w.now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		counted()
		w.tell()
		if err := w.Close(ctx, ref, ada); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(lawful.KeptFor)
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now, Held: []inventory.Subject{mia}}))(t).Rows(); n != 0 {
			t.Errorf("%d rows of somebody who is held were forgotten", n)
		}
		tried := must(s.Expire(ctx, inventory.Purge{Now: w.now, Try: true}))(t).Rows()
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now}))(t).Rows(); n == 0 || n != tried {
			t.Errorf("%d rows were forgotten, %d by the try", n, tried)
		}
		if r := w.get(ref); !r.Over || r.Authority != "" || len(r.People) != 0 || len(r.Steps) != 0 {
			t.Errorf("it says still %+v", r)
		}
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now}))(t).Rows(); n != 0 {
			t.Errorf("%d are forgotten twice", n)
		}
		counted()
	})
}

// tell tells whoever is to be told.
func (w *world) tell() {
	w.t.Helper()
	for _, s := range w.Stores() {
		for _, due := range must(s.Due(w.t.Context()))(w.t) {
			if err := s.Tell(w.t.Context(), due); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// Whoever isn't told yet is told, however long ago the request was closed.
func TestNothingIsForgottenBeforeThePersonWasTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Stores()[0]
		expire := func(want bool, why string) {
			t.Helper()
			must(s.Expire(ctx, inventory.Purge{Now: w.now}))(t)
			for _, ref := range []string{"L-eu-1", "L-eu-2"} {
				if over := w.get(ref).Over; over != want {
					t.Errorf("%s, %s is forgotten: %v", why, ref, over)
				}
			}
		}
		ref, revision := w.proposed(order(), scope())
		w.given(ref, revision)
		refused := must(w.Enter(ctx, ada, order()))(t)
		if err := w.Refuse(ctx, refused, ada, "broad"); err != nil {
			t.Fatal(err)
		}
		for _, one := range []string{ref, refused} {
			if err := w.Close(ctx, one, ada); err != nil {
				t.Fatal(err)
			}
		}
		w.now = w.now.Add(lawful.KeptFor - 30*day)
		for _, one := range []string{ref, refused} {
			if err := w.SetGag(ctx, one, ada, lawful.Gag{Until: w.now.Add(60 * day), Basis: "It was prolonged by the court"}); err != nil {
				t.Fatal(err)
			}
		}
		w.now = w.now.Add(31 * day)
		expire(false, "while law forbids to tell")
		w.now = w.now.Add(30 * day)
		must(s.Expire(ctx, inventory.Purge{Now: w.now}))(t)
		if r := w.get(ref); r.Over {
			t.Error("it is forgotten before the person was told")
		}
		w.tell()
		expire(true, "once they were told")
	})
}

// Whom a request is about can be chosen again when the only one was erased.
func TestAnotherPersonIsChosenWhenTheOnlyOneIsErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, other := t.Context(), scope()
		ref, _ := w.proposed(order(), scope())
		if err := w.Stores()[0].Erase(ctx, mia); err != nil {
			t.Fatal(err)
		}
		other.People = []inventory.Subject{noah}
		if err := w.Choose(ctx, ref, ada, other); err != nil {
			t.Fatal(err)
		}
		r := w.get(ref)
		if len(r.Items) != 1 || !slices.Equal(r.People, other.People) || !r.Ready() || r.Whom != "" || r.Asks != "" {
			t.Errorf("chosen is %+v", r)
		}
	})
}

// A request that couldn't be entered leaves no key behind.
func TestARequestThatIsNotEnteredLeavesNoKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		keys := func() (n int) {
			for _, c := range must(w.keys.Counts(t.Context()))(t) {
				n += c.Wraps
			}
			return n
		}
		before := keys()
		must(w.Enter(t.Context(), ada, order()))(t)
		if keys() != before+1 {
			t.Errorf("one that was entered has %d keys", keys()-before)
		}
		if _, err := w.d.Exec(t.Context(), `ALTER TABLE lawful_step RENAME TO lawful_stepped`); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Enter(t.Context(), ada, order()); err == nil || keys() != before+1 {
			t.Errorf("%v leaves %d keys", err, keys()-before-1)
		}
	})
}

func TestByAnOrderToPreserveNothingIsGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e := order()
		e.Kind = lawful.Preservation
		ref, revision := w.proposed(e, lawful.Scope{People: []inventory.Subject{mia}})
		if err := w.Approve(t.Context(), ref, pavel, revision); err != nil {
			t.Fatal(err)
		}
		_, err := w.Make(t.Context(), ref, pavel, "", held)
		wantFault(t, err, "lawful_preservation")
		s := w.Stores()[0]
		kept := must(s.Preserving(t.Context()))(t)
		if len(kept) != 1 || kept[0].Who != mia || kept[0].By != pavel || kept[0].Over || kept[0].Hold != "" {
			t.Fatalf("preserved: %+v", kept)
		}
		if err := s.Preserve(t.Context(), kept[0], "a hold"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(t.Context(), ref, ada); err != nil {
			t.Error(err)
		}
		if kept = must(s.Preserving(t.Context()))(t); len(kept) != 1 || !kept[0].Over || kept[0].Hold != "a hold" {
			t.Errorf("after its end: %+v", kept)
		}
		if err := s.Preserve(t.Context(), kept[0], ""); err != nil {
			t.Fatal(err)
		}
		if kept = must(s.Preserving(t.Context()))(t); len(kept) != 0 {
			t.Errorf("lifted: %+v", kept)
		}
	})
}

func TestARequestsWordsAreSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ref, _ := w.proposed(order(), scope())
		err := w.d.Read(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.QueryContext(t.Context(), `SELECT content FROM lawful_words WHERE ref = $1`, ref)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var content []byte
				if err := rows.Scan(&content); err != nil {
					return err
				}
				if bytes.Contains(content, []byte("Court")) || bytes.Contains(content, []byte("mia@")) || json.Valid(content) {
					t.Errorf("it lies open: %q", content)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) { dbtest.Declared(t, w.d, w.Stores()[0].Fields()) })
}

func TestSmallNumbersArePublishedInBands(t *testing.T) {
	for _, tc := range [][3]int{{0, 0, 0}, {1, 1, 9}, {9, 1, 9}, {10, 10, 49}, {250, 250, 499}, {999, 500, 999}, {1000, 1000, 1999}, {4321, 4000, 4999}} {
		if from, to := lawful.Band(tc[0]); from != tc[1] || to != tc[2] {
			t.Errorf("%d is published as %d to %d, want %d to %d", tc[0], from, to, tc[1], tc[2])
		}
	}
}
