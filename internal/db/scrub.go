package db

import (
	"context"
	"fmt"

	"waypost/internal/fault"
)

var errScrub = fault.New(fault.Unavailable, "database_busy",
	"What was deleted could not be removed from the database's log yet, because something long is being read. Try again.")

// Shred makes SQLite write zeros over what this transaction deletes or
// replaces, which otherwise stays in the file until its place is needed.
// PostgreSQL has no such thing: there the old row stays until the server's own
// vacuum, and in its write-ahead log until that is recycled.
func (tx *Tx) Shred(ctx context.Context) error {
	if tx.dialect != SQLite {
		return nil
	}
	var on int
	if err := tx.QueryRowContext(ctx, "PRAGMA secure_delete = 1").Scan(&on); err != nil {
		return fmt.Errorf("shred: %w", err)
	}
	return nil
}

// Scrub empties SQLite's write-ahead log into the file, so that the log holds
// no earlier state of what was shredded. It fails with the fault database_busy
// while somebody reads such a state; then it is to be called again. On
// PostgreSQL it does nothing.
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
