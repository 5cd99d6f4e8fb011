package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// Existed are the members and business accounts of the region that there were
// before a time, the zero one now, and still are: whom a copy of that time is
// about. In the order of their names, at most most of those that come after one.
func (s *Store) Existed(ctx context.Context, before time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	if before.IsZero() {
		before = s.now()
	}
	return s.subjects(ctx, `SELECT id AS x FROM account WHERE created_ms < $2 UNION SELECT id AS x FROM team WHERE created_ms < $2`, after, most, ms(before))
}

// SignedIn are the members of the region who were signed in on some device from a
// time on and before another, as far back as ended sessions are kept. Zero times
// bound nothing.
func (s *Store) SignedIn(ctx context.Context, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	if until.IsZero() {
		until = s.now()
	}
	return s.subjects(ctx, `SELECT account_id AS x FROM session WHERE created_ms < $2 AND ends_ms > $3 AND (revoked_ms = 0 OR revoked_ms > $3)`,
		after, most, ms(until), max(ms(from), 0))
}

// LookedAt are the members and business accounts of the region at whose data one of
// the staff looked, or who had something done to their account by them, from a time
// on and before another, and who are there still. Zero times bound nothing.
func (s *Store) LookedAt(ctx context.Context, by StaffID, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	if until.IsZero() {
		until = s.now()
	}
	return s.subjects(ctx, `SELECT account_id AS x FROM access_log WHERE at_ms < $2 AND at_ms >= $3 AND staff_id = $4
		AND (account_id IN (SELECT id FROM account) OR account_id IN (SELECT id FROM team))`, after, most, ms(until), max(ms(from), 0), by)
}

// subjects reads the names that a query calls x.
func (s *Store) subjects(ctx context.Context, query string, after inventory.Subject, most int, args ...any) (all []inventory.Subject, err error) {
	args = append([]any{string(after)}, args...)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (who inventory.Subject, err error) { return who, row.Scan(&who) },
			fmt.Sprintf(`SELECT DISTINCT x FROM (%s) AS u WHERE x > $1 AND x <> '' ORDER BY x LIMIT %d`, query, most), args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search the people of %s: %w", s.region, err)
	}
	return all, nil
}

// Answering are the members who are to be told what concerns somebody: a member
// themselves, of a business account its owners, who may live in other regions.
// Of the staff, and of who is gone, nobody.
func (s *Store) Answering(ctx context.Context, who inventory.Subject) ([]ID, error) {
	var ids []ID
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) }, `
			SELECT id FROM account WHERE id = $1 UNION SELECT account_id FROM membership WHERE team_id = $1 AND role = $2`, string(who), RoleOwner)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("who answers for %s: %w", who, err)
	}
	return ids, nil
}

// Listed finds members by what somebody wrote, an id or an address each, and
// returns them in the order of their names, each once, and how many weren't found.
// Nobody's data is shown by it.
func (t Staff) Listed(ctx context.Context, c Clerk, texts []string) (found []inventory.Subject, missing int, err error) {
	if err := c.may(HandleIncidents); err != nil {
		return nil, 0, err
	}
	for _, text := range texts {
		_, id, err := t.named(ctx, text)
		switch kind := fault.KindOf(err); {
		case err != nil && kind != fault.NotFound && kind != fault.Invalid:
			return nil, 0, err
		case err != nil:
			missing++
		default:
			found = append(found, id.Subject())
		}
	}
	slices.Sort(found)
	return slices.Compact(found), missing, nil
}

// On are those of the staff who have one of some duties and can come in.
func (t Staff) On(ctx context.Context, duties ...Duty) ([]Colleague, error) {
	var all []Colleague
	for _, s := range t.m.reached() {
		rows, err := s.staff(ctx, `state = $1`, staffActive)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			has, err := s.duties(ctx, r.id)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(has, func(d Duty) bool { return slices.Contains(duties, d) }) {
				all = append(all, Colleague{ID: r.id, State: string(r.state), Name: r.name, Contact: r.contact, Duties: has, Created: r.created})
			}
		}
	}
	return all, nil
}

// Note writes down that a clerk was shown data of members, by a power and for a
// purpose, before they are shown. Their owners can read it. Whose account is gone
// is left out.
func (t Staff) Note(ctx context.Context, c Clerk, p Power, did Deed, why Why, ids ...ID) error {
	if err := errors.Join(c.may(p), why.check()); err != nil {
		return err
	}
	by := map[*Store][]ID{}
	for _, id := range ids {
		if s, err := t.m.Of(id); err == nil {
			by[s] = append(by[s], id)
		}
	}
	for s, some := range by {
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			for _, id := range some {
				if err := s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(p), of: string(id), did: did, why: why}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write a look down: %w", err)
		}
	}
	return nil
}
