package watch

import "waypost/internal/inventory"

// How long things are kept, as people read it.
const (
	watchesEnd = "until the member deletes it, or the account ends"
	undoEnds   = "15 minutes"
	importsEnd = "1 hour"
	watchedEnd = "until nobody watches the parcel any more"
)

// Fields declares the room's columns. What is said of a parcel as such is
// nobody's; that somebody watches it, and what they say of it, is theirs.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, t := range []struct {
		name, retention string
		whose           inventory.Whose
		basis           inventory.Basis
		open, sealed    [][2]string // column and purpose
	}{
		{"watched", watchedEnd, inventory.Nobody, inventory.NoBasis, [][2]string{
			{"id", "names a watched parcel"},
			{"parcel_id", "the parcel"},
			{"number", "its tracking number"},
			{"carrier", "the carrier that it is asked for"},
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
		}, nil},
		{"watch", watchesEnd, inventory.Member, inventory.Contract, [][2]string{
			{"owner", "whose it is"},
			{"id", "names the saved parcel"},
			{"watched_id", "the parcel"},
			{"source", "how it was saved"},
			{"alerts", "which alerts the member wants of it"},
			{"archived_ms", "since when it is put away"},
			{"created_ms", "when it was saved"},
			{"edition", "keeps changes at the same time apart"},
		}, [][2]string{
			{"words", "the name, note, tags and order reference that the member gave it"},
		}},
		{"watch_undo", undoEnds, inventory.Member, inventory.Contract, [][2]string{
			{"owner", "whose it is"},
			{"id", "names a change that can be undone"},
			{"ends_ms", "until when"},
		}, [][2]string{
			{"before", "the saved parcels as they were before the change"},
		}},
		{"watch_view", watchesEnd, inventory.Member, inventory.Contract, [][2]string{
			{"owner", "whose it is"},
			{"id", "names a search that was kept"},
			{"created_ms", "when it was kept"},
		}, [][2]string{
			{"detail", "its name, and what is searched for"},
		}},
		{"watch_import", importsEnd, inventory.Member, inventory.Contract, [][2]string{
			{"owner", "whose it is"},
			{"id", "names a list of parcels that is to be imported"},
			{"revision", "counts its previews"},
			{"ends_ms", "until when it can be imported"},
		}, [][2]string{
			{"content", "the list as it was given"},
			{"preview", "what each of its lines will become"},
		}},
	} {
		field := inventory.Field{Table: t.name, Whose: t.whose, Basis: t.basis, Retention: t.retention}
		for _, c := range t.open {
			field.Column, field.Purpose, field.Sealed = c[0], c[1], false
			fields = append(fields, field)
		}
		for _, c := range t.sealed {
			field.Column, field.Purpose, field.Sealed = c[0], c[1], true
			fields = append(fields, field)
		}
	}
	return fields
}
