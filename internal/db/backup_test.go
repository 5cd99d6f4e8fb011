package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// emptied is the address of a database that has lost everything.
func emptied(t *testing.T, address string) string {
	t.Helper()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		for _, rest := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(path + rest); err != nil {
				t.Fatal(err)
			}
		}
		return address
	}
	d := dbtest.Open(t, address)
	if _, err := d.Exec(t.Context(), "DROP TABLE thing"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

func TestABackupBringsBackWhatWasThere(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d, err := db.Open(t.Context(), address, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		things(t, d)
		for _, name := range []string{"a", "b"} {
			if err := d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, name) }); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(t.TempDir(), "copy")
		if err := d.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if err := d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, "later") }); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Restore(t.Context(), address, file, db.Options{}); !errors.Is(err, db.ErrNotEmpty) {
			t.Errorf("over what is there: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}

		emptied(t, address)
		for range 2 { // the second time over what the first left unfinished
			back, err := db.Restore(t.Context(), address, file, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Open(t.Context(), address, db.Options{}); !errors.Is(err, db.ErrRestoring) {
				t.Errorf("an unfinished restore could be opened: %v", err)
			}
			if err := back.Close(); err != nil {
				t.Fatal(err)
			}
		}
		back, err := db.Restore(t.Context(), address, file, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := back.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := back.Close(); err != nil {
			t.Fatal(err)
		}
		if all := names(t, dbtest.Open(t, address)); !slices.Equal(all, []string{"a", "b"}) {
			t.Errorf("there are %q", all)
		}
	})
}
