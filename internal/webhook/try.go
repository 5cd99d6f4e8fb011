package webhook

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// mostTries is how many test events an account can send in a minute.
const mostTries = 10

var errTries = fault.New(fault.Limited, "endpoint_tries", "Ten test events a minute are enough. Wait a moment.")

// Try sends a test event to an endpoint, whatever its filter, about a parcel that
// there isn't, and returns the event's number.
func (s *Store) Try(ctx context.Context, owner inventory.Subject, to EndpointID) (seq int64, err error) {
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
	now := time.Now().UTC()
	var tries int
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_event WHERE owner = $1 AND kind = 'test' AND made_ms > $2`, string(owner), db.Ms(now.Add(-time.Minute))).Scan(&tries)
	})
	if err != nil {
		return 0, fmt.Errorf("test events of %s: %w", owner, err)
	}
	if tries >= mostTries {
		return 0, errTries
	}
	item := Item{Owner: owner, ID: newID(), Source: watch.ByAPI, Tags: []string{"test"}}
	if err := s.record(ctx, occurrence{kind: Test, cause: string(Test), item: item, parcel: sample(now), only: to}); err != nil {
		return 0, fmt.Errorf("test endpoint %s: %w", to, err)
	}
	_, seq, err = s.Span(ctx, owner)
	return seq, err
}

// SampleNumber is the number of the parcel that test events are about. No
// carrier has such numbers.
const SampleNumber = "WAYPOSTTEST1"

// sample is a parcel that never was: sent two days ago, handed over an hour ago.
func sample(now time.Time) parcel.Parcel {
	const source = "test"
	p := parcel.Parcel{
		ID: parcel.ID(newID()), Key: parcel.Key{Number: SampleNumber}, Revision: 1, Created: now.Add(-50 * time.Hour),
		History: parcel.History{Legs: []parcel.Leg{{Source: source, Number: SampleNumber, Role: parcel.Origin, Answered: now.Truncate(time.Millisecond)}}},
	}
	for i, told := range []struct {
		ago   time.Duration
		sub   status.Sub
		words string
		place place.Place
	}{
		{48 * time.Hour, status.InTransitPickedUp, "Collected from the sender", place.Place{City: "Hamburg", Country: "DE"}},
		{20 * time.Hour, status.InTransitOther, "At the sorting centre", place.Place{City: "Leipzig", Country: "DE"}},
		{time.Hour, status.DeliveredOther, "Handed over", place.Place{City: "Wien", Country: "AT"}},
	} {
		when := now.Add(-told.ago).Truncate(time.Second)
		p.History.Events = append(p.History.Events, parcel.Event{
			Event: carrier.Event{
				Time: carrier.Time{Local: when.Format("2006-01-02T15:04:05"), UTC: when}, Code: "T", Status: told.sub, Words: told.words, Place: told.place,
			},
			Source: source, Number: SampleNumber, Seen: when, List: i, Rank: when.UnixMilli(),
		})
	}
	return p
}
