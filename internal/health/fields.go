package health

import (
	"context"

	"waypost/internal/inventory"
	"waypost/internal/purge"
)

var _ inventory.Room = (*Book)(nil)

// hoursEnd is how long counts are kept.
var hoursEnd = inventory.Retention{Rule: inventory.AfterMade, For: 3 * day}

// Fields declares the room's columns: figures about carriers, and names of
// fields in their answers. None of it is about a person or a parcel.
func (*Book) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{Field: inventory.Field{Table: "health_hour", Whose: inventory.Nobody, Retention: hoursEnd}, Plain: [][2]string{
			{"account", "the operator's account at a source"},
			{"hour_ms", "the hour"},
			{"what", "what happened"},
			{"n", "how often"},
			{"last_ms", "when it last did"},
		}},
		{Field: inventory.Field{Table: "health_path", Whose: inventory.Nobody}, Plain: [][2]string{
			{"source", "the source"},
			{"kind", "which of its answers"},
			{"path", "the names of fields that lead to a place of the answer"},
			{"forms", "whether text, numbers, lists or objects stood there"},
			{"met", "in how many answers it stood wherever it could"},
			{"chances", "in how many answers it could stand"},
			{"used", "whether it is read"},
			{"first_ms", "when it was first seen"},
			{"last_ms", "when it was last seen"},
			{"change", "what changed there"},
			{"change_ms", "when that was seen"},
			{"seen_ms", "when somebody of the staff had looked at it"},
		}},
		{Field: inventory.Field{Table: "health_trial", Whose: inventory.Nobody}, Plain: [][2]string{
			{"account", "the operator's account at a source"},
			{"number", "the tracking number that the operator has asked every day"},
			{"asked_ms", "when it was asked"},
			{"outcome", "what came of it"},
			{"reason", "the same in words for the operator"},
		}},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

// Expire deletes counts of more than three days ago.
func (b *Book) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, b.db, p, purge.Rule{Table: "health_hour", Since: "hour_ms", For: hoursEnd.For})
}
