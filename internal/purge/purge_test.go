package purge_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

var (
	now   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	rules = []purge.Rule{
		{Table: "note", Since: "made_ms", For: time.Hour, Owner: "owner"},
		{Table: "note", Since: "ended_ms", Where: "ended_ms > 0", Owner: "owner"},
		{Table: "many", Since: "made_ms", For: time.Hour, Key: "id"},
	}
)

// world fills tables: mia's notes are of now and of two hours ago, noah's too, and
// one of his that is new has ended.
func world(t *testing.T, d *db.DB) {
	t.Helper()
	for _, statement := range []string{
		`CREATE TABLE note (owner TEXT NOT NULL, made_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL)`,
		`CREATE TABLE many (id BIGINT NOT NULL PRIMARY KEY, made_ms BIGINT NOT NULL)`,
	} {
		if _, err := d.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	add := func(owner string, made, ended time.Time) {
		end := int64(0)
		if !ended.IsZero() {
			end = ended.UnixMilli()
		}
		if _, err := d.Exec(t.Context(), `INSERT INTO note (owner, made_ms, ended_ms) VALUES ($1, $2, $3)`, owner, made.UnixMilli(), end); err != nil {
			t.Fatal(err)
		}
	}
	for _, owner := range []string{"mia", "noah"} {
		add(owner, now.Add(-2*time.Hour), time.Time{})
		add(owner, now, time.Time{})
	}
	add("noah", now, now.Add(-time.Second))
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		for i := range 1203 {
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO many (id, made_ms) VALUES ($1, $2)`, i, now.Add(-2*time.Hour).UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// left are the notes that are there, as owner and hour.
func left(t *testing.T, d *db.DB) (all []string) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.Rows(t.Context(), tx, func(row *sql.Rows) (string, error) {
			var owner string
			var made int64
			err := row.Scan(&owner, &made)
			return fmt.Sprint(owner, " ", time.UnixMilli(made).UTC().Hour()), err
		}, `SELECT owner, made_ms FROM note ORDER BY owner, made_ms`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsOverGoesAndWhatIsHeldStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world(t, d)
		all := left(t, d)
		p := inventory.Purge{Now: now, Held: []inventory.Subject{"mia", "nora"}, Try: true}
		tried, err := purge.Run(t.Context(), d, p, rules...)
		if err != nil || !slices.Equal(left(t, d), all) {
			t.Fatalf("trying deleted something, or failed with %v", err)
		}
		p.Try = false
		gone, err := purge.Run(t.Context(), d, p, rules...)
		if err != nil || !slices.Equal(gone, tried) {
			t.Errorf("deleted %v (%v); when it was tried, it was %v", gone, err, tried)
		}
		want := inventory.Purged{{Table: "note", Rows: 2, Due: now.Add(-time.Hour)}, {Table: "many", Rows: 1203}}
		if !slices.Equal(gone, want) {
			t.Errorf("deleted %v, want %v", gone, want)
		}
		if got := left(t, d); !slices.Equal(got, []string{"mia 10", "mia 12", "noah 12"}) {
			t.Errorf("left are %v", got)
		}
		p.Held = nil
		gone, err = purge.Run(t.Context(), d, p, rules...)
		if want := (inventory.Purged{{Table: "note", Rows: 1, Due: now.Add(time.Hour)}, {Table: "many"}}); err != nil || !slices.Equal(gone, want) {
			t.Errorf("after the hold deleted %v (%v), want %v", gone, err, want)
		}
	})
}
