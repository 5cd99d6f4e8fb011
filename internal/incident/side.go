package incident

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/purge"
	"waypost/internal/vault"
)

const day = 24 * time.Hour

// How long things are kept. An incident stays as long as somebody can still ask
// what was done about it; who was told, as long as they can ask for remedy.
var (
	incidentsEnd = inventory.Retention{Rule: inventory.AfterMade, For: 5 * 365 * day}
	peopleEnd    = inventory.Retention{Rule: inventory.AfterMade, For: 3 * 365 * day}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, t := range declared {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

func ofNobody(table string) inventory.Field {
	return inventory.Field{Table: table, Whose: inventory.Nobody, Retention: incidentsEnd}
}

func theirs(table string) inventory.Field {
	return inventory.Field{
		Table: table, Whose: inventory.Member, Kind: inventory.Incidents, Purpose: inventory.ForLaw,
		Basis: inventory.Law, Source: inventory.Own, Retention: peopleEnd, Region: inventory.Home,
	}
}

var ofIncident = [2]string{"incident_id", "which incident"}

var declared = []inventory.Table{
	{
		Field: ofNobody("incident"),
		IDs:   [][2]string{{"id", "names the incident"}},
		Plain: [][2]string{
			{"number", "its number"}, {"severity", "how grave it is"}, {"state", "how far it is"},
			{"facts", "what is known of it, sealed with the installation's key"},
			{"criteria", "by what people are searched for, sealed with the installation's key"},
			{"sought", "by what those of the newest list were searched for, sealed with the installation's key"},
			{"noticed_ms", "when it was noticed"}, {"began_ms", "when it began"}, {"ended_ms", "when it ended"},
			{"contained_ms", "since when it goes no further"}, {"list", "the newest list"}, {"frozen", "the list that holds"},
			{"asked_ms", "when approval was asked for"}, {"approved", "the edition of the notices that was approved"}, {"approved_list", "the list that it was approved for"},
			{"spared", "whether nobody has to be told"}, {"declared_ms", "when it was declared"}, {"closed_ms", "when it was closed"},
		},
	},
	{
		Field: ofNobody("incident_step"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"seq", "the order"}, {"did", "what was done"}, {"at_ms", "when"},
			{"words", "what was written of it, sealed with the installation's key"},
		},
	},
	{
		Field: inventory.Field{
			Table: "incident_hand", Whose: inventory.Staff, Kind: inventory.Clerks, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Use, Retention: incidentsEnd, Region: inventory.First,
		},
		IDs:   [][2]string{ofIncident, {"staff_id", "who did a step"}},
		Plain: [][2]string{{"seq", "which step"}},
	},
	{
		Field: ofNobody("incident_duty"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"region", "whose people's authority it is"}, {"law", "by which law it is to be told"}, {"authority", "what it is called"},
			{"contact", "where it is told"}, {"source", "where the law says so"}, {"hours", "how soon"}, {"told_ms", "when it was told"},
			{"spared", "whether it need not be told"}, {"words", "its reference, or why it need not be told, sealed with the installation's key"},
			{"reminded", "how often the staff were reminded"},
		},
	},
	{
		Field: ofNobody("incident_draft"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"region", "for whose people"}, {"lang", "in which language"}, {"changed_ms", "when it was changed"},
			{"words", "the notice, sealed with the installation's key"},
		},
	},
	{
		Field: ofNobody("incident_notice"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"edition", "which edition"}, {"region", "for whose people"}, {"lang", "in which language"},
			{"words", "the notice as it was approved, sealed with the installation's key"},
		},
	},
	{
		Field: ofNobody("incident_run"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"list", "which list"}, {"region", "where it searches"}, {"criterion", "by which criterion"}, {"reached", "how far it has come, by ids"},
			{"others", "how many it found of whom nobody can be told"}, {"done", "whether it is finished"},
		},
	},
	{
		Field: ofNobody("incident_count"),
		IDs:   [][2]string{ofIncident},
		Plain: [][2]string{
			{"list", "of which list"}, {"region", "of which region"}, {"what", "what is counted"}, {"value", "of which value"}, {"n", "how many"},
		},
	},
	{
		Field: theirs("incident_person"),
		IDs:   [][2]string{ofIncident, {"owner", "whom it concerns"}},
		Codes: [][2]string{
			{"region", "in which region they live"},
			{"channel", "by which way they are told"},
			{"state", "how far telling them is"},
		},
		Plain: [][2]string{
			{"first_list", "which search found them first"},
			{"last_list", "which search found them last"},
			{"edition", "which edition of the notice they are told"},
			{"tries", "how often it was tried"},
			{"made_ms", "when they were found"},
			{"due_ms", "when it is tried again"},
			{"lease_ms", "until when a machine is telling them"},
			{"queued_ms", "since when the notice stands on their pages"},
			{"told_ms", "when they were told"},
			{"seen_ms", "when they opened the notice"},
		},
		Sealed: [][2]string{{"detail", "which kinds of their data the incident concerns, their country and language, and what they are told"}},
	},
	{
		Field: theirs("incident_try"),
		IDs:   [][2]string{ofIncident, {"owner", "whom it concerns"}},
		Codes: [][2]string{
			{"channel", "by which way it was tried to tell them"},
			{"outcome", "what came of it"},
		},
		Plain: [][2]string{{"seq", "the order"}, {"at_ms", "when"}},
	},
}

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	rows := export.Owned("incident_try")
	rows["incident_person"] = "owner = $1 AND edition > 0" // whom a search found, and nobody told yet, may not be concerned at all
	rows["incident_hand"] = "staff_id = $1"
	return export.Room{Name: "incident", DB: s.DB, Vault: s.Vault, Fields: s.Fields(), Rows: rows}
}

// Export writes all that the room holds of a member as a JSON object: rows by
// table, each with the notice that they are told. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	told, err := s.all.Concerns(ctx, account.ID(who), s.readsIn(ctx, who))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	notices := map[ID]Text{}
	for _, c := range told {
		notices[c.ID] = c.Text
	}
	room := s.exports()
	room.Read = map[string]export.Reader{"incident_person.detail": func(_ *vault.Sealer, plain []byte) (any, error) {
		var d detail
		if err := json.Unmarshal(plain, &d); err != nil {
			return json.RawMessage(plain), nil //nolint:nilerr // it is written out as it is
		}
		return struct {
			detail
			Notice Text `json:"notice"`
		}{d, notices[d.Incident]}, nil
	}}
	return room.Write(ctx, who, w)
}

// readsIn is the language that somebody reads, "" not known.
func (s *Store) readsIn(ctx context.Context, who inventory.Subject) string {
	p, err := s.members().Profile(ctx, account.ID(who))
	if err != nil {
		return ""
	}
	return p.Language
}

// Erase takes somebody off all lists. The figures of how many it concerned stay.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		untold, err := db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) },
			`SELECT incident_id FROM incident_person WHERE owner = $1 AND edition > 0 AND state NOT IN ($2, $3) ORDER BY incident_id`+tx.Lock(), string(who), Sent, Done)
		if err != nil {
			return err
		}
		for _, id := range untold {
			if err := s.count(ctx, tx, id, 0, "page", string(WasErased)); err != nil {
				return err
			}
		}
		for _, statement := range []string{
			`DELETE FROM incident_person WHERE owner = $1`, `DELETE FROM incident_try WHERE owner = $1`, `DELETE FROM incident_hand WHERE staff_id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take %s off incidents' lists: %w", who, err)
	}
	return nil
}

// Subjects are those of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "incident_person.owner", "incident_try.owner", "incident_hand.staff_id")
}

// Expire deletes what has been kept as long as it may: whom incidents concerned,
// and incidents that were closed, with all that was written of them. An incident
// stays that concerns somebody whose data has to stay, or in which they had a hand.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	rules := []purge.Rule{
		{Table: "incident_try", Since: "at_ms", For: peopleEnd.For, Owner: "owner"},
		{Table: "incident_person", Since: "made_ms", For: peopleEnd.For, Owner: "owner"},
	}
	if s == s.all.book() {
		held, err := s.all.held(ctx, p)
		switch {
		case err == nil:
			rules = append(rules, purge.Rule{Table: "incident", Since: "declared_ms", For: incidentsEnd.For, Where: "closed_ms > 0", But: held})
		case !account.Away(err): // whom a region that is away holds isn't known, so that no incident goes
			return nil, err
		}
	}
	gone, err := purge.Run(ctx, s.DB, p, rules...)
	if err != nil || p.Try {
		return gone, err
	}
	return gone, s.expireRest(ctx)
}

// held are the incidents of somebody whom a run holds, in whichever region.
func (i *Incidents) held(ctx context.Context, p inventory.Purge) (ids []string, err error) {
	for _, s := range i.Stores() {
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			for _, who := range p.Held {
				some, err := db.Rows(ctx, tx, func(row *sql.Rows) (id string, err error) { return id, row.Scan(&id) },
					`SELECT incident_id FROM incident_person WHERE owner = $1 UNION SELECT incident_id FROM incident_hand WHERE staff_id = $1`, string(who))
				if err != nil {
					return err
				}
				ids = append(ids, some...)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("incidents of whom is held: %w", err)
		}
	}
	return ids, nil
}

// has reports whether there is an incident, whether or not it can be unsealed.
func (i *Incidents) has(ctx context.Context, id ID) (bool, error) {
	var n int
	err := i.book().DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM incident WHERE id = $1`, id).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("whether there is incident %s: %w", id, err)
	}
	return n > 0, nil
}

// expireRest deletes the figures and the notices of incidents that are no more. While
// it can't be read which those are, they stay.
func (s *Store) expireRest(ctx context.Context) error {
	var left []ID
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		left, err = db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) },
			`SELECT incident_id FROM incident_count WHERE region = $1 UNION SELECT incident_id FROM incident_run WHERE region = $1
			UNION SELECT incident_id FROM incident_notice`, s.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("expire what is left of incidents: %w", err)
	}
	for _, id := range left {
		there, err := s.all.has(ctx, id)
		if there || account.Away(err) {
			continue
		}
		if err != nil {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, of := range []string{"incident_count", "incident_run"} {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+of+` WHERE incident_id = $1 AND region = $2`, id, s.Name); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, `DELETE FROM incident_notice WHERE incident_id = $1`, id)
			return err
		})
		if err != nil {
			return fmt.Errorf("expire what is left of incidents: %w", err)
		}
	}
	return nil
}
