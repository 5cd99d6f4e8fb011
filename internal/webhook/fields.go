package webhook

import "waypost/internal/inventory"

// How long things are kept.
var (
	accountEnds  = inventory.Retention{Rule: inventory.WithAccount}
	endpointsEnd = inventory.Retention{Rule: inventory.UntilGone}
	eventsEnd    = inventory.Retention{Rule: inventory.AfterMade, For: kept}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string, ends inventory.Retention, source inventory.Source, told ...inventory.Party) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Programs, Purpose: inventory.ForPrograms,
			Basis: inventory.Contract, Source: source, Retention: ends, Region: inventory.Home, Recipients: told,
		}
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field: theirs("webhook_account", accountEnds, inventory.Own),
			IDs:   [][2]string{{"owner", "whose it is"}},
			Plain: [][2]string{{"seq", "counts the events that the account's programs are told"}},
		},
		{
			Field: theirs("webhook_event", eventsEnd, inventory.Use, inventory.Receivers),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names an event that the member's programs are told"},
				{"item", "to which of the member's parcels it happened"},
				{"cause", "keeps it from being told twice"},
			},
			Codes: [][2]string{
				{"kind", "what happened"},
				{"source", "how the parcel came to be kept"},
				{"status", "how the parcel stood"},
			},
			Plain: [][2]string{
				{"seq", "its number"},
				{"revision", "of the parcel's history"},
				{"made_ms", "when"},
			},
			Hashed: [][2]string{{"stream", "keeps a parcel's events in order"}},
			Sealed: [][2]string{
				{"detail", "the parcel, its tags, and what else the member's programs said of it"},
				{"history", "the parcel's history as it stood"},
			},
		},
		{
			Field: theirs("webhook_endpoint", endpointsEnd, inventory.Given),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names where the member's programs are told"},
				{"lease", "which process delivers"},
			},
			Codes: [][2]string{{"state", "whether they are"}},
			Plain: [][2]string{
				{"made_ms", "when it was made"},
				{"edition", "keeps changes at the same time apart"},
				{"due_ms", "when there is something to deliver"},
				{"lease_ms", "until when a process delivers"},
				{"failures", "how often it failed in a row"},
				{"failing_ms", "since when it fails"},
				{"opens", "how often it was left alone in a row"},
				{"open_ms", "until when it is left alone"},
				{"told_ms", "when the member was told that it fails"},
			},
			Sealed: [][2]string{
				{"detail", "its name and address, and what it wants to hear of"},
				{"secrets", "what deliveries are signed with"},
			},
		},
		{
			Field: theirs("webhook_delivery", eventsEnd, inventory.Use),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"endpoint", "where an event goes"},
			},
			Codes: [][2]string{
				{"state", "whether it was taken"},
				{"problem", "why it wasn't"},
			},
			Plain: [][2]string{
				{"seq", "which event"},
				{"waits", "whether it waits, and behind another"},
				{"turn", "how often it was replayed"},
				{"due_ms", "when it is tried next"},
				{"attempts", "how often it failed"},
				{"at_ms", "when it was last tried"},
				{"took_ms", "how long that took"},
				{"code", "what the receiver answered"},
				{"made_ms", "when the event happened"},
			},
			Hashed: [][2]string{{"stream", "keeps a parcel's events in order"}},
			Sealed: [][2]string{{"answer", "how the receiver's answer began, and how the event was signed"}},
		},
		{
			Field: theirs("webhook_attempt", eventsEnd, inventory.Use),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"endpoint", "where an event was to go"},
			},
			Codes: [][2]string{{"problem", "why it didn't get there"}},
			Plain: [][2]string{
				{"seq", "which event"},
				{"at_ms", "when it was tried"},
				{"took_ms", "how long that took"},
				{"code", "what the receiver answered"},
			},
			Sealed: [][2]string{{"answer", "how the receiver's answer began, and how the event was signed"}},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}
