package db

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// words are what a migration may write where the databases differ.
var words = map[string]map[Dialect]string{
	// A column of bytes.
	"BYTES": {SQLite: "BLOB", Postgres: "BYTEA"},
	// Behind a table's closing bracket: rows are kept in the order of the
	// primary key. For short rows that are read together; PostgreSQL has no such thing.
	"IN_ORDER": {SQLite: "WITHOUT ROWID", Postgres: ""},
	// Behind a table's closing bracket: rows change all the time, so what they
	// leave behind is swept early (a claim of 100 took 48 ms instead of 7 after
	// 100,000 claims without).
	"BUSY": {SQLite: "", Postgres: "WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.05)"},
}

// Replicas that start together try so often, in seconds, to be the one that migrates.
const (
	lockEvery = 1
	lockTries = 600
)

// lockID makes a number for PostgreSQL's locks.
func lockID(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name)) //nolint:errcheck // it never fails
	return int64(h.Sum64())
}

var word = regexp.MustCompile(`\b[A-Z_]+\b`)

// Migrate brings a room's tables up to date: the numbered files of its folder
// that were not run yet, each in a transaction. A file whose name ends in
// .sqlite.sql or .postgres.sql is for that database alone. What was run stands in
// the table <room>_migrations. Replicas that start at the same time wait for each other.
func (d *DB) Migrate(ctx context.Context, room string, files fs.FS) error {
	return d.First(ctx, func(ctx context.Context) error { return d.migrate(ctx, room, files) })
}

func (d *DB) migrate(ctx context.Context, room string, files fs.FS) error {
	spelled, err := spell(d.dialect, files)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", room, err)
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{
		goose.WithTableName(room + "_migrations"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(slog.New(slog.DiscardHandler)),
	}
	if d.dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(
			lock.WithLockID(lockID(d.schema+"."+room)), lock.WithLockTimeout(lockEvery, lockTries))
		if err != nil {
			return fmt.Errorf("migrate %s: %w", room, err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, d.write, spelled, options...)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", room, err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", room, err)
	}
	for _, m := range done {
		d.log.Info("migrated", "room", room, "file", m.Source.Path)
	}
	return nil
}

// MigrateWith runs a library's own migrator, which makes its transactions in
// Writer. Replicas that start at the same time wait for each other.
func (d *DB) MigrateWith(ctx context.Context, name string, migrate func(ctx context.Context) error) error {
	return d.First(ctx, func(ctx context.Context) error { return d.migrateWith(ctx, name, migrate) })
}

func (d *DB) migrateWith(ctx context.Context, name string, migrate func(ctx context.Context) error) error {
	unlock, err := d.lock(ctx, name)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	defer unlock()
	if err := migrate(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	return nil
}

// lock keeps other replicas from what goes by that name until unlock is called.
// It does nothing on SQLite, whose file belongs to one process.
func (d *DB) lock(ctx context.Context, name string) (unlock func(), err error) {
	if d.dialect == SQLite {
		return func() {}, nil
	}
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	unlock = func() { _ = tx.Rollback() } // the lock goes with the transaction
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lockID(d.schema+"."+name)); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// spell returns the dialect's files with our words as it says them.
func spell(dialect Dialect, files fs.FS) (fs.FS, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there are no files")
	}
	spelled := fstest.MapFS{}
	for _, name := range names {
		if !dialect.runs(name) {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		said := word.ReplaceAllStringFunc(string(text), func(w string) string {
			if by, ours := words[w]; ours {
				return by[dialect]
			}
			return w
		})
		spelled[name] = &fstest.MapFile{Data: []byte(whole(said))}
	}
	return spelled, nil
}

const (
	statementBegins = "-- +goose StatementBegin"
	statementEnds   = "-- +goose StatementEnd"
)

// whole has a file run as one statement, unless it says what its statements are:
// goose takes a buffer of four megabytes for each line in which one may end.
func whole(file string) string {
	const up = "-- +goose Up\n"
	before, statements, ok := strings.Cut(file, up)
	if !ok || strings.Contains(file, statementBegins) {
		return file
	}
	return before + up + statementBegins + "\n" + statements + "\n" + statementEnds + "\n"
}

// runs reports whether a file is for the dialect.
func (d Dialect) runs(file string) bool {
	only := path.Ext(strings.TrimSuffix(file, ".sql"))
	return only == "" || only == "."+string(d)
}
