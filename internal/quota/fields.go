package quota

import (
	"time"

	"waypost/internal/inventory"
)

// How long things are kept. A secret that has ended is told apart from one that
// never was for a while.
var (
	keysEnd    = inventory.Retention{Rule: inventory.UntilGone, For: UndoFor}
	secretsEnd = inventory.Retention{Rule: inventory.UntilGone, For: 30 * 24 * time.Hour}
	countsEnd  = inventory.Retention{Rule: inventory.WithAccount}
	linesEnd   = inventory.Retention{Rule: inventory.AfterMade, For: LineKept}
	daysEnd    = inventory.Retention{Rule: inventory.AfterMade, For: 3 * 365 * 24 * time.Hour}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string, kept inventory.Retention, source inventory.Source) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Programs, Purpose: inventory.ForPrograms,
			Basis: inventory.Contract, Source: source, Retention: kept, Region: inventory.Home,
		}
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field: theirs("api_key", keysEnd, inventory.Given),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "names a key that the member's programs call with"},
			},
			Codes: [][2]string{{"scopes", "what it may be used for"}},
			Plain: [][2]string{
				{"signs", "whether something is signed with it"},
				{"test", "whether it works with test numbers alone"},
				{"created_ms", "when it was made"},
				{"revoked_ms", "when it was revoked"},
			},
			Sealed: [][2]string{{"detail", "what the member called it, and the network addresses that may call with it"}},
		},
		{
			Field: theirs("api_secret", secretsEnd, inventory.Own),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"key_id", "the key"},
				{"id", "names a secret of the key"},
			},
			Plain: [][2]string{
				{"created_ms", "when it was made"},
				{"ends_ms", "until when it works"},
				{"used_ms", "when it was last used, within ten minutes"},
			},
			Hashed: [][2]string{{"hash", "finds the key by its secret"}},
			Sealed: [][2]string{
				{"last", "its last four characters, by which the member knows it"},
				{"copy", "the secret itself, where the member wants something signed with it"},
			},
		},
		{
			Field: theirs("quota_account", countsEnd, inventory.Use),
			IDs:   [][2]string{{"owner", "whose it is"}},
			Plain: [][2]string{
				{"planned", "whether the account has limits of its own"},
				{"total", "how much it may draw"},
				{"monthly", "whether that is for each month"},
				{"daily", "how much on one day"},
				{"used", "how much it has drawn"},
				{"month_ms", "the month that is counted"},
				{"month_used", "how much was drawn in it"},
				{"day_ms", "the day that is counted"},
				{"day_used", "how much was drawn on it"},
			},
		},
		{
			Field: theirs("quota_line", linesEnd, inventory.Use),
			IDs: [][2]string{
				{"owner", "whose it is"},
				{"id", "what was drawn for, so that it is counted once"},
			},
			Codes: [][2]string{{"matter", "of which kind that is"}},
			Plain: [][2]string{{"created_ms", "when it was drawn"}},
		},
		{
			Field: theirs("quota_day", daysEnd, inventory.Use),
			IDs:   [][2]string{{"owner", "whose it is"}},
			Codes: [][2]string{{"matter", "what was drawn for"}},
			Plain: [][2]string{
				{"day_ms", "the day"},
				{"amount", "how much that was"},
				{"used", "how much had been drawn by then"},
			},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}
