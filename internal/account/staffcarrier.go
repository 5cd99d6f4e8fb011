package account

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
)

// SeeCarrier writes down that a clerk has looked at how a carrier's answers
// changed, and returns when that was.
func (t Staff) SeeCarrier(ctx context.Context, c Clerk) (time.Time, error) {
	if err := c.may(ReadCarriers); err != nil {
		return time.Time{}, err
	}
	s, err := t.home(ctx)
	if err != nil {
		return time.Time{}, err
	}
	now := db.At(ms(s.now()))
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(ReadCarriers), of: string(c.ID), did: DidSee, at: now})
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("write down who looked at a carrier: %w", err)
	}
	return now, nil
}

// SawCarrier is what those are called who did so, by when. Who is no longer
// among the staff has no name.
func (t Staff) SawCarrier(ctx context.Context, c Clerk, since time.Time) (map[time.Time]string, error) {
	if err := c.may(ReadCarriers); err != nil {
		return nil, err
	}
	names, err := t.names(ctx)
	if err != nil {
		return nil, err
	}
	s, err := t.home(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := s.entries(ctx, `what = $1 AND at_ms >= $2`, string(DidSee), ms(since))
	if err != nil {
		return nil, err
	}
	by := make(map[time.Time]string, len(entries))
	for _, e := range entries {
		by[e.At] = names[e.By]
	}
	return by, nil
}
