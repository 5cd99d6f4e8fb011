package closing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
)

// Told is when a member was told of a step; zero when they weren't.
func (s *Store) Told(ctx context.Context, d Declaration, step Step, who inventory.Subject) (time.Time, error) {
	var told int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT told_ms FROM closing_told WHERE owner = $1 AND closing = $2 AND step = $3`, string(who), d.ID, string(step)).Scan(&told)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("whether %s was told: %w", who, err)
	}
	return db.At(told), nil
}

// Tell notes that a member was told of a step. Twice is once.
func (s *Store) Tell(ctx context.Context, d Declaration, step Step, who inventory.Subject) error {
	_, err := s.DB.Exec(ctx, `INSERT INTO closing_told (owner, closing, step, told_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (owner, closing, step) DO NOTHING`,
		string(who), d.ID, string(step), db.Ms(s.all.now()))
	if err != nil {
		return fmt.Errorf("note that %s was told: %w", who, err)
	}
	return nil
}

// Choose notes what a member says to their data being handed over. The last word
// counts, until the day has come.
func (s *Store) Choose(ctx context.Context, who inventory.Subject, c Choice) error {
	if c != Agrees && c != Objects {
		return errChoice
	}
	d, err := s.all.Current(ctx)
	if errors.Is(err, ErrNone) || err == nil && (d.Kind != Transfer || !d.Ends.After(s.all.now())) {
		return errNoChoice
	}
	if err != nil {
		return err
	}
	_, err = s.DB.Exec(ctx, `INSERT INTO closing_choice (owner, closing, choice, at_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (owner, closing) DO UPDATE SET choice = excluded.choice, at_ms = excluded.at_ms`, string(who), d.ID, string(c), db.Ms(s.all.now()))
	if err != nil {
		return fmt.Errorf("choice of %s: %w", who, err)
	}
	return nil
}

// Chosen is what a member said to it, "" nothing.
func (s *Store) Chosen(ctx context.Context, d Declaration, who inventory.Subject) (c Choice, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT choice FROM closing_choice WHERE owner = $1 AND closing = $2`, string(who), d.ID).Scan(&c)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("choice of %s: %w", who, err)
	}
	return c, nil
}

// A Tally is how many of a region's members were told of each step, and how many
// made each choice.
type Tally struct {
	Told  map[Step]int
	Chose map[Choice]int
}

// Tally counts a region's part in a declaration. Who was erased isn't in it.
func (s *Store) Tally(ctx context.Context, d Declaration) (Tally, error) {
	t := Tally{map[Step]int{}, map[Choice]int{}}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		for query, count := range map[string]func(what string, n int){
			`SELECT step, COUNT(*) FROM closing_told WHERE closing = $1 AND owner LIKE $2 GROUP BY step`:       func(what string, n int) { t.Told[Step(what)] = n },
			`SELECT choice, COUNT(*) FROM closing_choice WHERE closing = $1 AND owner LIKE $2 GROUP BY choice`: func(what string, n int) { t.Chose[Choice(what)] = n },
		} {
			_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
				var what string
				var n int
				err := row.Scan(&what, &n)
				count(what, n)
				return struct{}{}, err
			}, query, d.ID, s.Name+"-%")
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("count who was told in %s: %w", s.Name, err)
	}
	return t, nil
}

var _ inventory.Room = (*Store)(nil)

// Fields declares the columns of the declarations.
func (*Closing) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{Table: "closing", Whose: inventory.Nobody},
		Plain: [][2]string{
			{"id", "names a declaration about the business"}, {"kind", "whether it ends or is handed over"}, {"to_whom", "who takes it over"},
			{"contact", "who answers questions"}, {"changes", "what changes"}, {"consent", "whether only those go over who agree"},
			{"declared_ms", "since when"}, {"ends_ms", "on which day"}, {"ending_ms", "since when it can't be taken back"},
			{"cancelled_ms", "when it was taken back"}, {"done_ms", "when all was done"},
		},
	}.Fields()
}

// Expire deletes nothing: that the business changed hands stays on record.
func (*Closing) Expire(context.Context, inventory.Purge) (inventory.Purged, error) { return nil, nil }

// Fields declares the room's columns in a region.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string, source inventory.Source) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Consents, Purpose: inventory.ForLaw, Basis: inventory.Law,
			Source: source, Retention: inventory.Retention{Rule: inventory.WithAccount}, Region: inventory.Home,
		}
	}
	told := inventory.Table{
		Field: theirs("closing_told", inventory.Own), IDs: [][2]string{{"owner", "who was told"}, {"closing", "of which declaration"}},
		Codes: [][2]string{{"step", "what you were told about the end or the handing over of this site"}}, Plain: [][2]string{{"told_ms", "when"}},
	}
	choice := inventory.Table{
		Field: theirs("closing_choice", inventory.Given), IDs: [][2]string{{"owner", "who chose"}, {"closing", "to which declaration"}},
		Codes: [][2]string{{"choice", "what you said to your data being handed over"}}, Plain: [][2]string{{"at_ms", "when"}},
	}
	return append(told.Fields(), choice.Fields()...)
}

// Export writes all that the room holds of a member as a JSON object: rows by table.
// Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	return export.Room{Name: "closing", DB: s.DB, Vault: s.Vault, Fields: s.Fields(), Rows: export.Owned("closing_told", "closing_choice")}
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Subjects are those who were told something or chose.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "closing_told.owner", "closing_choice.owner")
}

// Erase deletes what a member was told and chose.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	for _, table := range []string{"closing_told", "closing_choice"} {
		if _, err := s.DB.Exec(ctx, `DELETE FROM `+table+` WHERE owner = $1`, string(who)); err != nil {
			return fmt.Errorf("erase what %s was told: %w", who, err)
		}
	}
	return nil
}

// Expire deletes nothing: it goes with the account.
func (s *Store) Expire(context.Context, inventory.Purge) (inventory.Purged, error) { return nil, nil }
