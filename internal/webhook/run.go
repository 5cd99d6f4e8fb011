package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"waypost/internal/db"
)

const (
	// topicDue is published when there is something to deliver.
	topicDue = "webhook.due"

	longestSleep = 30 * time.Second // without being told of anything new
	restAfter    = time.Second      // the database failed
)

// topicOf is published when there is something to deliver to an endpoint.
func topicOf(id EndpointID) string { return topicDue + ":" + string(id) }

// Run delivers until ctx ends, then finishes what is under way. Any number of
// programs may share the work; a killed one's endpoints go to another within a
// minute.
func (h *Hooks) Run(ctx context.Context) error {
	var work errgroup.Group
	seen := map[*db.DB]bool{}
	for _, s := range h.Stores() {
		if !seen[s.db] {
			seen[s.db] = true
			work.Go(func() error { h.dispatch(ctx, s.db); return nil })
		}
	}
	return work.Wait()
}

// dispatch has a database's endpoints delivered to.
func (h *Hooks) dispatch(ctx context.Context, d *db.DB) {
	nudges := d.Live().Subscribe(topicDue)
	defer nudges.Close()
	var drains sync.WaitGroup
	defer drains.Wait()
	free := make(chan struct{}, h.o.Endpoints)
	for range cap(free) {
		free <- struct{}{}
	}
	for ctx.Err() == nil {
		if d.Await(ctx) != nil {
			return
		}
		rows, next, err := h.claim(ctx, d, len(free))
		if err != nil {
			if ctx.Err() == nil {
				h.log.ErrorContext(ctx, "endpoints can't be claimed, will try again", "err", err)
			}
			next = time.Now().Add(restAfter)
		}
		for _, c := range rows {
			<-free
			drains.Go(func() {
				h.drain(ctx, c)
				free <- struct{}{}
				d.Live().Publish(topicDue) // there may be more, and there is room
			})
		}
		if len(rows) > 0 && len(free) > 0 {
			continue
		}
		timer := time.NewTimer(min(max(time.Until(next), 0), longestSleep))
		select {
		case <-ctx.Done():
		case <-nudges.C:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// A claimed is an endpoint that is this program's to deliver to.
type claimed struct {
	row
	lease string
	until time.Time
	opens int
	told  time.Time
}

// claim takes up to so many endpoints that have something due, and says when
// there is more to take.
func (h *Hooks) claim(ctx context.Context, d *db.DB, most int) (taken []claimed, next time.Time, err error) {
	now := time.Now().UTC()
	lease, until := newID(), now.Add(h.o.Lease)
	next = now.Add(longestSleep)
	if most == 0 {
		return nil, next, nil
	}
	var due sql.NullInt64
	err = d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT MIN(CASE WHEN lease_ms > due_ms THEN lease_ms ELSE due_ms END) FROM webhook_endpoint WHERE due_ms > 0 AND state = 'on'`).Scan(&due)
	})
	if err != nil || !due.Valid || due.Int64 > db.Ms(now) {
		if due.Valid {
			next = db.At(due.Int64)
		}
		return nil, next, err
	}
	err = d.Tx(ctx, func(tx *db.Tx) (err error) {
		taken, err = db.Rows(ctx, tx, func(rows *sql.Rows) (c claimed, err error) {
			var told int64
			c.row, err = scanRow(also{rows, []any{&c.opens, &told}})
			c.lease, c.until, c.told = lease, until, db.At(told)
			return c, err
		}, `
			UPDATE webhook_endpoint SET lease = $1, lease_ms = $2 WHERE (owner, id) IN (
				SELECT owner, id FROM webhook_endpoint WHERE due_ms > 0 AND due_ms <= $3 AND lease_ms <= $3 AND state = 'on' ORDER BY due_ms LIMIT $4`+tx.SkipLocked()+`)
			RETURNING `+endpointColumns+`, opens, told_ms`, lease, db.Ms(until), db.Ms(now), most)
		return err
	})
	if err != nil {
		return nil, next, fmt.Errorf("claim endpoints: %w", err)
	}
	return taken, next, nil
}

// drain delivers what is due to an endpoint that was claimed.
func (h *Hooks) drain(ctx context.Context, c claimed) {
	log := h.log.With("endpoint", c.ID)
	s, err := h.Of(c.Owner)
	if err == nil {
		err = newDrain(s, c).run(ctx)
	}
	if err != nil && !errors.Is(err, errLost) {
		log.ErrorContext(ctx, "endpoint can't be delivered to now, will try again", "err", err)
	}
}

// A scanner is a row that can be read.
type scanner interface{ Scan(places ...any) error }

// also is a row with more columns behind those that are asked for.
type also struct {
	scanner
	more []any
}

func (a also) Scan(places ...any) error { return a.scanner.Scan(slices.Concat(places, a.more)...) }
