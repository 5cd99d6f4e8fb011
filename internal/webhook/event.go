package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// kept is how long events can be read again and replayed.
const kept = 30 * 24 * time.Hour

// mostAfter is how many events one call of After returns.
const mostAfter = 500

// Faults of the cursor.
var (
	errAfter = fault.New(fault.Invalid, "events_after", "Events are counted from 0 on.")
	// ErrForgotten is for a cursor that lies before what is kept.
	ErrForgotten = fault.New(fault.NotFound, "events_forgotten", "Events are kept for 30 days, and the one after this is older.")
)

// ParcelChanged writes an event down for everybody who keeps a parcel and has
// programs to be told. It carries the parcel as it is now: changes that follow
// each other faster than this is called are one event. Twice is once, and what
// comes too late, because a later change was written down already, is nothing.
func (h *Hooks) ParcelChanged(ctx context.Context, c parcel.Changed) error {
	found, err := h.o.Parcels.Get(ctx, c.Parcel)
	if err != nil || len(found) == 0 {
		return err
	}
	var all error
	for _, s := range h.Stores() {
		all = errors.Join(all, s.parcelChanged(ctx, found[0]))
	}
	return all
}

func (s *Store) parcelChanged(ctx context.Context, p parcel.Parcel) error {
	for after := ""; ; {
		items, next, err := s.all.o.Items.Keeping(ctx, s.region, p.ID, after)
		if err != nil {
			return err
		}
		if items, err = s.listening(ctx, items); err != nil {
			return err
		}
		for _, item := range items {
			item, err := s.all.o.Items.Open(ctx, item)
			if fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err == nil {
				err = s.News(ctx, item, p)
			}
			if err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// News writes an event down that carries a parcel as it is, unless there is one of
// this revision already.
func (s *Store) News(ctx context.Context, item Item, p parcel.Parcel) error {
	if p.Revision == 0 {
		return nil
	}
	if err := s.record(ctx, occurrence{kind: Updated, cause: string(p.ID), revision: p.Revision, item: item, parcel: p}); err != nil {
		return fmt.Errorf("news of parcel %s: %w", p.ID, err)
	}
	return nil
}

// Tell writes an event down that is no change of the parcel's: that somebody
// asks for one, or that a registration has ended. cause makes it one event,
// however often it is told.
func (s *Store) Tell(ctx context.Context, kind Kind, item Item, p parcel.Parcel, cause string) error {
	if err := s.record(ctx, occurrence{kind: kind, cause: string(kind) + ":" + cause, item: item, parcel: p}); err != nil {
		return fmt.Errorf("tell %s of %s: %w", kind, item.ID, err)
	}
	return nil
}

// An occurrence is what becomes an event, unless it has become one already.
type occurrence struct {
	kind     Kind
	cause    string // with item and revision it is one event
	revision int64  // of the parcel's history where that is the cause, else 0
	item     Item
	parcel   parcel.Parcel
	only     EndpointID // is told, whatever its filter; "" all whose filter lets it through
}

// record writes an event, and a delivery for each endpoint that is to be told.
// Of an owner whose data is restricted it is neither.
func (s *Store) record(ctx context.Context, o occurrence) error {
	restricted, err := s.all.o.Restricted.Is(ctx, o.item.Owner)
	if err != nil || restricted {
		return err
	}
	k, err := s.vault.Key(ctx, o.item.Owner)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		seq, err := s.account(ctx, tx, o.item.Owner)
		if err != nil {
			return err
		}
		if known, err := o.known(ctx, tx); err != nil || known {
			return err
		}
		e := Event{ID: EventID(newID()), Seq: seq + 1, Kind: o.kind, Item: o.item, Parcel: o.parcel, At: time.Now().UTC().Truncate(time.Millisecond)}
		if err := s.write(ctx, tx, k, e, o); err != nil {
			return err
		}
		forms, err := s.queue(ctx, tx, k, e, o.only)
		if err != nil {
			return err
		}
		tx.Notify(Topic(e.Owner))
		tx.AfterCommit(func() {
			s.all.metrics.events.WithLabelValues(string(e.Kind)).Inc()
			s.all.refresh(e, forms)
		})
		return nil
	})
}

// refresh keeps an event that was just recorded, for as many endpoints of each
// form as wait for it. What can't be written is for the delivery to say.
func (h *Hooks) refresh(e Event, forms map[Form]int) {
	for form, takers := range forms {
		if m, err := h.o.Write(form, e.snapshot()); err == nil {
			h.fresh.put(e, form, m, takers)
		}
	}
}

// account locks the row that counts an account's events, makes it if there is
// none, and returns the number of the newest.
func (s *Store) account(ctx context.Context, tx *db.Tx, owner inventory.Subject) (seq int64, err error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO webhook_account (owner, seq) VALUES ($1, 0) ON CONFLICT DO NOTHING`, string(owner)); err != nil {
		return 0, err
	}
	return seq, tx.QueryRowContext(ctx, `SELECT seq FROM webhook_account WHERE owner = $1`+tx.Lock(), string(owner)).Scan(&seq)
}

// known reports whether an occurrence is an event already, or was overtaken by
// one of a later revision. The account's row is locked.
func (o occurrence) known(ctx context.Context, tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_event WHERE owner = $1 AND item = $2 AND cause = $3 AND revision >= $4`,
		string(o.item.Owner), o.item.ID, o.cause, o.revision).Scan(&n)
	return n > 0, err
}

func (s *Store) write(ctx context.Context, tx *db.Tx, k *vault.Sealer, e Event, o occurrence) error {
	sealed, err := e.seal(k)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO webhook_event (owner, seq, id, kind, item, cause, revision, source, stream, status, detail, history, made_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(e.Owner), e.Seq, string(e.ID), string(e.Kind), e.Item.ID, o.cause, o.revision, string(e.Source),
		s.stream(e.Owner, e.Parcel.Number), string(e.Status()), sealed.detail, sealed.history, db.Ms(e.At))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE webhook_account SET seq = $1 WHERE owner = $2`, e.Seq, string(e.Owner))
	return err
}

// queue has an event delivered, and says to how many endpoints of each form.
func (s *Store) queue(ctx context.Context, tx *db.Tx, k *vault.Sealer, e Event, only EndpointID) (map[Form]int, error) {
	endpoints, err := s.endpoints(ctx, tx, k, e.Owner, ` AND state = 'on' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	forms := map[Form]int{}
	for _, at := range endpoints {
		if only != at.ID && (only != "" || !at.Filter.Lets(e)) {
			continue
		}
		if err := s.wait(ctx, tx, at, e); err != nil {
			return nil, err
		}
		forms[at.Form]++
	}
	return forms, nil
}

// wait has an event wait for its delivery to an endpoint, anew if it was
// delivered before. The endpoint's row is locked, as it is by whoever settles
// deliveries.
func (s *Store) wait(ctx context.Context, tx *db.Tx, to Endpoint, e Event) error {
	now := db.Ms(time.Now())
	done, err := tx.ExecContext(ctx, `
		UPDATE webhook_endpoint SET due_ms = CASE WHEN open_ms > $1 THEN open_ms WHEN due_ms = 0 OR due_ms > $1 THEN $1 ELSE due_ms END
		WHERE owner = $2 AND id = $3`, now, string(to.Owner), string(to.ID))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 { // it was deleted meanwhile
		return err
	}
	stream := s.stream(e.Owner, e.Parcel.Number)
	waits, first := 2, e.Seq
	err = tx.QueryRowContext(ctx, `SELECT seq FROM webhook_delivery WHERE endpoint = $1 AND stream = $2 AND waits > 0 ORDER BY stream, seq LIMIT 1`, string(to.ID), stream).Scan(&first)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if first < e.Seq {
		waits = 1
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO webhook_delivery (endpoint, seq, owner, stream, state, waits, turn, due_ms, attempts, at_ms, took_ms, code, problem, answer, made_ms)
		VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6, 0, 0, 0, 0, '', $7, $8)
		ON CONFLICT (endpoint, seq) DO UPDATE SET state = 'waiting', waits = excluded.waits, turn = webhook_delivery.turn + 1, due_ms = excluded.due_ms, attempts = 0`,
		string(to.ID), e.Seq, string(to.Owner), stream, waits, now, []byte{}, db.Ms(e.At))
	if err != nil {
		return err
	}
	tx.Notify(topicDue)
	tx.Notify(topicOf(to.ID))
	return nil
}

// readEvents reads an owner's events; where goes on after the owner, and its
// places begin at $2.
func readEvents(ctx context.Context, tx *db.Tx, k *vault.Sealer, owner inventory.Subject, where string, args ...any) ([]Event, error) {
	return db.Rows(ctx, tx, func(row *sql.Rows) (Event, error) {
		e, err := scanEvent(row)
		if err != nil {
			return Event{}, err
		}
		return e.open(k)
	}, `SELECT `+eventColumns+` FROM webhook_event e WHERE e.owner = $1`+where, append([]any{string(owner)}, args...)...)
}

// After returns an account's events after a number, oldest first, at most 500;
// they are those that webhooks carry, and none is missing between two. None are
// no error. From the first call on, an account hears of all that it keeps, not of
// what its programs registered alone. It fails with ErrForgotten when those that follow are kept no more.
func (s *Store) After(ctx context.Context, owner inventory.Subject, seq int64, most int) ([]Event, error) {
	if seq < 0 {
		return nil, errAfter
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	var all []Event
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if all, err = readEvents(ctx, tx, k, owner, ` AND e.seq > $2 ORDER BY e.seq LIMIT $3`, seq, min(max(most, 1), mostAfter)); err != nil {
			return err
		}
		newest, err := newest(ctx, tx, owner)
		if err == nil && seq < newest && (len(all) == 0 || all[0].Seq != seq+1) {
			return ErrForgotten
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = s.begin(ctx, owner)
	}
	if err != nil {
		return nil, fmt.Errorf("events of %s after %d: %w", owner, seq, err)
	}
	return all, nil
}

// Listen has an account's programs hear of all that it keeps, from now on, as the
// first call of After does.
func (s *Store) Listen(ctx context.Context, owner inventory.Subject) error {
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := newest(ctx, tx, owner)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = s.begin(ctx, owner)
	}
	if err != nil {
		return fmt.Errorf("events of %s: %w", owner, err)
	}
	return nil
}

// begin makes the row that counts an account's events.
func (s *Store) begin(ctx context.Context, owner inventory.Subject) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := s.account(ctx, tx, owner)
		return err
	})
}

// Span is which of an account's events are kept: those after one, up to another.
// A cursor can begin at either.
func (s *Store) Span(ctx context.Context, owner inventory.Subject) (after, last int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if last, err = newest(ctx, tx, owner); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(seq) - 1, $2) FROM webhook_event WHERE owner = $1`, string(owner), last).Scan(&after)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("events of %s: %w", owner, err)
	}
	return after, last, nil
}

// newest is the number of an account's newest event; sql.ErrNoRows when its
// programs were never told of any.
func newest(ctx context.Context, tx *db.Tx, owner inventory.Subject) (seq int64, err error) {
	return seq, tx.QueryRowContext(ctx, `SELECT seq FROM webhook_account WHERE owner = $1`, string(owner)).Scan(&seq)
}

// Topic is what is published when an account has a new event, or something was
// delivered to it.
func Topic(owner inventory.Subject) string { return "webhook:" + string(owner) }

// listening are the items whose owners' programs are to be told: those of the API,
// and the others of accounts that have made an endpoint or asked for events.
func (s *Store) listening(ctx context.Context, items []Item) ([]Item, error) {
	var asked []inventory.Subject
	for _, i := range items {
		if i.Source != watch.ByAPI {
			asked = append(asked, i.Owner)
		}
	}
	listens := map[inventory.Subject]bool{}
	if len(asked) > 0 {
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			among, args := db.In(tx, "owner", asked, 0)
			owners, err := db.Rows(ctx, tx, func(row *sql.Rows) (owner inventory.Subject, err error) { return owner, row.Scan(&owner) },
				`SELECT owner FROM webhook_account WHERE `+among, args...)
			for _, owner := range owners {
				listens[owner] = true
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("who listens: %w", err)
		}
	}
	return slices.DeleteFunc(items, func(i Item) bool { return i.Source != watch.ByAPI && !listens[i.Owner] }), nil
}
