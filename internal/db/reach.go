package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waypost/internal/fault"
)

// ErrAway is for a database that can't be reached now, while others can. What was
// committed there is there.
var ErrAway = fault.New(fault.Unavailable, "region_away",
	"The region where this is kept can't be reached right now. Nothing is lost. Please try again in a few minutes.")

const (
	lookEvery   = 2 * time.Second // how often it is looked up whether a database is still there
	patience    = 2 * time.Second // after which one that doesn't answer counts as away
	openTime    = 5 * time.Second // what one that may be away is given to answer at the start
	backSoonest = 100 * time.Millisecond
	backLatest  = 2 * time.Second
)

// A reach is whether a database can be reached that others don't wait for. While
// it is away nothing that is asked of it waits either: its connections are closed
// and no new ones are made. nil is that of a database without which nothing goes.
type reach struct {
	config *pgx.ConnConfig // to look with
	log    *slog.Logger
	doubt  chan struct{} // somebody's connection failed
	end    context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	state reachState
	first []func(ctx context.Context) error // what comes before everything else, and wasn't done yet
	back  chan struct{}                     // closed while it is here
	open  map[*reachConn]bool
}

type reachState int

const (
	away      reachState = iota
	preparing            // it answers, and what comes first is being done
	here
)

// newReach has the connections of config be closed when the database is away.
func newReach(config *pgx.ConnConfig, log *slog.Logger) *reach {
	r := &reach{config: config.Copy(), log: log, doubt: make(chan struct{}, 1), ended: make(chan struct{}), back: make(chan struct{}), open: map[*reachConn]bool{}}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if r.is(away) {
			return nil, ErrAway
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return r.hold(conn)
	}
	r.state = preparing
	return r
}

// A reachConn is a connection that is closed when its database is away.
type reachConn struct {
	net.Conn
	of *reach
}

func (r *reach) hold(conn net.Conn) (net.Conn, error) {
	c := &reachConn{conn, r}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == away {
		return nil, errors.Join(ErrAway, conn.Close())
	}
	r.open[c] = true
	return c, nil
}

// Close closes the connection.
func (c *reachConn) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

func (r *reach) is(s reachState) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state == s
}

type firstKey struct{}

// enter fails with ErrAway where the database is away, or not prepared and ctx
// isn't that of what prepares it.
func (r *reach) enter(ctx context.Context) error {
	if r == nil || ctx.Value(firstKey{}) == r || r.is(here) {
		return nil
	}
	return ErrAway
}

// told says ErrAway of an error that comes of a connection, which is then looked at.
func (r *reach) told(ctx context.Context, err error) error {
	if r == nil || err == nil || ctx.Err() != nil || errors.Is(err, ErrAway) || !lost(err) {
		return err
	}
	r.look()
	return ErrAway.Because(err)
}

// look has it looked up now whether the database is there.
func (r *reach) look() {
	select {
	case r.doubt <- struct{}{}:
	default:
	}
}

// lost reports whether an error is that of a connection.
func lost(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "57P01", "57P02", "57P03", "53300": // shut down, crashed, starting up; too many connections
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn)
}

// First runs fn before anything else is done in the database: now, or where it
// can't be reached as soon as it can. Until then everything in it fails with ErrAway.
func (d *DB) First(ctx context.Context, fn func(ctx context.Context) error) error {
	r := d.reach
	if r == nil || ctx.Value(firstKey{}) == r {
		return fn(ctx)
	}
	if r.is(here) {
		err := r.told(ctx, fn(context.WithValue(ctx, firstKey{}, r)))
		if !errors.Is(err, ErrAway) {
			return err
		}
		r.lose(ctx, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.first = append(r.first, fn)
	if r.state == here {
		r.leave()
	}
	r.look()
	return nil
}

// Reachable reports whether the database can be used now, as far as is known; of
// one that wasn't opened to Wait it isn't looked up.
func (d *DB) Reachable() bool { return d.reach == nil || d.reach.is(here) }

// Told says ErrAway of an error of Writer that comes of a database that can't be
// reached, and returns any other as it is.
func (d *DB) Told(ctx context.Context, err error) error { return d.reach.told(ctx, err) }

// MayBeAway reports whether it was opened to Wait.
func (d *DB) MayBeAway() bool { return d.reach != nil }

// Await waits until the database can be used, or ctx ends.
func (d *DB) Await(ctx context.Context) error {
	if d.reach == nil {
		return nil
	}
	d.reach.mu.Lock()
	back := d.reach.back
	d.reach.mu.Unlock()
	select {
	case <-back:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin looks after the database from now on. It is here, or comes with first.
func (r *reach) begin(ctx context.Context, first ...func(ctx context.Context) error) {
	r.mu.Lock()
	if r.first = first; len(first) > 0 {
		r.leave()
	} else {
		r.arrive()
	}
	r.mu.Unlock()
	ctx, r.end = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(r.ended)
		r.attend(ctx)
	}()
}

func (r *reach) stop() {
	r.end()
	<-r.ended
}

// leave closes every connection. r.mu is held.
func (r *reach) leave() {
	if r.state == here {
		r.back = make(chan struct{})
	}
	r.state = away
	for c := range r.open {
		c.Conn.Close() //nolint:errcheck // it is given up
	}
	clear(r.open)
}

// arrive lets everybody in. r.mu is held.
func (r *reach) arrive() {
	r.state = here
	close(r.back)
}

// attend looks whether the database is there until ctx ends.
func (r *reach) attend(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { r.drop(ctx, conn) }()
	wait := backSoonest
	for ctx.Err() == nil {
		if r.is(here) {
			select {
			case <-ctx.Done():
				return
			case <-r.doubt:
			case <-time.After(lookEvery):
			}
		}
		var err error
		if conn, err = r.ask(ctx, conn); err == nil {
			err = r.prepare(ctx)
		}
		if err == nil {
			wait = backSoonest
			continue
		}
		r.lose(ctx, err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, backLatest)
	}
}

// ask asks over a connection of its own, which no work is waiting for, and makes
// another one if that has broken.
func (r *reach) ask(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	if conn != nil {
		asked, cancel := context.WithTimeout(ctx, patience)
		err := conn.Ping(asked)
		cancel()
		if err == nil {
			return conn, nil
		}
		r.drop(ctx, conn)
	}
	asked, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(asked, r.config)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (r *reach) drop(ctx context.Context, conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	conn.Close(ctx) //nolint:errcheck // it is given up
}

// prepare does what comes first, and then lets everybody in.
func (r *reach) prepare(ctx context.Context) error {
	for {
		r.mu.Lock()
		if len(r.first) == 0 {
			if r.state != here {
				r.log.Info("a database can be reached again", "host", r.config.Host)
				r.arrive()
			}
			r.mu.Unlock()
			return nil
		}
		fn := r.first[0]
		r.state = preparing
		r.mu.Unlock()
		if err := fn(context.WithValue(ctx, firstKey{}, r)); err != nil {
			return err
		}
		r.mu.Lock()
		r.first = r.first[1:]
		r.mu.Unlock()
	}
}

// lose takes note that the database is away.
func (r *reach) lose(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	was := r.state
	r.leave()
	r.mu.Unlock()
	switch was {
	case here:
		r.log.Error("a database can't be reached; what is kept there waits, everything else goes on", "host", r.config.Host, "err", err)
	case preparing:
		r.log.Error("a database can't be used yet; what is kept there waits, everything else goes on", "host", r.config.Host, "err", err)
	}
}
