package db

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// A Tx is a running transaction. It is used by one goroutine, and only until
// the function that it was given to returns.
type Tx struct {
	dialect Dialect
	tx      *sql.Tx
	ran     *atomic.Int64
	grouped bool // others' work is in the same transaction: no statement is broken off in its middle
	topics  []string
	after   []func()
}

// Tx runs fn in a transaction that may write, and commits when fn returns nil.
//
// fn may run more than once (PostgreSQL asks for that when two transactions
// got in each other's way), so it changes nothing but through tx, starts no
// other transaction, and waits for no network. On SQLite small transactions
// that wait for the one writer are committed together; an error in one leaves
// the others as they are.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	if err := d.reach.enter(ctx); err != nil {
		return err
	}
	run := d.alone
	if d.dialect == SQLite {
		run = d.together
	}
	tx, err := run(ctx, fn)
	if err != nil {
		return d.reach.told(ctx, err)
	}
	for _, f := range tx.after {
		f()
	}
	if d.dialect == SQLite {
		for _, topic := range tx.topics {
			d.live.Publish(topic)
		}
	}
	return nil
}

// Read runs fn in a transaction that can't write and sees one state of the
// database throughout.
func (d *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	if err := d.reach.enter(ctx); err != nil {
		return err
	}
	o := &sql.TxOptions{ReadOnly: true}
	if d.dialect == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.read.BeginTx(ctx, o)
	if err != nil {
		return d.reach.told(ctx, err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return d.reach.told(ctx, fn(&Tx{dialect: d.dialect, tx: tx, ran: &d.ran}))
}

// ExecContext runs a statement that answers no rows.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := tx.bound(ctx)
	if err != nil {
		return nil, err
	}
	query, args = tx.spell(query, args)
	return tx.tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a statement that answers rows.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := tx.bound(ctx)
	if err != nil {
		return nil, err
	}
	query, args = tx.spell(query, args)
	return tx.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a statement that answers at most one row.
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if tx.grouped {
		ctx = context.WithoutCancel(ctx)
	}
	query, args = tx.spell(query, args)
	return tx.tx.QueryRowContext(ctx, query, args...)
}

// Statements is how many statements were run since the database was opened, so
// that two ways can be shown to cost the same.
func (d *DB) Statements() int64 { return d.ran.Load() }

// spell counts a statement and returns it as the database takes it best.
func (tx *Tx) spell(query string, args []any) (string, []any) {
	tx.ran.Add(1)
	if tx.dialect == SQLite {
		return place(query, args)
	}
	return query, args
}

// bound returns the context that a statement runs in. SQLite takes the whole
// transaction back when a write is broken off, so in a shared one ctx is looked
// at between statements only.
func (tx *Tx) bound(ctx context.Context) (context.Context, error) {
	if !tx.grouped {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// Lend hands the transaction to a library that brings statements of its own,
// with the context that they run in. The library neither commits nor rolls back.
func (tx *Tx) Lend(ctx context.Context, to func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, err := tx.bound(ctx)
	if err != nil {
		return err
	}
	return to(ctx, tx.tx)
}

// Notify publishes topic to the database's broker once the transaction is
// committed, on every machine that shares the database.
func (tx *Tx) Notify(topic string) { tx.topics = append(tx.topics, topic) }

// AfterCommit runs f once the transaction is committed, in the caller's goroutine.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Dialect says which database it is.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// SkipLocked is what a claiming SELECT ends with: it locks its rows and passes
// over those that another transaction has locked. "" on SQLite, which has one
// writer.
func (tx *Tx) SkipLocked() string {
	if tx.dialect == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// Lock is what a SELECT ends with whose rows this transaction will change: it
// waits for those who have them locked. "" on SQLite.
func (tx *Tx) Lock() string {
	if tx.dialect == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// Update is what an UPDATE of many rows begins with. On SQLite, should it fail
// halfway, what it did so far is left for the transaction to take back, which has
// to fail with it: then no page is kept as it was before the statement (measured:
// that is a sixth of an update of 500 rows).
func (tx *Tx) Update() string {
	if tx.dialect == SQLite {
		return "UPDATE OR FAIL"
	}
	return "UPDATE"
}

// Exec runs one statement in a transaction of its own, and returns how many rows
// it changed.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (changed int, err error) {
	err = d.Tx(ctx, func(tx *Tx) error {
		done, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		changed = int(n)
		return err
	})
	return changed, err
}

// Rows runs a query and returns what scan makes of each row.
func Rows[T any](ctx context.Context, tx *Tx, scan func(row *sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
