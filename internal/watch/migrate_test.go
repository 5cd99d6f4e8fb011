package watch_test

import (
	"fmt"
	"os"
	"testing"
	"testing/fstest"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/watch"
)

// A database of before marks keeps every watch and what it watches.
func TestRowsOfBeforeMarksStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before := fstest.MapFS{}
		for _, name := range []string{"0001_watches.sql", "0002_registrations.sql"} {
			before[name] = &fstest.MapFile{Data: must(os.ReadFile("migrations/" + name))(t)}
		}
		if err := d.Migrate(t.Context(), "watch", before); err != nil {
			t.Fatal(err)
		}
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range 3 {
				for _, statement := range []string{
					`INSERT INTO watched (id, parcel_id, number, carrier, generation, wanted_ms, found, status, since_ms, event_ms, stale_ms, eta, eta_ms, settled_ms, revision, read_ms)
						VALUES ('w%[1]d', 'p%[1]d', 'OLD%[1]d', 'acme', 0, 1, 'acme', 'InTransit_Other', 2, 3, 4, 'soon', 5, 6, 7, 8)`,
					`INSERT INTO watch (owner, id, watched_id, source, words, alerts, archived_ms, created_ms, edition)
						VALUES ('eu-1', 'x%[1]d', 'w%[1]d', 'hand', '', '-', 9, 10, 11)`,
					`INSERT INTO registration (owner, id, carrier, final, watched_id, details, created_ms, begun_ms, stopped_ms, why, due_ms, changes, retracked, pushed_ms, push_status, push_code)
						VALUES ('eu-1', 'r%[1]d', 'acme', '', 'w%[1]d', '', 1, 2, 3, 'expired', 4, 5, TRUE, 6, 'success', 200)`,
				} {
					if _, err := tx.ExecContext(t.Context(), fmt.Sprintf(statement, i)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := watch.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		var n int
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `
				SELECT count(*) FROM watch w JOIN watched p ON p.id = w.watched_id JOIN registration r ON r.watched_id = p.id
				WHERE p.mark = '' AND p.number LIKE 'OLD%' AND p.eta = 'soon' AND p.read_ms = 8 AND w.alerts = '-' AND w.edition = 11 AND r.why = 'expired' AND r.push_code = 200`).Scan(&n)
		})
		if err != nil || n != 3 {
			t.Errorf("%d watches are left as they were (%v), want 3", n, err)
		}
	})
}
