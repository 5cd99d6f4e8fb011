package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"waypost/internal/fault"
)

var (
	// ErrRestoring is for a database into which a backup is being restored.
	ErrRestoring = fault.New(fault.Unavailable, "database_restoring",
		"A backup is being restored into this database, or was and did not come to its end. Run waypost admin restore again.")

	// ErrNotEmpty is for a backup that would be written over something.
	ErrNotEmpty = fault.New(fault.Conflict, "database_not_empty",
		"There is something in the database already. Restore into a new one, or empty it first: nothing is written over.")

	errTool = fault.New(fault.Unavailable, "database_tool",
		"The program %s is needed for PostgreSQL and isn't installed here. Install the PostgreSQL client, not older than the server.")
	errToolFailed = fault.New(fault.Unavailable, "database_tool_failed", "%s failed: %s")
)

// restoring is the table that stands in a database while a backup is being
// restored into it: nobody else opens it meanwhile.
const restoring = "waypost_restoring"

// Backup writes the database, as it is at one moment, to a new file, while
// others go on reading and writing. On SQLite the file is a database, without
// what the original still holds of deleted rows; on PostgreSQL it is pg_dump's
// own format.
func (d *DB) Backup(ctx context.Context, file string) error {
	if d.dialect == SQLite {
		reader, err := sql.Open("sqlite", sqliteDSN(d.where, "deferred")) // a connection that can't write can't copy
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		_, err = reader.ExecContext(ctx, "VACUUM INTO $1", file)
		if err := errors.Join(err, reader.Close()); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		return nil
	}
	return postgresTool(ctx, d.where, "pg_dump", "--format=custom", "--no-owner", "--no-acl", "--schema="+d.schema, "--file="+file)
}

// Restore fills an empty database with what Backup wrote. Until Finish is called
// on the returned database nobody else can open it. What an earlier Restore left
// unfinished is begun anew.
func Restore(ctx context.Context, address, file string, o Options) (*DB, error) {
	o.restoring = true
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if err := restoreFile(ctx, path, file); err != nil {
			return nil, err
		}
		return Open(ctx, address, o)
	}
	d, err := Open(ctx, address, o)
	if err != nil {
		return nil, err
	}
	if err := d.refill(ctx, file); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Finish lets others open a database that was restored.
func (d *DB) Finish(ctx context.Context) error {
	_, err := d.Exec(ctx, "DROP TABLE "+restoring)
	return err
}

// restoreFile puts a backup in its place, marked as being restored.
func restoreFile(ctx context.Context, path, file string) error {
	switch marked, err := isMarked(ctx, path); {
	case err != nil:
		return err
	case !marked:
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return ErrNotEmpty
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return errFile.With(path).Because(err)
	}
	part := path + ".part"
	if err := copyFile(part, file); err != nil {
		return errFile.With(part).Because(err)
	}
	marker, err := sql.Open("sqlite", "file:"+part)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = marker.ExecContext(ctx, "CREATE TABLE "+restoring+" (x BIGINT)")
	if err := errors.Join(err, marker.Close()); err != nil {
		return sqliteFault(file, err)
	}
	for _, rest := range []string{"-wal", "-shm"} { // of an unfinished one
		if err := os.Remove(path + rest); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errFile.With(path).Because(err)
		}
	}
	if err := os.Rename(part, path); err != nil {
		return errFile.With(path).Because(err)
	}
	return nil
}

// isMarked reports whether an unfinished restore left a file.
func isMarked(ctx context.Context, path string) (marked bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	d, err := sql.Open("sqlite", sqliteDSN(path, "deferred"))
	if err != nil {
		return false, fmt.Errorf("restore: %w", err)
	}
	err = d.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_master WHERE name = $1", restoring).Scan(&marked)
	if err := errors.Join(err, d.Close()); err != nil {
		return false, sqliteFault(path, err)
	}
	return marked, nil
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// refill has PostgreSQL's own program restore a dump, all of it or nothing.
func (d *DB) refill(ctx context.Context, file string) error {
	var tables, marked bool
	err := d.read.QueryRowContext(ctx, `SELECT count(*) > 0, count(*) FILTER (WHERE tablename = $2) > 0 FROM pg_tables WHERE schemaname = $1`,
		d.schema, restoring).Scan(&tables, &marked)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if tables && !marked {
		return ErrNotEmpty
	}
	quoted := pgx.Identifier{d.schema}.Sanitize()
	for _, statement := range []string{
		"DROP SCHEMA " + quoted + " CASCADE", "CREATE SCHEMA " + quoted, "CREATE TABLE " + quoted + "." + restoring + " (x BIGINT)",
	} {
		if _, err := d.write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return postgresTool(ctx, d.where, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-acl",
		"--schema="+d.schema, file)
}

// refuseRestoring fails for a database into which a backup is being restored.
func (d *DB) refuseRestoring(ctx context.Context) error {
	query := "SELECT count(*) > 0 FROM sqlite_master WHERE name = $1"
	args := []any{restoring}
	if d.dialect == Postgres {
		query, args = "SELECT count(*) > 0 FROM pg_tables WHERE tablename = $1 AND schemaname = $2", append(args, d.schema)
	}
	var marked bool
	if err := d.read.QueryRowContext(ctx, query, args...).Scan(&marked); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if marked {
		return ErrRestoring
	}
	return nil
}

// libpqKnows are the parts of a database's url that PostgreSQL's own programs
// understand, too.
var libpqKnows = []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}

// postgresTool runs one of PostgreSQL's programs. The password is in its
// environment, which other users of the machine can't read.
func postgresTool(ctx context.Context, address, name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return errTool.With(name).Because(err)
	}
	where, err := url.Parse(address)
	if err != nil {
		return errURL // the parser's words repeat parts of the url
	}
	password, _ := where.User.Password()
	where.User = url.User(where.User.Username())
	known := url.Values{}
	for _, key := range libpqKnows {
		if value := where.Query().Get(key); value != "" {
			known.Set(key, value)
		}
	}
	where.RawQuery = known.Encode()
	tool := exec.CommandContext(ctx, path, append([]string{"--dbname=" + where.String()}, args...)...)
	tool.Env = append(os.Environ(), "PGPASSWORD="+password)
	var said bytes.Buffer
	tool.Stderr = &said
	if err := tool.Run(); err != nil {
		return errToolFailed.With(name, strings.TrimSpace(said.String())).Because(err)
	}
	return nil
}
