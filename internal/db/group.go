package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// On SQLite a commit with synchronous=FULL costs a sync of the disk, however
// little was written. Transactions that wait for the one writer therefore
// share one: each runs in the SQLite transaction that its predecessor left
// open, behind a savepoint of its own, and the last in line commits for all.
const (
	groupMost    = 64                    // transactions in a group
	groupLongest = 20 * time.Millisecond // after this long the next in line doesn't join any more
)

// groups is the line in front of the writer.
type groups struct {
	line    sync.Mutex   // whoever holds it may use the writer
	waiting atomic.Int32 // how many stand in line, and will come to leave
	open    *group       // guarded by line; nil when nothing was begun
}

// A group is a SQLite transaction that several of ours share.
type group struct {
	tx      *sql.Tx
	members int // whose work is in it
	begun   time.Time
	broken  error         // why nothing of it can be kept
	done    chan struct{} // closed once committed or taken back; then err holds
	err     error
}

// together runs fn in a group's transaction and returns once that is on disk. So it
// does where fn failed: what fn saw of others' work is there for everybody only then,
// and whoever tries again is to find it.
func (d *DB) together(ctx context.Context, fn func(tx *Tx) error) (*Tx, error) {
	g, tx, err := d.ride(ctx, fn)
	if g != nil {
		<-g.done
	}
	if err != nil {
		return nil, err
	}
	return tx, g.err
}

// ride waits in line, runs fn, and leaves the group to the next in line or
// ends it. Nobody leaves the line early: the one in front counts on it that
// somebody comes after him.
func (d *DB) ride(ctx context.Context, fn func(tx *Tx) error) (*group, *Tx, error) {
	s := &d.groups
	s.waiting.Add(1)
	s.line.Lock()
	s.waiting.Add(-1)
	if s.open == nil {
		tx, err := d.write.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			s.line.Unlock()
			return nil, nil, err
		}
		s.open = &group{tx: tx, begun: time.Now(), done: make(chan struct{})}
	}
	g := s.open
	defer s.leave(g)
	tx := &Tx{dialect: SQLite, tx: g.tx, ran: &d.ran, grouped: true}
	return g, tx, g.join(ctx, tx, fn)
}

// join runs fn as one of the group. What fn wrote is taken back when it fails,
// panics, or ctx ended meanwhile.
func (g *group) join(ctx context.Context, tx *Tx, fn func(tx *Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if g.members > 0 { // the first needs no savepoint: without him there is no group
		if err := g.exec(ctx, "SAVEPOINT member"); err != nil {
			return err
		}
	}
	kept := false
	defer func() {
		if !kept {
			g.undo(ctx)
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if g.members > 0 {
		if err := g.exec(ctx, "RELEASE member"); err != nil {
			return err
		}
	}
	kept = true
	g.members++
	return nil
}

func (g *group) undo(ctx context.Context) {
	if g.members == 0 {
		return // leave takes the whole transaction back
	}
	if g.exec(ctx, "ROLLBACK TO member") == nil {
		_ = g.exec(ctx, "RELEASE member") // exec remembers an error
	}
}

// exec runs one of the group's own statements, to its end also when ctx ends.
// When one fails, SQLite has taken the whole transaction back, and nobody's
// work in it is kept.
func (g *group) exec(ctx context.Context, statement string) error {
	_, err := g.tx.ExecContext(context.WithoutCancel(ctx), statement)
	if err != nil {
		err = fmt.Errorf("%s: %w", statement, err)
		if g.broken == nil {
			g.broken = err
		}
	}
	return err
}

// leave ends the group unless somebody waits who may join it, and lets the
// next in line go.
func (s *groups) leave(g *group) {
	defer s.line.Unlock()
	join := s.waiting.Load() > 0 && g.members > 0 && g.members < groupMost && time.Since(g.begun) < groupLongest
	if join && g.broken == nil {
		return
	}
	switch {
	case g.broken != nil:
		_ = g.tx.Rollback()
		g.err = g.broken
	case g.members == 0:
		g.err = g.tx.Rollback()
	default:
		g.err = g.tx.Commit()
	}
	s.open = nil
	close(g.done)
}
