package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"waypost/internal/fault"
)

var (
	errUnreachable = fault.New(fault.Unavailable, "database_unreachable",
		"The PostgreSQL server does not answer. Check that it runs, and host and port in the database setting.")
	errPassword = fault.New(fault.Denied, "database_password",
		"The PostgreSQL server refuses the user or the password in the database setting.")
	errNoDatabase = fault.New(fault.Unavailable, "database_missing",
		"The PostgreSQL server has no database of the name in the database setting. Make it with createdb.")
	errOld = fault.New(fault.Unavailable, "database_too_old",
		"The PostgreSQL server is too old; version 15 or newer is needed.")
)

const (
	oldestPostgres = 150000 // server_version_num
	connectTime    = 10 * time.Second
	idleTime       = 5 * time.Minute
)

// openPostgres connects to the server and starts to listen for topics.
func openPostgres(ctx context.Context, url string, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errURL // the parser's words repeat parts of the url
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "waypost"
	}
	var r *reach
	if o.Wait {
		config.ConnectTimeout = min(config.ConnectTimeout, openTime)
		r = newReach(config, o.Log)
	}
	pool := stdlib.OpenDB(*config)
	most := 16
	if o.Connections > 0 {
		most = o.Connections
	}
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	pool.SetConnMaxIdleTime(idleTime)
	d := &DB{dialect: Postgres, write: pool, read: pool, live: o.Live, log: o.Log, where: url, reach: r, stop: func() {}}

	err = d.connect(ctx, config)
	switch {
	case err == nil && r != nil:
		r.begin(ctx)
	case r != nil && errors.Is(err, errUnreachable):
		o.Log.Error("a database can't be reached yet; what is kept there waits, everything else goes on", "host", config.Host, "err", err)
		r.begin(ctx, func(ctx context.Context) error { return d.connect(ctx, config) })
	case err != nil:
		pool.Close()
		return nil, err
	}
	return d, nil
}

// connect sees whether the server will do, and starts to listen.
func (d *DB) connect(ctx context.Context, config *pgx.ConnConfig) error {
	var version int
	err := d.write.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_schema()").Scan(&version, &d.schema)
	if err == nil && version < oldestPostgres {
		err = errOld
	}
	if err == nil {
		var stop func()
		if stop, err = listen(ctx, config, channel(d.schema), d.live, d.log); err == nil {
			d.stop = stop
		}
	}
	if err != nil {
		return postgresFault(err)
	}
	return nil
}

// postgresFault says what an operator can do about a server that can't be used.
func postgresFault(err error) error {
	var refused *pgconn.PgError
	var network net.Error
	switch {
	case errors.Is(err, errOld):
		return err
	case errors.As(err, &refused):
		switch refused.Code {
		case "28000", "28P01":
			return errPassword.Because(refused)
		case "3D000":
			return errNoDatabase.Because(refused)
		case "57P03", "53300": // starting up or shutting down; too many connections
			return errUnreachable.Because(refused)
		}
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return errUnreachable.Because(err)
	}
	return fmt.Errorf("open database: %w", err)
}

// repeats is how often a transaction is tried that others got in the way of.
const repeats = 10

// alone runs fn in a transaction of its own, again when the server says that
// another transaction was in the way.
func (d *DB) alone(ctx context.Context, fn func(tx *Tx) error) (*Tx, error) {
	for try := 1; ; try++ {
		tx, err := d.once(ctx, fn)
		if err == nil || try == repeats || !inTheWay(err) {
			return tx, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(rand.N(time.Duration(try) * 10 * time.Millisecond)):
		}
	}
}

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) (*Tx, error) {
	begun, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer begun.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	tx := &Tx{dialect: Postgres, tx: begun, ran: &d.ran}
	if err := fn(tx); err != nil {
		return nil, err
	}
	if len(tx.topics) > 0 {
		// The server drops what is said twice in one transaction.
		const say = "SELECT pg_notify('waypost_' || current_schema(), topic) FROM unnest($1::text[]) AS topic"
		if _, err := begun.ExecContext(ctx, say, tx.topics); err != nil {
			return nil, fmt.Errorf("notify: %w", err)
		}
	}
	return tx, begun.Commit()
}

// inTheWay reports whether err is a serialisation failure or a deadlock.
func inTheWay(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}
