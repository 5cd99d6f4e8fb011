package message

import (
	"context"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

// How long things are kept.
var (
	settingsEnd = inventory.Retention{Rule: inventory.WithAccount}
	alertsEnd   = inventory.Retention{Rule: inventory.AfterMade, For: 30 * 24 * time.Hour}
	refusalsEnd = inventory.Retention{Rule: inventory.AfterUsed, For: 365 * 24 * time.Hour}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string, source inventory.Source, kept inventory.Retention) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Alerts, Purpose: inventory.ForMessages,
			Basis: inventory.Contract, Source: source, Retention: kept, Region: inventory.Home,
		}
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field:  theirs("alert_settings", inventory.Given, settingsEnd),
			IDs:    [][2]string{{"owner", "whose they are"}},
			Plain:  [][2]string{{"changed_ms", "when they were changed"}},
			Sealed: [][2]string{{"detail", "which alerts the member wants, and the hours in which they want none"}},
		},
		{
			Field: theirs("alert", inventory.Use, alertsEnd),
			IDs: [][2]string{
				{"owner", "whom it is for"},
				{"watch_id", "the saved parcel"},
				{"parcel_id", "the parcel"},
				{"message", "the message that tells it"},
			},
			Codes: [][2]string{
				{"status", "the status that the parcel came into"},
				{"outcome", "what came of it"},
			},
			Plain: [][2]string{
				{"revision", "keeps one change from being told twice"},
				{"created_ms", "when that became known"},
				{"due_ms", "when the member is told of it"},
				{"done_ms", "when it was told"},
			},
		},
		{
			Field: theirs("refusal", inventory.Own, refusalsEnd),
			IDs: [][2]string{
				{"owner", "whose messages a link ends"},
				{"watch_id", "of which saved parcel"},
				{"salt", "makes the link; random"},
			},
			Hashed: [][2]string{{"token", "checks the link"}},
			Plain:  [][2]string{{"used_ms", "when it last went out"}},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

// exports is what it takes to write what the room holds of somebody. Links are
// withheld.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "message", DB: s.db, Vault: s.vault, Fields: s.Fields(),
		Rows:   export.Owned("alert_settings", "alert", "refusal"),
		Guards: []string{"refusal.token", "refusal.salt"},
		Read:   map[string]export.Reader{"alert_settings.detail": export.JSON},
	}
}

// Export writes all that the room holds of a member as a JSON object: rows by
// table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Erase deletes all that the room holds of a member. Their key is the account's
// to destroy.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`DELETE FROM alert_settings WHERE owner = $1`, `DELETE FROM alert WHERE owner = $1`, `DELETE FROM refusal WHERE owner = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase messages of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may: told alerts, and links
// that have not gone out for a year.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, s.db, p,
		purge.Rule{Table: "alert", Since: "created_ms", For: alertsEnd.For, Owner: "owner"},
		purge.Rule{Table: "refusal", Since: "used_ms", For: refusalsEnd.For, Owner: "owner"},
	)
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "alert_settings.owner", "alert.owner", "refusal.owner")
}
