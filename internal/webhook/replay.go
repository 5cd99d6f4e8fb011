package webhook

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

const (
	// MostReplayed is how many events can be replayed at once.
	MostReplayed = 10_000

	replayStep = 500 // of which are written at once
)

var (
	errReplayOff   = fault.New(fault.Conflict, "replay_off", "This endpoint is off. Turn it on first.")
	errReplayRange = fault.New(fault.Invalid, "replay_range", "Give the first and the last event, at most %d apart.")
)

// Replay has an account's events from one number to another delivered to an
// endpoint again, or for the first time, and says how many. Of several it is
// those that the endpoint's filter lets through; one alone is always sent. They
// keep their ids and their order, and what happens meanwhile to the same parcels
// waits for them.
func (s *Store) Replay(ctx context.Context, owner inventory.Subject, to EndpointID, first, last int64) (int, error) {
	if first < 1 || last < first || last-first >= MostReplayed {
		return 0, errReplayRange.With(MostReplayed)
	}
	e, err := s.Endpoint(ctx, owner, to)
	if err != nil {
		return 0, err
	}
	if e.State != On {
		return 0, errReplayOff
	}
	if err := s.all.o.Restricted.Refuse(ctx, owner); err != nil {
		return 0, err
	}
	total := 0
	for from := first; from <= last; from += replayStep {
		events, err := s.between(ctx, owner, from, min(from+replayStep-1, last))
		if err != nil {
			return total, err
		}
		n := 0
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			n = 0
			for _, event := range events {
				if first != last && !e.Filter.Lets(event) {
					continue
				}
				if err := s.waitAgain(ctx, tx, e, event); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			return total, fmt.Errorf("replay to endpoint %s: %w", to, err)
		}
		total += n
	}
	return total, nil
}

// waitAgain is wait for an event that later ones of its parcel may have overtaken:
// those wait behind it.
func (s *Store) waitAgain(ctx context.Context, tx *db.Tx, to Endpoint, e Event) error {
	if err := s.wait(ctx, tx, to, e); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET waits = 1 WHERE endpoint = $1 AND stream = $2 AND seq > $3 AND waits > 0`,
		string(to.ID), s.stream(e.Owner, e.Parcel.Number), e.Seq)
	return err
}

// between are an account's events from one number to another.
func (s *Store) between(ctx context.Context, owner inventory.Subject, first, last int64) (all []Event, err error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = readEvents(ctx, tx, k, owner, ` AND e.seq >= $2 AND e.seq <= $3 ORDER BY e.seq`, first, last)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("events %d to %d of %s: %w", first, last, owner, err)
	}
	return all, nil
}

// SeqsBetween are the numbers of an account's first and last event between two
// times, 0 and 0 when there is none.
func (s *Store) SeqsBetween(ctx context.Context, owner inventory.Subject, from, to time.Time) (first, last int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0) FROM webhook_event WHERE owner = $1 AND made_ms >= $2 AND made_ms < $3`,
			string(owner), db.Ms(from), db.Ms(to)).Scan(&first, &last)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("events of %s: %w", owner, err)
	}
	return first, last, nil
}
