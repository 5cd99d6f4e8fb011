package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"waypost/internal/fault"
)

var (
	errFile = fault.New(fault.Unavailable, "database_file",
		"The database file %s can't be opened for writing. Check that its folder exists and that this user may write to both.")
	errNotDatabase = fault.New(fault.Unavailable, "database_damaged",
		"The file %s is not a database of this program. Name another file, or restore it from a backup.")
	errBusy = fault.New(fault.Unavailable, "database_busy",
		"The database file %s is in use by another program that does not let go of it. Stop that one first.")
)

// openSQLite opens the file with one connection that writes and some that read.
func openSQLite(ctx context.Context, file string, o Options) (*DB, error) {
	d := &DB{dialect: SQLite, live: o.Live, log: o.Log, where: file, stop: func() {}}
	var err error
	if d.write, err = openKeeping(sqliteDSN(file, "immediate")); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	d.write.SetMaxOpenConns(1)
	d.write.SetConnMaxIdleTime(0)
	if d.read, err = openKeeping(sqliteDSN(file, "deferred", "query_only(1)")); err != nil {
		d.write.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	readers := 6
	if o.Connections > 0 {
		readers = o.Connections
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	if err := d.tryWriting(ctx); err != nil {
		return nil, errors.Join(sqliteFault(file, err), d.Close())
	}
	return d, nil
}

// sqliteDSN spells what every connection is set to (measured: memory mapping
// with a small cache reads and inserts faster than a large cache, and costs no
// heap per connection). What is deleted or moved is written over with zeros, so
// that look-up hashes, which no key makes unreadable, leave the file; measured, a
// delete takes twice as long and an update no longer.
func sqliteDSN(file, begin string, more ...string) string {
	pragmas := append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-8192)", "mmap_size(4294967296)", "secure_delete(1)",
	}, more...)
	path := (&url.URL{Path: file}).EscapedPath()
	return "file:" + path + "?_txlock=" + begin + "&_pragma=" + strings.Join(pragmas, "&_pragma=")
}

// tryWriting takes the writer's lock once, so that a file that can't be
// written is seen at the start and not at the first change.
func (d *DB) tryWriting(ctx context.Context) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing is to be kept
	if _, err := tx.ExecContext(ctx, "CREATE TABLE waypost_try_writing (x BIGINT)"); err != nil {
		return err
	}
	return nil
}

func sqliteFault(file string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("open database: %w", err)
	}
	switch e.Code() & 0xff { // the primary code of an extended one
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR:
		return errFile.With(file).Because(err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return errNotDatabase.With(file).Because(err)
	case sqlite3.SQLITE_BUSY:
		return errBusy.With(file).Because(err)
	}
	return fmt.Errorf("open database: %w", err)
}
