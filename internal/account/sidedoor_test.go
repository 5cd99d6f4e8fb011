package account_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
)

func TestExportHasAllThatIsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Company = "Heron Supplies"
		d := w.join(a, home)
		must(w.SignIn(t.Context(), mia, secret, cafe))(t) // makes a notice
		told := w.letter(account.LetterNotice)
		var out bytes.Buffer
		if err := w.of(d.Account).Export(t.Context(), d.Account.Subject(), &out); err != nil {
			t.Fatal(err)
		}
		var all map[string][]map[string]any
		if err := json.Unmarshal(out.Bytes(), &all); err != nil {
			t.Fatal(err)
		}
		for table, rows := range map[string]int{"account": 1, "contact": 1, "password": 1, "session": 2, "consent": 1, "notice": 1} {
			if len(all[table]) != rows {
				t.Errorf("%s has %d rows, want %d", table, len(all[table]), rows)
			}
		}
		for _, want := range []string{"Mia", "mia@mail.example", "Heron Supplies", "Safari, iPhone", "2026-03-02T09:00:00Z", "I agree to the terms.", `"age_range": "grown"`} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing in %s", want, out.String())
			}
		}
		if strings.Contains(out.String(), "$argon2id$") || strings.Contains(out.String(), string(told.Token)) {
			t.Error("a way in is written out")
		}
		out.Reset()
		if err := w.of(d.Account).Export(t.Context(), "eu-nobody", &out); err != nil || out.String() != "{}\n" {
			t.Errorf("nobody's export is %q, %v", out.String(), err)
		}
	})
}

func TestEraseLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		must(w.SignIn(t.Context(), mia, secret, cafe))(t)
		must(w.SendCode(t.Context(), mia, home))(t)
		s := w.of(d.Account)
		for range 2 {
			if err := s.Erase(t.Context(), d.Account.Subject()); err != nil {
				t.Fatal(err)
			}
		}
		if at := must(w.keys[0].Destroyed(t.Context(), d.Account.Subject()))(t); at.IsZero() {
			t.Error("the key is still there")
		}
		for table, n := range rows(t, w.dbs[0], s.Fields()) {
			if n != 0 && table != "rate" {
				t.Errorf("%s has %d rows, want none", table, n)
			}
		}
		_, err := s.Profile(t.Context(), d.Account)
		wantFault(t, err, "account_missing")
		w.post.take()
		w.join(application(), home) // the address is free
	})
}

func TestExpire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		must(w.SignIn(t.Context(), mia, secret, cafe))(t)
		must(w.SendCode(t.Context(), mia, home))(t)
		s := w.of(d.Account)
		w.clock.pass(400 * day)
		must(s.Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}))(t)
		got := rows(t, w.dbs[0], s.Fields())
		for _, table := range []string{"flow", "session", "rate", "notice"} {
			if got[table] != 0 {
				t.Errorf("%s has %d rows after 400 days, want none", table, got[table])
			}
		}
		if got["account"] != 1 || got["consent"] != 1 {
			t.Errorf("rows %v, want the account and its consent", got)
		}
	})
}

// The job deletes when the declared time is over, and not before: whoever changes
// a retention changes both.
func TestTheJobKeepsAsLongAsIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		must(w.SignIn(t.Context(), mia, secret, cafe))(t) // a second device makes a notice
		must(w.SendCode(t.Context(), mia, home))(t)
		s, made := w.of(d.Account), w.clock.Now()
		for _, table := range []string{"flow", "notice"} {
			kept := retention(t, s.Fields(), table)
			must(s.Expire(t.Context(), inventory.Purge{Now: made.Add(kept.For - time.Second)}))(t)
			if rows(t, w.dbs[0], s.Fields())[table] == 0 {
				t.Errorf("%s is gone before %v are over", table, kept.For)
			}
			must(s.Expire(t.Context(), inventory.Purge{Now: made.Add(kept.For)}))(t)
			if n := rows(t, w.dbs[0], s.Fields())[table]; n != 0 {
				t.Errorf("%s has %d rows after %v", table, n, kept.For)
			}
		}
	})
}

// retention is how long a table's rows are declared to be kept.
func retention(t *testing.T, fields []inventory.Field, table string) inventory.Retention {
	t.Helper()
	for _, f := range fields {
		if f.Table == table {
			return f.Retention
		}
	}
	t.Fatalf("%s isn't declared", table)
	return inventory.Retention{}
}

func TestTheKeyOfADaysFlowsIsDestroyed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		must(w.SendCode(t.Context(), mia, home))(t)
		w.clock.pass(2 * day)
		must(w.Stores()[0].Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}))(t)
		if at := must(w.keys[0].Destroyed(t.Context(), "eu-flows-2026-03-02"))(t); at.IsZero() {
			t.Error("the key is still there")
		}
	})
}

// What is personal must not be readable in any table.
func TestNothingPersonalIsStoredInTheClear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Company = "Heron Supplies"
		d := w.join(a, home)
		w.move(d, moved)
		must(w.SendCode(t.Context(), account.Contact{Kind: account.Mail, Value: "noah@mail.example"}, home))(t)
		stored := contents(t, w.dbs[0], w.Stores()[0].Fields())
		for _, personal := range []string{"Mia", "mia@", "mail.example", "new.example", "Heron", "noah", "Firefox", "192.0.2", secret} {
			if strings.Contains(stored, personal) {
				t.Errorf("%q is stored in the clear", personal)
			}
		}
	})
}

// rows counts the rows of every table that the fields name.
func rows(t *testing.T, d *db.DB, fields []inventory.Field) map[string]int {
	t.Helper()
	counted := map[string]int{}
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for _, f := range fields {
			if _, done := counted[f.Table]; done {
				continue
			}
			var n int
			if err := tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+f.Table).Scan(&n); err != nil {
				return err
			}
			counted[f.Table] = n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return counted
}

// contents is all that is stored, run together.
func contents(t *testing.T, d *db.DB, fields []inventory.Field) string {
	t.Helper()
	var all strings.Builder
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for _, f := range fields {
			found, err := tx.QueryContext(t.Context(), `SELECT `+f.Column+` FROM `+f.Table)
			if err != nil {
				return err
			}
			for found.Next() {
				var v any
				if err := found.Scan(&v); err != nil {
					return err
				}
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintln(&all, f.Table, f.Column, v)
			}
			if err := found.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestRegions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		us := dbtest.Open(t, dbtest.SQLite(t))
		home2 := func(country string) string {
			if country == "US" {
				return "us"
			}
			return "eu"
		}
		w := newWorld(t, account.Options{Home: home2}, "eu", d, "us", us)
		a := application()
		a.Country = "US"
		hers := w.join(a, home)
		if hers.Account.Region() != "us" {
			t.Errorf("account %s, want one in us", hers.Account)
		}
		s := w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
		if s.Account != hers.Account {
			t.Errorf("signed in to %s, want %s", s.Account, hers.Account)
		}
		if n := rows(t, d, w.Stores()[0].Fields()); n["account"]+n["contact"]+n["session"] != 0 {
			t.Errorf("rows in eu: %v, want nobody", n)
		}
		again := application() // from another country, with the same address
		must(w.SignUp(t.Context(), again, cafe))(t)
		w.letter(account.LetterHasAccount)
	})
}
