package watch

import "waypost/internal/inventory"

// How long things are kept.
var (
	watchesEnd = inventory.Retention{Rule: inventory.UntilGone}
	undoEnds   = inventory.Retention{Rule: inventory.AfterMade, For: undoFor}
	importsEnd = inventory.Retention{Rule: inventory.AfterMade, For: importFor}
	watchedEnd = inventory.Retention{Rule: inventory.Unwatched, For: readEvery}
)

// Fields declares the room's columns. What is said of a parcel as such is
// nobody's; that somebody watches it, and what they say of it, is theirs.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string, kept inventory.Retention, told ...inventory.Party) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Parcels, Purpose: inventory.ForTracking,
			Basis: inventory.Contract, Source: inventory.Given, Retention: kept, Region: inventory.Home, Recipients: told,
		}
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field: inventory.Field{Table: "watched", Whose: inventory.Nobody, Retention: watchedEnd},
			Plain: [][2]string{
				{"id", "names a watched parcel"},
				{"parcel_id", "the parcel"},
				{"number", "its tracking number"},
				{"carrier", "the carrier that it is asked for"},
				{"mark", "keeps what is told to those who know more than the number apart: a keyed hash of that"},
				{"generation", "which use of the number it is"},
				{"wanted_ms", "until when it is wanted"},
				{"found", "the carrier that knows it"},
				{"status", "how it stands"},
				{"since_ms", "since when"},
				{"event_ms", "when something last happened to it"},
				{"stale_ms", "when it will have been silent for too long"},
				{"eta", "when the carrier means to deliver it"},
				{"eta_ms", "the same as an instant"},
				{"settled_ms", "since when nothing more is expected of it"},
				{"revision", "of its history"},
				{"read_ms", "when it was last looked at"},
			},
		},
		{
			Field: theirs("watch", watchesEnd, inventory.MailServer),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names the saved parcel"},
				{"watched_id", "the parcel"},
			},
			Codes: [][2]string{
				{"source", "how it was saved"},
				{"alerts", "which alerts the member wants of it"},
			},
			Plain: [][2]string{
				{"archived_ms", "since when it is put away"},
				{"created_ms", "when it was saved"},
				{"edition", "keeps changes at the same time apart"},
			},
			Sealed: [][2]string{{"words", "the name, note, tags and order reference that the member gave it, and the day by which a mail of theirs says that it comes"}},
		},
		{
			Field: theirs("registration", watchesEnd),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names a parcel that a program registered"},
				{"watched_id", "the parcel"},
			},
			Codes: [][2]string{
				{"carrier", "the carrier that it is registered with"},
				{"final", "the carrier of its last mile"},
				{"why", "why it is no longer tracked"},
				{"push_status", "what came of telling the program"},
			},
			Plain: [][2]string{
				{"created_ms", "when it was registered"},
				{"begun_ms", "since when it is tracked"},
				{"stopped_ms", "since when it is no longer tracked"},
				{"due_ms", "when its end is looked at next; of one that has ended, when it is deleted"},
				{"changes", "how often its carrier was changed"},
				{"retracked", "whether it was restarted"},
				{"pushed_ms", "when the program was last told of it"},
				{"push_code", "what the program answered"},
			},
			Sealed: [][2]string{
				{"details", "what the program said of it: tag, remark, address for messages, order, and what carriers want to know"},
			},
		},
		{
			Field: theirs("watch_undo", undoEnds),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names a change that can be undone"},
			},
			Plain:  [][2]string{{"ends_ms", "until when"}},
			Sealed: [][2]string{{"before", "the saved parcels as they were before the change"}},
		},
		{
			Field: theirs("watch_view", watchesEnd),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names a search that was kept"},
			},
			Plain:  [][2]string{{"created_ms", "when it was kept"}},
			Sealed: [][2]string{{"detail", "its name, and what is searched for"}},
		},
		{
			Field: theirs("watch_import", importsEnd),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names a list of parcels that is to be imported"},
			},
			Plain: [][2]string{
				{"revision", "counts its previews"},
				{"ends_ms", "until when it can be imported"},
			},
			Sealed: [][2]string{
				{"content", "the list as it was given"},
				{"preview", "what each of its lines will become"},
			},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}
