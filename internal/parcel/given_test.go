package parcel_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
)

// eachSealed is each with a store that can keep what carriers demand.
func eachSealed(t *testing.T, test func(t *testing.T, d *db.DB, s *parcel.Store, c *clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		s := newStore(t, d, c)
		s.SealWith(newVault(t))
		test(t, d, s, c)
	})
}

func newVault(t *testing.T) *vault.Vault {
	t.Helper()
	ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func postcode(code string) carrier.Given { return carrier.Given{carrier.PostalCode: code} }

// knowing is simple by somebody who knows the postal code.
func knowing(number, code string) parcel.Want {
	w := simple(number)
	w.Given = postcode(code)
	return w
}

func TestWhoKnowsMoreHasAParcelOfTheirOwn(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		all := want(t, s, simple("GIVEN1"), knowing("GIVEN1", "10117"), knowing("GIVEN1", "75001"), knowing("GIVEN2", "10117"))
		seen, marks := map[parcel.ID]bool{}, map[parcel.Mark]bool{}
		for _, p := range all {
			seen[p.ID], marks[p.Mark] = true, true
		}
		if len(seen) != 4 || len(marks) != 4 || all[0].Mark != "" {
			t.Fatalf("got %d parcels with %d marks, want four of each, the first without: %+v", len(seen), len(marks), all)
		}
		if again := want(t, s, knowing("GIVEN1", "101 17")); again[0].ID != all[1].ID {
			t.Errorf("the same code with a space makes another parcel")
		}
		for _, tc := range []struct {
			name string
			key  parcel.Key
			want parcel.ID
		}{
			{"by the number alone", parcel.Key{Number: "GIVEN1"}, all[0].ID},
			{"with the code", parcel.Key{Number: "GIVEN1", Mark: s.Mark("GIVEN1", postcode("10117"))}, all[1].ID},
			{"with the mark of another number", parcel.Key{Number: "GIVEN1", Mark: all[3].Mark}, ""},
			{"by the number of one that needs a code", parcel.Key{Number: "GIVEN2"}, ""},
		} {
			found, err := s.Find(t.Context(), tc.key)
			if err != nil || len(found) != min(1, len(tc.want)) || len(found) == 1 && found[0].ID != tc.want {
				t.Errorf("%s: found %d parcels (%v), want %q", tc.name, len(found), err, tc.want)
			}
		}
	})
}

func TestWhatACarrierDemandsIsKeptSealedWhileItIsWanted(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		p := want(t, s, knowing("GIVEN1", "10117"), simple("PLAIN1"))
		for _, table := range []string{"parcel", "ask", "given", "history"} {
			if text := dump(t, d, table); strings.Contains(text, "10117") {
				t.Errorf("%s holds the value: %s", table, text)
			}
		}
		asks := claim(t, s, acme)
		if len(asks) != 2 {
			t.Fatalf("claimed %d asks, want 2", len(asks))
		}
		for _, a := range asks {
			if got, want := a.Given[carrier.PostalCode], map[parcel.ID]string{p[0].ID: "10117"}[a.Parcel]; got != want {
				t.Errorf("%s is asked with %q, want %q", a.Number, got, want)
			}
			if text := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(text, "10117") {
				t.Errorf("the claimed ask shows the value: %s", text)
			}
			record(t, s, in(30*day), answer(a, c.Now(), start, status.InTransitOther))
		}
		c.pass(8 * day)
		if gone, err := s.Expire(t.Context(), inventory.Purge{Now: c.Now()}); gone.Rows() != 1 || err != nil {
			t.Fatalf("expired %d (%v), want the value", gone.Rows(), err)
		}
		if n := count(t, d, "given"); n != 0 {
			t.Errorf("%d values are left, want none", n)
		}

		// Somebody who watches it wants it again, and brings no value.
		w := parcel.Want{Key: p[0].Key, Until: c.Now().Add(90 * day)}
		if again := want(t, s, w)[0]; again.ID != p[0].ID || !again.Lacks || !again.Asks[0].Due.IsZero() || len(again.History.Events) != 1 {
			t.Errorf("wanted again without the value: %+v, want it as it was, asked no more", again)
		}
		k := knowing("GIVEN1", "10117")
		k.Until = c.Now().Add(90 * day)
		if again := want(t, s, k)[0]; again.ID != p[0].ID || again.Lacks || !again.Asks[0].Due.Equal(c.Now()) {
			t.Errorf("wanted again with the value: %+v, want the same parcel, due now", again)
		}
		if asks := claim(t, s, acme); len(asks) != 1 || asks[0].Given[carrier.PostalCode] != "10117" {
			t.Errorf("claimed %+v, want the ask with its value", asks)
		}
	})
}

// A mark alone makes no parcel: nobody could be asked about it.
func TestAMarkAloneMakesNoParcel(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		w := simple("GIVEN1")
		w.Mark = s.Mark("GIVEN1", postcode("10117"))
		if got, err := s.Want(t.Context(), []parcel.Want{w, simple("PLAIN1")}); err != nil || len(got) != 1 || got[0].Number != "PLAIN1" {
			t.Errorf("got %+v (%v), want the other parcel alone", got, err)
		}
	})
}

func TestValuesGoOnToTheNextUseOfANumber(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		w := knowing("REUSED1", "10117")
		w.Until = start.Add(1000 * day)
		old := want(t, s, w)[0]
		record(t, s, in(day), answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitPickedUp, status.DeliveredOther))
		c.pass(365 * day)
		record(t, s, in(day), answer(claim(t, s, acme)[0], c.Now(), c.Now(), status.InTransitPickedUp))
		now := want(t, s, w)[0]
		if now.ID == old.ID || now.Mark != old.Mark {
			t.Fatalf("got %+v, want the next generation with the same mark", now)
		}
		c.pass(day)
		if asks := claim(t, s, acme); len(asks) != 1 || asks[0].Parcel != now.ID || asks[0].Given[carrier.PostalCode] != "10117" {
			t.Errorf("claimed %+v, want the next one's ask with the value", asks)
		}
	})
}

func TestAPushReachesAllParcelsOfANumber(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		all := want(t, s, simple("PUSH1"), knowing("PUSH1", "10117"))
		o := answer(parcel.Claimed{Parcel: all[0].ID, Asking: all[0].Asks[0].Asking}, c.Now(), start, status.InTransitOther)
		o.Report.Number = "PUSH1"
		heard, err := s.Hear(t.Context(), parcel.Push{Source: "acme", Reports: []carrier.Report{o.Report}, At: c.Now(), Next: in(day)})
		if err != nil || heard.Known != 1 || len(heard.Changes) != 2 {
			t.Fatalf("heard %+v (%v), want one report that changes both", heard, err)
		}
		for _, p := range all {
			if got := get(t, s, p.ID); len(got.History.Events) != 1 {
				t.Errorf("parcel with mark %q has %d events, want 1", p.Mark, len(got.History.Events))
			}
		}
	})
}

func TestWithoutAKeyNoValueIsTaken(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		if _, err := s.Want(t.Context(), []parcel.Want{knowing("GIVEN1", "10117")}); err == nil {
			t.Error("a value was taken that can't be sealed")
		}
	})
}

// A key store that can't be read keeps only those asks waiting that need it.
func TestAValueThatCannotBeOpenedKeepsItsOwnAskOnly(t *testing.T) {
	eachSealed(t, func(t *testing.T, d *db.DB, s *parcel.Store, c *clock) {
		want(t, s, knowing("GIVEN1", "10117"), simple("PLAIN1"))
		s.SealWith(newVault(t)) // another store's key
		if asks := claim(t, s, acme); len(asks) != 1 || asks[0].Number != "PLAIN1" {
			t.Errorf("claimed %+v, want the other ask", asks)
		}
	})
}

// A database of before marks keeps every row.
func TestRowsOfBeforeMarksStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(t.Context(), "parcel", until(t, "0004")); err != nil {
			t.Fatal(err)
		}
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range 3 {
				for _, statement := range []string{
					`INSERT INTO parcel (id, number, carrier, generation, found, choice, edition, created_ms, wanted_ms, kept_ms)
						VALUES ('p%[1]d', 'OLD%[1]d', 'acme', 0, 'acme', 'only', 3, 1, 9000000000000, 5)`,
					`INSERT INTO ask (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms, lease, claimed_ms,
						asked_ms, answered_ms, failures, problem, reason, digest, pushed_ms)
						VALUES ('p%[1]d', 'acme', 'acme', 'OLD%[1]d', 'acme/main', 'origin', 0, 'waiting', TRUE, 7, '', 0, 6, 6, 2, 'limited', 'busy', 'abc', 8)`,
				} {
					if _, err := tx.ExecContext(t.Context(), fmt.Sprintf(statement, i)); err != nil {
						return err
					}
				}
				if _, err := tx.ExecContext(t.Context(), `INSERT INTO history (parcel_id, revision, bytes) VALUES ($1, 1, $2)`, fmt.Sprintf("p%d", i), encoded(t)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]string{"ask": dump(t, d, "ask"), "history": dump(t, d, "history")}
		s := newStore(t, d, &clock{now: start})
		for table, text := range before {
			if after := dump(t, d, table); after != text {
				t.Errorf("%s was\n%s\nand is\n%s", table, text, after)
			}
		}
		p := get(t, s, "p1")
		if p.Number != "OLD1" || p.Mark != "" || p.Revision != 1 || len(p.History.Events) != 1 || len(p.Asks) != 1 || p.Asks[0].Failures != 2 || p.Asks[0].Pushed.UnixMilli() != 8 {
			t.Errorf("an old parcel is %+v, want it as it was", p)
		}
		if gone, err := s.Expire(t.Context(), inventory.Purge{Now: time.UnixMilli(9000000000000).Add(181 * day)}); gone.Rows() != 3 || err != nil {
			t.Fatalf("swept %d (%v), want all three", gone.Rows(), err)
		}
		if n := count(t, d, "ask") + count(t, d, "history"); n != 0 {
			t.Errorf("%d rows are left of parcels that have gone, want none", n)
		}
	})
}

// until are the room's migrations up to one, by the numbers of their files.
func until(t *testing.T, last string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	files, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name()[:4] > last {
			continue
		}
		text, err := os.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = &fstest.MapFile{Data: text}
	}
	return all
}

// encoded is a history of one event, as it is stored.
func encoded(t *testing.T) []byte {
	t.Helper()
	o := answer(parcel.Claimed{Asking: asking(acme, "OLD", parcel.Origin, 0)}, start, start, status.InTransitOther)
	h, _ := parcel.Merge(parcel.History{}, o.Asking, o.Report, start)
	text, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// dump is everything that a table holds, a row a line.
func dump(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	var out bytes.Buffer
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				return err
			}
			for i, v := range values {
				v := *v.(*any)
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintf(&out, "%s=%v ", columns[i], v)
			}
			out.WriteByte('\n')
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
