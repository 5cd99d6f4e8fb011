package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"waypost/internal/db"
	"waypost/internal/vault"
)

const (
	fetchMost   = 1024                   // deliveries that are found at once
	aheadMost   = 2 * fetchMost          // found and not begun: beyond it no more are found
	busyMost    = 3 * fetchMost          // found and not written
	readMost    = 64                     // events that are read at once
	readAhead   = 4 * readMost           // and held until they are sent
	flushMost   = 1024                   // outcomes that are written at once
	flushAfter  = 25 * time.Millisecond  // the first one came
	flushBehind = 100 * time.Millisecond // the same while many wait for their turn
)

// errLost is the end of a drain whose endpoint was deleted, or given to somebody
// else because the lease ran out.
var errLost = errors.New("the endpoint is no longer this program's to deliver to")

// A drain delivers to one endpoint what is due there. Its loop finds what that is
// and writes what came of it, another goroutine reads the events, and as many as
// calls may be made at the same time make them. Of one
// stream there is one delivery under way, from reading to writing: the next isn't
// sent before it is known for good that this one was taken.
type drain struct {
	*Store
	claimed
	endpoint Endpoint
	sealer   *vault.Sealer
	signer   signer

	found    chan []delivery // from the loop to reads
	todo     chan *delivery  // from reads to calls
	ended    *inbox          // from calls to the loop
	ahead    atomic.Int64    // deliveries found and not begun
	busy     map[string]bool // streams under way, the loop's
	more     bool            // something may be due that wasn't read, the loop's
	from     int64           // ms; what was due before is under way or over, the loop's
	tied     int             // deliveries read that were due just then, the loop's
	stopping bool            // nothing more is begun, the loop's
	held     bool            // the owner's data is restricted, the loop's
	begin    atomic.Bool     // what was read may still be begun
	failed   atomic.Int64    // attempts in a row, those that aren't written yet among them
	deadline atomic.Int64    // ms; no attempt is begun that could last longer
}

// A delivery is an event that is to be sent.
type delivery struct {
	seq      int64
	stream   string
	turn     int64
	attempts int
	due      int64
	early    bool // before its time, to see whether the endpoint works again
	event    sealedEvent
	message  Message // the event as it is written, nil when that has yet to be done
}

func newDrain(s *Store, c claimed) *drain {
	return &drain{
		Store: s, claimed: c, busy: map[string]bool{}, more: true,
		found: make(chan []delivery, busyMost), todo: make(chan *delivery, readAhead), ended: newInbox(),
	}
}

// run delivers until nothing is due, and gives the endpoint back.
func (d *drain) run(ctx context.Context) error {
	if err := d.open(ctx); err != nil {
		return err
	}
	var work sync.WaitGroup
	work.Go(func() { d.reads(context.WithoutCancel(ctx)) })
	for range d.all.o.Concurrency {
		work.Go(d.calls)
	}
	err := d.loop(ctx)
	d.begin.Store(false)
	close(d.found)
	work.Wait()
	return err
}

// open unseals what is needed to deliver.
func (d *drain) open(ctx context.Context) (err error) {
	if d.sealer, err = d.vault.Key(ctx, d.Owner); err != nil {
		return err
	}
	if d.endpoint, err = d.row.open(d.sealer); err != nil {
		return err
	}
	key, err := d.all.keyOf(ctx, d.endpoint)
	if err != nil {
		return err
	}
	d.signer = newSigner(d.endpoint, key)
	d.begin.Store(true)
	d.failed.Store(int64(d.Failures))
	d.holds(d.until)
	if d.Open.After(time.Now()) {
		d.stop()
	}
	return nil
}

func (d *drain) holds(until time.Time) { d.deadline.Store(db.Ms(until.Add(-d.all.o.Timeout))) }

func (d *drain) loop(ctx context.Context) error {
	nudges := d.db.Live().Subscribe(topicOf(d.ID))
	defer nudges.Close()
	renew := time.NewTicker(d.all.o.Lease / 4)
	defer renew.Stop()
	running, stop := ctx, ctx.Done()
	ctx = context.WithoutCancel(ctx) // what is under way is finished
	for {
		if running.Err() != nil { // whatever else there is to do, nothing is begun after it
			d.stop()
			stop = nil
		}
		if err := d.fill(ctx); err != nil {
			return err
		}
		if len(d.busy) == 0 {
			return d.giveBack(ctx)
		}
		var some []outcome
		select {
		case <-d.ended.await(1):
			some = d.collect()
		case <-renew.C:
		case <-nudges.C:
			d.more = true
			continue
		case <-stop:
			continue
		}
		if err := d.flush(ctx, some); err != nil {
			return err
		}
		for _, o := range some {
			if o.lost != nil {
				return fmt.Errorf("read events: %w", o.lost)
			}
		}
	}
}

// stop lets what is under way end, and begins nothing more.
func (d *drain) stop() {
	d.stopping = true
	d.begin.Store(false)
}

// collect is what has ended, or ends in a moment.
func (d *drain) collect() []outcome {
	after := flushAfter
	if d.ahead.Load() >= readMost {
		after = flushBehind
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-d.ended.await(min(flushMost, len(d.busy))):
	case <-timer.C:
	}
	return d.ended.take(flushMost)
}

// fill finds what is due while little is left to do.
func (d *drain) fill(ctx context.Context) error {
	for !d.stopping && d.more && d.ahead.Load() < aheadMost {
		if n, err := d.find(ctx); err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// find finds what is due, as much as may be under way, and says how much that is.
func (d *drain) find(ctx context.Context) (int, error) {
	var err error
	if d.held, err = d.all.o.Restricted.Is(ctx, d.Owner); err != nil {
		return 0, err
	}
	if d.held {
		d.stop()
		return 0, nil
	}
	most := busyMost - len(d.busy)
	if d.probing() {
		most = 1 - len(d.busy)
	}
	if most <= 0 {
		return 0, nil
	}
	found, err := d.due(ctx, min(most, fetchMost))
	if err == nil && len(found) == 0 && d.from > 0 { // machines whose clocks differ may have put something before it
		d.from, d.tied = 0, len(d.busy)
		found, err = d.due(ctx, min(most, fetchMost))
	}
	if err != nil {
		return 0, fmt.Errorf("read what is due: %w", err)
	}
	d.more = len(found) > 0 && !d.probing()
	for _, v := range found {
		d.busy[v.stream] = true
	}
	d.ahead.Add(int64(len(found)))
	if len(found) > 0 {
		d.found <- found
	}
	return len(found), nil
}

// reads reads the events of what was found, some at a time.
func (d *drain) reads(ctx context.Context) {
	defer close(d.todo)
	for found := range d.found {
		for some := range slices.Chunk(found, readMost) {
			if !d.begin.Load() {
				d.skip(some, nil)
			} else if err := d.read(ctx, some); err != nil {
				d.skip(some, err)
			} else {
				for i := range some {
					d.todo <- &some[i]
				}
			}
		}
	}
}

// skip leaves deliveries for another time.
func (d *drain) skip(all []delivery, why error) {
	for i := range all {
		d.ahead.Add(-1)
		d.ended.put(outcome{delivery: &all[i], skipped: true, lost: why})
	}
}

// probing reports whether the endpoint was left alone: one attempt decides.
func (d *drain) probing() bool { return !d.Open.IsZero() }

// due reads up to so many deliveries that are due and not under way. To an
// endpoint that was left alone it is one, which was tried the least; if need be
// before its time.
func (d *drain) due(ctx context.Context, most int) (found []delivery, err error) {
	now := db.Ms(time.Now())
	query, limit := ` AND due_ms <= $2 AND due_ms >= $4 ORDER BY due_ms, seq LIMIT $3`, most+d.tied
	if d.probing() {
		query = ` AND due_ms >= $4 ORDER BY CASE WHEN due_ms <= $2 THEN 0 ELSE 1 END, attempts, seq LIMIT $3`
	}
	err = d.db.Read(ctx, func(tx *db.Tx) error {
		all, err := db.Rows(ctx, tx, func(rows *sql.Rows) (v delivery, err error) {
			err = rows.Scan(&v.seq, &v.stream, &v.turn, &v.attempts, &v.due)
			v.early = v.due > now
			return v, err
		}, `SELECT seq, stream, turn, attempts, due_ms FROM webhook_delivery WHERE endpoint = $1 AND waits = 2`+query, string(d.ID), now, limit, d.from)
		if err != nil {
			return err
		}
		found = nil
		for _, v := range all {
			if !d.busy[v.stream] && len(found) < most {
				found = append(found, v)
			}
		}
		return nil
	})
	for _, v := range found {
		if v.due > d.from && !d.probing() {
			d.from, d.tied = v.due, 0
		}
		d.tied++
	}
	return found, err
}

// read reads the events of deliveries that aren't fresh.
func (d *drain) read(ctx context.Context, found []delivery) error {
	bySeq := map[int64]*delivery{}
	var seqs []int64
	for i := range found {
		v := &found[i]
		if v.event.Event, v.message = d.all.fresh.take(d.Owner, v.seq, d.endpoint.Form); v.message == nil {
			bySeq[v.seq], seqs = v, append(seqs, v.seq)
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	return d.db.Read(ctx, func(tx *db.Tx) error {
		among, args := db.In(tx, "e.seq", seqs, 1)
		_, err := db.Rows(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
			e, err := scanEvent(rows)
			if err == nil {
				bySeq[e.Seq].event = e
			}
			return none, err
		}, `SELECT `+eventColumns+` FROM webhook_event e WHERE e.owner = $1 AND `+among, append([]any{string(d.Owner)}, args...)...)
		return err
	})
}
