package health

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/inventory"
)

var _ inventory.Room = (*Book)(nil)

// hoursKept is how long counts are kept.
const hoursKept = 3 * day

// Fields declares the room's columns: figures about carriers, and names of
// fields in their answers. None of it is about a person or a parcel.
func (*Book) Fields() []inventory.Field {
	field := func(table, column, purpose, retention string) inventory.Field {
		return inventory.Field{Table: table, Column: column, Whose: inventory.Nobody, Purpose: purpose, Retention: retention}
	}
	const hours, paths, trials = "health_hour", "health_path", "health_trial"
	const kept = "three days"
	return []inventory.Field{
		field(hours, "account", "the operator's account at a source", kept),
		field(hours, "hour_ms", "the hour", kept),
		field(hours, "what", "what happened", kept),
		field(hours, "n", "how often", kept),
		field(hours, "last_ms", "when it last did", kept),
		field(paths, "source", "the source", ""),
		field(paths, "kind", "which of its answers", ""),
		field(paths, "path", "the names of fields that lead to a place of the answer", ""),
		field(paths, "forms", "whether text, numbers, lists or objects stood there", ""),
		field(paths, "met", "in how many answers it stood wherever it could", ""),
		field(paths, "chances", "in how many answers it could stand", ""),
		field(paths, "used", "whether it is read", ""),
		field(paths, "first_ms", "when it was first seen", ""),
		field(paths, "last_ms", "when it was last seen", ""),
		field(paths, "change", "what changed there", ""),
		field(paths, "change_ms", "when that was seen", ""),
		field(trials, "account", "the operator's account at a source", ""),
		field(trials, "number", "the tracking number that the operator has asked every day", ""),
		field(trials, "asked_ms", "when it was asked", ""),
		field(trials, "outcome", "what came of it", ""),
		field(trials, "reason", "the same in words for the operator", ""),
	}
}

// Expire deletes counts of more than three days ago.
func (b *Book) Expire(ctx context.Context, now time.Time) (int, error) {
	gone, err := b.db.Exec(ctx, `DELETE FROM health_hour WHERE hour_ms < $1`, now.Add(-hoursKept).UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("expire carriers' health: %w", err)
	}
	return gone, nil
}
