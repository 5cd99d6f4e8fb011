package incident

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// MostByHand is how many people ByHand returns at most.
const MostByHand = 50

var errPerson = fault.New(fault.Conflict, "incident_person", "That person isn't waiting for a call or a letter any more.")

// A Reach is somebody whom the staff have to call or to write to.
type Reach struct {
	ID      account.ID
	Name    string
	Country string // ISO 3166-1 alpha-2
	Phone   string // E.164, "" none is held
	Lang    string // of the notice
	Text    Text
	Kinds   string // which of their data it concerns, in that language
}

// why is for what the staff look.
func (id ID) why() account.Why { return account.Why{Matter: account.ForIncident, Ref: string(id)} }

// ByHand are the next whom the staff have to call, or to write to, after one ("" the
// first): the call's number and the letter's words. Each is written down as looked
// at first.
func (i *Incidents) ByHand(ctx context.Context, c account.Clerk, id ID, by Channel, after account.ID) ([]Reach, error) {
	if err := c.Must(account.HandleIncidents); err != nil {
		return nil, err
	}
	var waiting []taken
	for _, s := range i.Stores() {
		some, err := s.waiting(ctx, id, by, after)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, some...)
	}
	slices.SortFunc(waiting, func(a, b taken) int { return compare(a.id, b.id) })
	waiting = waiting[:min(len(waiting), MostByHand)]
	if len(waiting) == 0 {
		return nil, nil
	}
	ids := make([]account.ID, len(waiting))
	for n, t := range waiting {
		ids[n] = t.id
	}
	if err := i.members.Staff().Note(ctx, c, account.HandleIncidents, account.DidReach, id.why(), ids...); err != nil {
		return nil, err
	}
	err := i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, _ Incident) error {
		return i.step(ctx, tx, k, id, c, DidReach, fmt.Sprintf("%s: %d", by, len(ids)))
	})
	if err != nil {
		return nil, err
	}
	var all []Reach
	for _, t := range waiting {
		s := i.of(t.id)
		p, err := s.members().Profile(ctx, t.id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		n, d, err := s.said(ctx, id, t, p)
		if err != nil {
			return nil, err
		}
		all = append(all, Reach{t.id, p.Nickname, p.Country, addressOf(p, account.Phone), n.Lang, n.Text, i.KindWords(n.Lang, d.Kinds...)})
	}
	return all, nil
}

func compare(a, b account.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Store) waiting(ctx context.Context, id ID, by Channel, after account.ID) (all []taken, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (t taken, err error) { return t, row.Scan(&t.id, &t.channel, &t.edition) }, fmt.Sprintf(`
			SELECT owner, channel, edition FROM incident_person WHERE incident_id = $1 AND region = $2 AND state = $3 AND channel = $4 AND owner > $5 ORDER BY owner LIMIT %d`, MostByHand),
			id, s.Name, ByHand, by, string(after))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("who waits for a %s: %w", by, err)
	}
	return all, nil
}

// Settle notes what came of calling people or writing to them: reached, posted or
// unreachable. Who can't be called is written to next.
func (i *Incidents) Settle(ctx context.Context, c account.Clerk, id ID, o Outcome, people ...account.ID) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	if !slices.Contains([]Outcome{WasReached, WasPosted, WasMissed}, o) {
		return errPerson
	}
	done := 0
	for _, who := range people {
		s := i.of(who)
		if s == nil {
			return errPerson
		}
		ok, err := s.settle(ctx, id, who, o)
		if err != nil {
			return err
		}
		if ok {
			done++
		}
	}
	if done == 0 {
		return errPerson
	}
	err := i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, _ Incident) error {
		return i.step(ctx, tx, k, id, c, DidByHand, fmt.Sprintf("%s: %d", o, done))
	})
	if err != nil {
		return err
	}
	one, err := i.get(ctx, id)
	if err != nil {
		return err
	}
	return i.finish(ctx, one)
}

func (s *Store) settle(ctx context.Context, id ID, who account.ID, o Outcome) (ok bool, err error) {
	now := db.Ms(s.all.now())
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var was Channel
		err := tx.QueryRowContext(ctx, `SELECT channel FROM incident_person WHERE incident_id = $1 AND owner = $2 AND state = $3`+tx.Lock(), id, string(who), ByHand).Scan(&was)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		next, state, told := was, Done, now
		if o == WasMissed {
			told = 0
			if was == ByCall {
				next, state = ByLetter, ByHand
			}
		}
		ok = true
		if _, err := tx.ExecContext(ctx, `UPDATE incident_person SET channel = $1, state = $2, told_ms = $3 WHERE incident_id = $4 AND owner = $5`, next, state, told, id, string(who)); err != nil {
			return err
		}
		return s.try(ctx, tx, id, who, was, o)
	})
	if err != nil {
		return false, fmt.Errorf("settle %s of incident %s: %w", who, id, err)
	}
	return ok, nil
}

// Progress is how far telling people is.
type Progress struct {
	Waiting map[Delivery]int // how many stand so
	Hands   map[Channel]int  // of those who wait for the staff
	Seen    int              // how many opened the notice's page
	Tries   []Count          // what came of each channel: What is it, Value the outcome
}

// Told is how far telling those whom an incident concerns is.
func (i *Incidents) Told(ctx context.Context, c account.Clerk, id ID) (Progress, error) {
	if err := c.Must(account.ReadIncidents); err != nil {
		return Progress{}, err
	}
	p := Progress{Waiting: map[Delivery]int{}, Hands: map[Channel]int{}}
	for _, s := range i.Stores() {
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
				var state Delivery
				var channel Channel
				var n, seen int
				err := row.Scan(&state, &channel, &n, &seen)
				p.Waiting[state] += n
				p.Seen += seen
				if state == ByHand {
					p.Hands[channel] += n
				}
				return struct{}{}, err
			}, `SELECT state, channel, COUNT(*), COALESCE(SUM(CASE WHEN seen_ms > 0 THEN 1 ELSE 0 END), 0) FROM incident_person WHERE incident_id = $1 AND region = $2 GROUP BY state, channel`, id, s.Name)
			return err
		})
		if err != nil {
			return p, fmt.Errorf("how far incident %s was told: %w", id, err)
		}
	}
	var err error
	p.Tries, err = i.counts(ctx, id, 0)
	return p, err
}
