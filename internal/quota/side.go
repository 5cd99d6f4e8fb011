package quota

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// An exported is all that the room holds of somebody, as they are given it.
// Secrets of keys are left out: whoever has them needs no copy.
type exported struct {
	Keys  []exportedKey  `json:"api_key,omitempty"`
	Quota *exportedQuota `json:"quota_account,omitempty"`
	Days  []exportedDay  `json:"quota_day,omitempty"`
	Lines []exportedLine `json:"quota_line,omitempty"`
}

type exportedKey struct {
	ID      KeyID            `json:"id"`
	Name    string           `json:"name"`
	Scopes  []Scope          `json:"scopes"`
	From    []Range          `json:"from,omitempty"`
	Signs   bool             `json:"signs"`
	Test    bool             `json:"test"`
	Made    time.Time        `json:"made"`
	Revoked time.Time        `json:"revoked,omitzero"`
	Secrets []exportedSecret `json:"api_secret"`
}

type exportedSecret struct {
	ID   SecretID  `json:"id"`
	Last string    `json:"last"`
	Made time.Time `json:"made"`
	Ends time.Time `json:"ends,omitzero"`
	Used time.Time `json:"used,omitzero"`
}

type exportedQuota struct {
	Total   int64 `json:"total"`
	Monthly bool  `json:"monthly"`
	Daily   int64 `json:"daily"`
	Used    int64 `json:"used"`
}

type exportedDay struct {
	Day    string `json:"day"` // UTC
	Matter Matter `json:"matter"`
	Amount int64  `json:"amount"`
	Used   int64  `json:"used"`
}

type exportedLine struct {
	ID     string    `json:"id"`
	Matter Matter    `json:"matter"`
	At     time.Time `json:"at"`
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	keys, err := s.List(ctx, who)
	if errors.Is(err, errRegion) {
		_, err := io.WriteString(w, "{}\n")
		return err
	}
	if err != nil {
		return err
	}
	var all exported
	for _, k := range keys {
		all.Keys = append(all.Keys, exportKey(k))
	}
	state, err := s.State(ctx, who)
	if err != nil {
		return err
	}
	if state.Own || state.Ever > 0 {
		all.Quota = &exportedQuota{state.Total, state.Monthly, state.Daily, state.Ever}
	}
	if err := s.exportLedger(ctx, who, &all); err != nil {
		return fmt.Errorf("export ledger of %s: %w", who, err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(all)
}

func exportKey(k Key) exportedKey {
	e := exportedKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes, From: k.From, Signs: k.Signs, Test: k.Test, Made: k.Made, Revoked: k.Revoked}
	for _, s := range k.Secrets {
		e.Secrets = append(e.Secrets, exportedSecret(s))
	}
	return e
}

func (s *Store) exportLedger(ctx context.Context, who inventory.Subject, all *exported) error {
	return s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all.Days, err = db.Rows(ctx, tx, func(row *sql.Rows) (d exportedDay, err error) {
			var began int64
			err = row.Scan(&began, &d.Matter, &d.Amount, &d.Used)
			d.Day = at(began).Format(time.DateOnly)
			return d, err
		}, `SELECT day_ms, matter, amount, used FROM quota_day WHERE owner = $1 ORDER BY day_ms, matter`, string(who))
		if err != nil {
			return err
		}
		all.Lines, err = db.Rows(ctx, tx, func(row *sql.Rows) (l exportedLine, err error) {
			var when int64
			err = row.Scan(&l.ID, &l.Matter, &when)
			l.At = at(when)
			return l, err
		}, `SELECT id, matter, created_ms FROM quota_line WHERE owner = $1 ORDER BY id, matter`, string(who))
		return err
	})
}

// Erase deletes all that the room holds of a member or business account.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		for _, statement := range []string{
			`DELETE FROM api_secret WHERE owner = $1`,
			`DELETE FROM api_key WHERE owner = $1`,
			`DELETE FROM quota_account WHERE owner = $1`,
			`DELETE FROM quota_line WHERE owner = $1`,
			`DELETE FROM quota_day WHERE owner = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase keys and quota of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may: keys that were revoked,
// secrets that ended, the older part of the ledger, and counts of calls.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	total, err := s.count.Expire(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM api_key WHERE revoked_ms > 0 AND revoked_ms <= $1`, keysEnd.Before(now)},
		{`DELETE FROM api_secret WHERE ends_ms > 0 AND ends_ms <= $1`, secretsEnd.Before(now)},
		{`DELETE FROM quota_line WHERE created_ms <= $1`, linesEnd.Before(now)},
		{`DELETE FROM quota_day WHERE day_ms <= $1`, daysEnd.Before(now)},
	} {
		n, err := s.db.Exec(ctx, old.statement, ms(old.before))
		if err != nil {
			return total, fmt.Errorf("expire keys and quota: %w", err)
		}
		total += n
	}
	return total, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "api_key.owner", "api_secret.owner", "quota_account.owner", "quota_line.owner", "quota_day.owner")
}
