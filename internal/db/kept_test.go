package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// Statements are kept between transactions: the same one is run while its rows are
// being read, after its table has changed its shape, and when more than are kept
// were run since.
func TestAStatementIsRunAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := d.Exec(t.Context(), query, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`CREATE TABLE leaf (id BIGINT PRIMARY KEY, above BIGINT NOT NULL)`)
		for id := range int64(6) {
			exec(`INSERT INTO leaf (id, above) VALUES ($1, $2)`, id+1, id/2)
		}
		const below = `SELECT id FROM leaf WHERE above = $1 ORDER BY id`
		want := func(above int64, want string) {
			t.Helper()
			if got := fmt.Sprint(ids(t, d, below, above)); got != want {
				t.Errorf("below %d: %s, want %s", above, got, want)
			}
		}
		want(0, "[1 2]")
		want(1, "[3 4]")

		err := d.Read(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.QueryContext(t.Context(), below, 0)
			if err != nil {
				return err
			}
			defer rows.Close()
			for n := int64(1); rows.Next(); n++ {
				var id, first int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				if d.Dialect() == db.Postgres { // one statement at a time
					continue
				}
				if err := tx.QueryRowContext(t.Context(), below, id).Scan(&first); err != nil || id != n || first != 2*n+1 {
					t.Errorf("below %d, while its sisters are read: %d, %v", id, first, err)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}

		exec(`ALTER TABLE leaf ADD COLUMN green BOOLEAN NOT NULL DEFAULT TRUE`)
		want(0, "[1 2]")
		for n := range 250 {
			if got := ids(t, d, fmt.Sprintf(`SELECT id FROM leaf WHERE id = $1 AND above <> %d`, n+10), 2); len(got) != 1 {
				t.Fatalf("statement %d answers %v", n, got)
			}
		}
		want(2, "[5 6]")
	})
}

// A statement that failed, or was broken off, is as good as new.
func TestAStatementThatFailedIsRunAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Exec(t.Context(), `CREATE TABLE leaf (id BIGINT PRIMARY KEY)`); err != nil {
			t.Fatal(err)
		}
		const insert = `INSERT INTO leaf (id) VALUES ($1)`
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for n, c := range []struct {
			ctx  context.Context
			id   int64
			fine bool
		}{{t.Context(), 1, true}, {t.Context(), 1, false}, {gone, 2, false}, {t.Context(), 2, true}} {
			if _, err := d.Exec(c.ctx, insert, c.id); (err == nil) != c.fine {
				t.Errorf("insert %d: %v", n, err)
			}
		}
		if got := fmt.Sprint(ids(t, d, `SELECT id FROM leaf ORDER BY id`)); got != "[1 2]" {
			t.Errorf("the table holds %s", got)
		}
	})
}

func ids(t *testing.T, d *db.DB, query string, args ...any) (all []int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.Rows(t.Context(), tx, func(row *sql.Rows) (id int64, err error) { return id, row.Scan(&id) }, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
