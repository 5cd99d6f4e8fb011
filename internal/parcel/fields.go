package parcel

import (
	"context"
	"time"

	"waypost/internal/inventory"
)

var _ inventory.Room = (*Store)(nil)

// parcelsEnd is how long anything about a parcel is kept.
const parcelsEnd = "180 days after the last person stopped wanting to know"

// Fields declares the room's columns. A parcel belongs to nobody: no column
// says who wants it, and none holds a name, an address or a signature.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	table := func(name, retention string, columns ...[2]string) {
		for _, c := range columns {
			fields = append(fields, inventory.Field{
				Table: name, Column: c[0], Whose: inventory.Nobody, Purpose: c[1], Retention: retention,
			})
		}
	}
	table("parcel", parcelsEnd,
		[2]string{"id", "names the parcel"},
		[2]string{"number", "the tracking number"},
		[2]string{"carrier", "the carrier it was asked for"},
		[2]string{"generation", "which use of the number it is"},
		[2]string{"found", "the carrier that knows it"},
		[2]string{"choice", "why it is taken for that carrier's"},
		[2]string{"edition", "keeps concurrent changes apart"},
		[2]string{"created_ms", "when it was first wanted"},
		[2]string{"wanted_ms", "until when it is wanted"},
		[2]string{"kept_ms", "until when it is wanted by others than visitors"},
	)
	table("ask", parcelsEnd,
		[2]string{"parcel_id", "the parcel"},
		[2]string{"source", "the source that is asked"},
		[2]string{"carrier", "the carrier that it is asked for"},
		[2]string{"number", "the parcel's number there"},
		[2]string{"account", "the operator's account that asks"},
		[2]string{"role", "the carrier's part in the parcel's way"},
		[2]string{"rank", "the order of asking"},
		[2]string{"state", "whether it is asked on"},
		[2]string{"visitor", "whether it draws on the visitors' share of the budget"},
		[2]string{"due_ms", "when it is asked next"},
		[2]string{"lease", "which worker asks just now"},
		[2]string{"claimed_ms", "since when"},
		[2]string{"asked_ms", "when it was last asked"},
		[2]string{"answered_ms", "when it was last answered"},
		[2]string{"pushed_ms", "when the source last told of it without being asked"},
		[2]string{"failures", "how often in a row it failed"},
		[2]string{"problem", "what went wrong last"},
		[2]string{"reason", "the same in words for the operator"},
		[2]string{"digest", "tells an answer that was taken in already: 12 bytes of its hash, of which nothing can be read"},
	)
	table("history", parcelsEnd,
		[2]string{"parcel_id", "the parcel"},
		[2]string{"revision", "counts its changes"},
		[2]string{"bytes", "what happened to the parcel, in the carriers' words without what names a person"},
	)
	table("source_account", "",
		[2]string{"account", "the operator's account at a source"},
		[2]string{"window_ms", "when the window of its budget began"},
		[2]string{"calls", "calls made in the window"},
		[2]string{"visits", "of these for visitors"},
		[2]string{"open_ms", "until when it is left alone"},
		[2]string{"trips", "how often in a row it had to be left alone"},
		[2]string{"floor_kept_ms", "where the search for due asks begins"},
		[2]string{"floor_visitor_ms", "the same for visitors' asks"},
		[2]string{"floor_at_ms", "when it last began at the beginning"},
	)
	table("unmapped", "90 days after it last came",
		[2]string{"source", "the source that sent it"},
		[2]string{"code", "the carrier's code, which the source's file doesn't have"},
		[2]string{"phrase", "the words, where there was no code"},
		[2]string{"words", "the words of one such event, without what names a person"},
		[2]string{"means", "what the words say of the status"},
		[2]string{"answers", "how many answers had it"},
		[2]string{"first_ms", "when it came first"},
		[2]string{"last_ms", "when it came last"},
	)
	return fields
}

// Expire deletes what nobody has wanted for 180 days, and codes that no carrier
// has sent for 90.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	swept, err := s.Sweep(ctx, now)
	if err != nil {
		return swept, err
	}
	forgotten, err := s.forgetUnmapped(ctx, now)
	return swept + forgotten, err
}
