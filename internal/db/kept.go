package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// mostKept is how many statements a connection to SQLite keeps, each a few
// kilobytes: more than the pages and jobs of a busy server use again and again.
const mostKept = 200

// openKeeping opens a pool whose connections keep statements as SQLite has read
// them. Reading a statement takes longer than running most of ours, and neither
// database/sql nor the driver keeps one that is run inside a transaction.
func openKeeping(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{c}), nil
}

type keeper struct{ driver.Connector }

func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	bare, ok := c.(bareConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection of type %T", c), c.Close())
	}
	return &keepingConn{bareConn: bare, kept: map[string]*statement{}}, nil
}

// A bareConn is all that a connection of the driver offers to database/sql.
type bareConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A keepingConn is used by one goroutine at a time, as database/sql promises.
type keepingConn struct {
	bareConn
	kept map[string]*statement
	turn int64
}

type statement struct {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	busy bool  // its rows are being read
	turn int64 // of its last use
}

func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.bareConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.bareConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return keptRows{rows, s}, nil
}

// statement returns what is kept of a query, or reads and keeps it; nil while rows
// of the same query are being read.
func (c *keepingConn) statement(ctx context.Context, query string) (*statement, error) {
	c.turn++
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil //nolint:nilnil // neither is there one, nor is that an error
		}
		s.turn = c.turn
		return s, nil
	}
	if len(c.kept) >= mostKept {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	read, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: read, turn: c.turn}
	s.StmtExecContext, s.StmtQueryContext = read.(driver.StmtExecContext), read.(driver.StmtQueryContext) //nolint:errcheck // the driver's have both
	c.kept[query] = s
	return s, nil
}

// forget closes the statement that wasn't used for longest.
func (c *keepingConn) forget() error {
	oldest := ""
	for query, s := range c.kept {
		if !s.busy && (oldest == "" || s.turn < c.kept[oldest].turn) {
			oldest = query
		}
	}
	if oldest == "" {
		return nil
	}
	s := c.kept[oldest]
	delete(c.kept, oldest)
	return s.Close()
}

func (c *keepingConn) Close() error {
	var all []error
	for _, s := range c.kept {
		all = append(all, s.Close())
	}
	return errors.Join(append(all, c.bareConn.Close())...)
}

// keptRows are rows of a statement that is used again once they are closed.
type keptRows struct {
	driver.Rows
	of *statement
}

func (r keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
