// Package dbtest gives tests real, empty databases of both kinds: a SQLite
// file, and a schema of its own on a PostgreSQL server. The server is the one
// that WAYPOST_TEST_POSTGRES names, else one that is started for this test
// binary and ends with it.
package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waypost/internal/db"
)

// connections is how many each test's database has: several tests share a server.
const connections = 8

// Each runs test on an empty SQLite file and on a fresh PostgreSQL schema.
// Without a server the second is skipped, or fails where WAYPOST_REQUIRE has
// the word postgres.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url)) })
}

// EachURL is Each for tests that open their database themselves, or twice.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Open opens a database until the test ends.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{Connections: connections})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// SQLite names a file that isn't there yet and goes with the test.
func SQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres names a fresh schema that goes with the test; without a server the
// test is skipped or fails.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("WAYPOST_REQUIRE"), ","), "postgres") {
			t.Fatalf("PostgreSQL is required: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	if err := administer(t.Context(), server, "CREATE SCHEMA "+schema); err != nil {
		t.Fatalf("make a schema: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		drop := func() error { return administer(ctx, server, "DROP SCHEMA "+schema+" CASCADE") }
		err := drop()
		for crossed(err) {
			err = drop()
		}
		if err != nil {
			t.Errorf("drop the schema: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("WAYPOST_TEST_POSTGRES is not a URL")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Database names a fresh database of its own on the PostgreSQL server, which goes
// with the test; without a server the test is skipped or fails.
func Database(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := administer(t.Context(), server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := administer(ctx, server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	u.Path, u.RawQuery = "/"+name, "sslmode=disable"
	return u.String()
}

// crossed says whether a statement lost a deadlock: the server goes on for a moment
// with what a closed connection asked for last.
func crossed(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == "40P01"
}

func administer(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement has been answered
	_, err = conn.Exec(ctx, statement)
	return err
}
