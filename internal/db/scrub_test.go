package db_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
)

func TestWhatWasDeletedIsInNoFile(t *testing.T) {
	url := dbtest.SQLite(t)
	d := dbtest.Open(t, url)
	things(t, d)
	name := strings.Repeat("conspicuous ", 20)
	must(t, d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, name) }))
	if !inFiles(t, url, name) {
		t.Fatal("what was written is in no file; is the test looking at the right ones?")
	}
	must(t, d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), "DELETE FROM thing")
		return err
	}))
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		count(t, tx)
		must(t, d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, "another") }))
		return d.Scrub(t.Context())
	})
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != "database_busy" {
		t.Errorf("got %v while somebody reads an earlier state, want database_busy", err)
	}
	must(t, d.Scrub(t.Context()))
	if inFiles(t, url, "conspicuous") {
		t.Error("what was deleted is still there")
	}
}

func TestScrubIsForBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { must(t, d.Scrub(t.Context())) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inFiles reports whether the database's file or its log has the text.
func inFiles(t *testing.T, url, part string) bool {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:") + end)
		must(t, err)
		if bytes.Contains(text, []byte(part)) {
			return true
		}
	}
	return false
}
