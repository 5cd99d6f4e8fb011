package db

import (
	"context"
	"fmt"

	"waypost/internal/fault"
)

var errScrub = fault.New(fault.Unavailable, "database_busy",
	"What was deleted could not be removed from the database's log yet, because something long is being read. Try again.")

// Scrub empties SQLite's write-ahead log into the file, so that neither holds an
// earlier state of what was deleted: what goes is written over with zeros. It fails
// with the fault database_busy while somebody reads such a state; then it is to be
// called again. PostgreSQL has no such thing: there an old row stays until the
// server's own vacuum, and in its write-ahead log until that is recycled.
func (d *DB) Scrub(ctx context.Context) error {
	if d.dialect != SQLite {
		return nil
	}
	var busy, log, done int
	if err := d.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	if busy != 0 {
		return errScrub
	}
	return nil
}
