package incident

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/locale"
)

// A Concern is an incident as somebody is told of it whom it concerns.
type Concern struct {
	ID    ID
	Lang  string // of the words
	Text  Text
	Kinds []inventory.Kind
	Since time.Time // UTC; when it was decided that they are told
	Seen  time.Time // UTC, zero not yet
}

// Concerns are the incidents that concern a member and that they are told of, the
// newest first, in a language as far as there are words in it.
func (i *Incidents) Concerns(ctx context.Context, who account.ID, lang string) ([]Concern, error) {
	s := i.of(who)
	if s == nil {
		return nil, nil
	}
	type row struct {
		id           ID
		edition      int
		queued, seen int64
	}
	var rows []row
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, func(r *sql.Rows) (one row, err error) {
			return one, r.Scan(&one.id, &one.edition, &one.queued, &one.seen)
		}, `SELECT incident_id, edition, queued_ms, seen_ms FROM incident_person WHERE owner = $1 AND edition > 0 ORDER BY queued_ms DESC, incident_id`, string(who))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("incidents that concern %s: %w", who, err)
	}
	var all []Concern
	for _, r := range rows {
		n, ok, err := s.notice(ctx, r.id, r.edition, locale.Choose(i.words, lang).Lang)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue // the incident itself was kept as long as it may be
		}
		d, err := s.detailOf(ctx, r.id, who)
		if err != nil {
			return nil, err
		}
		all = append(all, Concern{r.id, n.Lang, n.Text, d.Kinds, db.At(r.queued), db.At(r.seen)})
	}
	return all, nil
}

// Saw notes that a member opened the page with what they are told.
func (i *Incidents) Saw(ctx context.Context, who account.ID) error {
	s := i.of(who)
	if s == nil {
		return nil
	}
	_, err := s.DB.Exec(ctx, `UPDATE incident_person SET seen_ms = $1 WHERE owner = $2 AND edition > 0 AND seen_ms = 0`, db.Ms(i.now()), string(who))
	if err != nil {
		return fmt.Errorf("note that %s saw an incident: %w", who, err)
	}
	return nil
}

// knownFor is how long it is remembered whether anybody is told of anything.
const knownFor = time.Minute

// A known remembers whether there is anybody who is told of an incident, so that
// pages ask for nobody as long as there is none.
type known struct {
	mu   sync.Mutex
	some bool
	at   time.Time
}

func (k *known) stale() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = time.Time{}
}

// Unseen reports whether a member is told of an incident and hasn't opened its page.
func (i *Incidents) Unseen(ctx context.Context, who account.ID) (bool, error) {
	s := i.of(who)
	if s == nil {
		return false, nil
	}
	if some, err := i.tells(ctx); !account.Away(err) && (err != nil || !some) {
		return false, err // while that region is away, their own says so
	}
	var n int
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM incident_person WHERE owner = $1 AND edition > 0 AND seen_ms = 0`, string(who)).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("whether %s is told of an incident: %w", who, err)
	}
	return n > 0, nil
}

// tells reports whether there is an incident of which people are told, as it was
// within the last minute.
func (i *Incidents) tells(ctx context.Context) (bool, error) {
	i.any.mu.Lock()
	defer i.any.mu.Unlock()
	now := i.now()
	if !i.any.at.IsZero() && now.Sub(i.any.at) < knownFor {
		return i.any.some, nil
	}
	var n int
	err := i.book().DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM incident WHERE approved > 0`).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("whether anybody is told of an incident: %w", err)
	}
	i.any.some, i.any.at = n > 0, now
	return i.any.some, nil
}
