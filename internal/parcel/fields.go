package parcel

import (
	"context"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

var _ inventory.Room = (*Store)(nil)

// How long anything about a parcel is kept, values that carriers demand, and
// codes that no file has.
var (
	parcelsEnd    = inventory.Retention{Rule: inventory.Unwanted, For: 180 * 24 * time.Hour}
	givenEnd      = inventory.Retention{Rule: inventory.Unwanted, For: time.Hour}
	subscribedEnd = inventory.Retention{Rule: inventory.Unwanted, For: subscriptionsEnd}
	unmappedEnd   = inventory.Retention{Rule: inventory.Silent, For: unmappedFor}
)

// Fields declares the room's columns. A parcel belongs to nobody: no column
// says who wants it, and none holds a name, an address or a signature. What a
// carrier demands may say something of the receiver; it is nobody's here, because
// it isn't known whose it is, and goes with the last person who wants to know.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{Field: inventory.Field{Table: "parcel", Whose: inventory.Nobody, Retention: parcelsEnd}, Plain: [][2]string{
			{"id", "names the parcel"},
			{"number", "the tracking number"},
			{"carrier", "the carrier it was asked for"},
			{"mark", "keeps what is told to those who know more than the number apart: a keyed hash of that, of which nothing can be read"},
			{"generation", "which use of the number it is"},
			{"found", "the carrier that knows it"},
			{"choice", "why it is taken for that carrier's"},
			{"edition", "keeps concurrent changes apart"},
			{"created_ms", "when it was first wanted"},
			{"wanted_ms", "until when it is wanted"},
			{"kept_ms", "until when it is wanted by others than visitors"},
			{"stays_ms", "until when it stays for those who keep it and for whom nobody may be asked"},
		}},
		{Field: inventory.Field{Table: "ask", Whose: inventory.Nobody, Retention: parcelsEnd}, Plain: [][2]string{
			{"parcel_id", "the parcel"},
			{"source", "the source that is asked"},
			{"carrier", "the carrier that it is asked for"},
			{"number", "the parcel's number there"},
			{"account", "the operator's account that asks"},
			{"role", "the carrier's part in the parcel's way"},
			{"rank", "the order of asking"},
			{"state", "whether it is asked on"},
			{"visitor", "whether it draws on the visitors' share of the budget"},
			{"due_ms", "when it is asked next"},
			{"lease", "which worker asks just now"},
			{"claimed_ms", "since when"},
			{"asked_ms", "when it was last asked"},
			{"answered_ms", "when it was last answered"},
			{"pushed_ms", "when the source last told of it without being asked"},
			{"failures", "how often in a row it failed"},
			{"problem", "what went wrong last"},
			{"reason", "the same in words for the operator"},
			{"digest", "tells an answer that was taken in already: 12 bytes of its hash, of which nothing can be read"},
		}},
		{
			Field: inventory.Field{
				Table: "given", Whose: inventory.Recipient, Kind: inventory.Parcels, Purpose: inventory.ForTracking, Basis: inventory.Legitimate,
				Source: inventory.Other, Retention: givenEnd, Region: inventory.First, Recipients: []inventory.Party{inventory.Carriers},
			},
			IDs:    [][2]string{{"parcel_id", "the parcel"}},
			Sealed: [][2]string{{"sealed", "what a carrier demands besides the number: the receiver's postal code, the end of a phone number, a day, a country, a customer number"}},
		},
		{Field: inventory.Field{Table: "history", Whose: inventory.Nobody, Retention: parcelsEnd}, Plain: [][2]string{
			{"parcel_id", "the parcel"},
			{"revision", "counts its changes"},
			{"bytes", "what happened to the parcel, in the carriers' words without what names a person"},
		}},
		{Field: inventory.Field{Table: "source_account", Whose: inventory.Nobody}, Plain: [][2]string{
			{"account", "the operator's account at a source"},
			{"window_ms", "when the window of its budget began"},
			{"calls", "calls made in the window"},
			{"visits", "of these for visitors"},
			{"open_ms", "until when it is left alone"},
			{"trips", "how often in a row it had to be left alone"},
			{"floor_kept_ms", "where the search for due asks begins"},
			{"floor_visitor_ms", "the same for visitors' asks"},
			{"floor_at_ms", "when it last began at the beginning"},
		}},
		{Field: inventory.Field{Table: "subscription", Whose: inventory.Nobody, Retention: subscribedEnd}, Plain: [][2]string{
			{"account", "the operator's account at a source"},
			{"carrier", "the carrier on whose behalf"},
			{"number", "the tracking number that the source sends news of by itself"},
			{"state", "whether it does"},
			{"remote", "the source's own id of that"},
			{"until_ms", "until when"},
			{"due_ms", "when it is looked at next"},
			{"lease", "which worker sees to it just now"},
			{"failures", "how often in a row it failed"},
			{"problem", "what went wrong last"},
			{"reason", "the same in words for the operator"},
		}},
		{Field: inventory.Field{Table: "unmapped", Whose: inventory.Nobody, Retention: unmappedEnd}, Plain: [][2]string{
			{"source", "the source that sent it"},
			{"code", "the carrier's code, which the source's file doesn't have"},
			{"phrase", "the words, where there was no code"},
			{"words", "the words of one such event, without what names a person"},
			{"means", "what the words say of the status"},
			{"answers", "how many answers had it"},
			{"first_ms", "when it came first"},
			{"last_ms", "when it came last"},
		}},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

// over are the rules by which rows go: parcels that nobody has wanted or kept for 180
// days with their asks and histories, subscriptions that nobody has seen to for 30, and
// codes that no carrier has sent for 90.
func over() []purge.Rule {
	return []purge.Rule{
		{Table: "parcel", Since: "wanted_ms", For: parcelsEnd.For, Where: "stays_ms <= $1", Key: "id"},
		{Table: "subscription", Since: "due_ms", For: subscribedEnd.For},
		{Table: "unmapped", Since: "last_ms", For: unmappedEnd.For},
	}
}

// Expire deletes what is over by those rules, and the values that carriers demand
// as soon as their parcel isn't wanted or kept.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (gone inventory.Purged, err error) {
	given := func(tx *db.Tx) error {
		g, err := forgetGiven(ctx, tx, p.Now)
		gone = inventory.Purged{g}
		return err
	}
	if p.Try {
		err = purge.Try(ctx, s.db, func(tx *db.Tx) error {
			if err := given(tx); err != nil {
				return err
			}
			some, err := purge.In(ctx, tx, p, over()...)
			gone = gone.And(some...)
			return err
		})
		return gone, err
	}
	if err := s.db.Tx(ctx, given); err != nil {
		return nil, err
	}
	some, err := purge.Run(ctx, s.db, p, over()...)
	return gone.And(some...), err
}
