package db_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
)

func TestOpeningSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear Sir or Madam, ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, url string
		want      string
	}{
		{"nothing", "", "database_url"},
		{"another database", "mysql://someone:hush@127.0.0.1/x", "database_url"},
		{"an address that can't be read", "postgres://someone:hush@127.0.0.1:port/x", "database_url"},
		{"a folder that isn't there", "sqlite:" + filepath.Join(folder, "no", "such.db"), "database_file"},
		{"a folder instead of a file", "sqlite:" + folder, "database_file"},
		{"a file of something else", "sqlite:" + text, "database_damaged"},
		{"no server", "postgres://someone:hush@127.0.0.1:1/x", "database_unreachable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := db.Open(t.Context(), tc.url, db.Options{})
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			if said := err.Error() + f.Text; strings.Contains(said, "hush") || strings.Contains(said, "SELECT") {
				t.Errorf("says too much: %s", said)
			}
		})
	}
}

func TestAServerThatRefusesSaysWhatToDo(t *testing.T) {
	server := dbtest.Postgres(t)
	for _, tc := range []struct{ name, change, to, want string }{
		{"an unknown user", "waypost@", "nobody-of-that-name:hush@", "database_password"},
		{"a database that isn't there", "/postgres?", "/no_such_database?", "database_missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url := strings.Replace(server, tc.change, tc.to, 1)
			if url == server {
				t.Skip("the server's address is not that of make test")
			}
			_, err := db.Open(t.Context(), url, db.Options{})
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tc.want || strings.Contains(err.Error()+f.Text, "hush") {
				t.Errorf("got %v, want %s without the password", err, tc.want)
			}
		})
	}
}

func TestFilesWithUnusualNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file? of #1 100%.db")
	d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestWhatSQLiteIsSetTo(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	pragmas := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"}
	check := func(tx *db.Tx) error {
		for name, want := range pragmas {
			var got string
			if err := tx.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s (%v), want %s", name, got, err, want)
			}
		}
		return nil
	}
	for _, run := range []func(context.Context, func(*db.Tx) error) error{d.Tx, d.Read} {
		if err := run(t.Context(), check); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadsSeeOneStateAndCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		things(t, d)
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			if n := count(t, tx); n != 0 {
				t.Errorf("%d things, want none", n)
			}
			if err := d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, "a") }); err != nil {
				return err
			}
			if n := count(t, tx); n != 0 {
				t.Errorf("%d things in the middle of a read, want what it began with", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error { return put(tx, "b") }); err == nil {
			t.Error("a read could write")
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			if n := count(t, tx); n != 1 {
				t.Errorf("%d things, want one", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestASetOpensTheSameDatabaseOnce(t *testing.T) {
	here, there := dbtest.SQLite(t), dbtest.SQLite(t)
	s, err := db.OpenSet(t.Context(), here, map[string]string{"eu": here, "cn": there}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.People["eu"] != s.Parcels || s.People["cn"] == s.Parcels {
		t.Error("want eu in the parcels' database and cn in one of its own")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Parcels.Ping(t.Context()); err == nil {
		t.Error("a closed database answers")
	}
	if _, err := db.OpenSet(t.Context(), here, map[string]string{"eu": "sqlite:"}, db.Options{}); err == nil {
		t.Error("a set with a bad address opened")
	}
}

// things makes an empty table.
func things(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), "CREATE TABLE thing (name TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL DEFAULT 0)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func put(tx *db.Tx, name string) error {
	_, err := tx.ExecContext(context.Background(), "INSERT INTO thing (name) VALUES ($1)", name)
	return err
}

func count(t *testing.T, tx *db.Tx) (n int) {
	t.Helper()
	if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM thing").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func names(t *testing.T, d *db.DB) []string {
	t.Helper()
	var all []string
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.Rows(t.Context(), tx, func(row *sql.Rows) (name string, err error) { return name, row.Scan(&name) },
			"SELECT name FROM thing ORDER BY name")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
