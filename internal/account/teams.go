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
)

// Teams are the business accounts of all regions. Whoever belongs to one may
// live in another region than it does: what is theirs is asked for there. What
// somebody may do is looked up anew, in the transaction that does it.
type Teams struct{ m *Members }

// Teams are the business accounts.
func (m *Members) Teams() Teams { return Teams{m} }

func (t Teams) in(id TeamID) (*Store, error) {
	s, err := t.m.in(id.Region())
	if err != nil {
		return nil, errTeam
	}
	return s, nil
}

// New makes a business account, in the region of whoever makes it, who is its owner.
func (t Teams) New(ctx context.Context, d Session, name string) (TeamID, error) {
	name, err := teamName(name)
	if err != nil {
		return "", err
	}
	s, err := t.m.Of(d.Account)
	if err != nil {
		return "", err
	}
	if err := s.ofAge(ctx, d.Account); err != nil {
		return "", err
	}
	if err := s.spend(ctx, bucket{limitTeams, string(d.Account)}); err != nil {
		return "", err
	}
	id := TeamID(newID(s.region))
	k, err := s.newKey(ctx, id.Subject())
	if err != nil {
		return "", err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO team (id, name, created_ms, closed_ms) VALUES ($1, $2, $3, 0)`,
			id, k.SealText(fieldTeam, name), ms(s.now()))
		if err != nil {
			return err
		}
		return s.belong(ctx, tx, id, d.Account, RoleOwner)
	})
	if err != nil {
		return "", fmt.Errorf("new business account: %w", err)
	}
	return id, nil
}

// ofAge fails unless an account's owner decides alone.
func (s *Store) ofAge(ctx context.Context, id ID) error {
	p, err := s.Profile(ctx, id)
	if err == nil && p.Age != Grown {
		return errTeamAge
	}
	return err
}

// belong writes a membership; one that is there stays as it is.
func (s *Store) belong(ctx context.Context, tx *db.Tx, id TeamID, who ID, role Role) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO membership (team_id, account_id, role, created_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (team_id, account_id) DO NOTHING`, id, who, role, ms(s.now()))
	return err
}

// Of returns the business accounts that somebody belongs to, oldest first, as far as
// they can be reached.
func (t Teams) Of(ctx context.Context, who ID) ([]Team, error) {
	var all []Team
	_, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		own, err := s.teams(ctx, `m.account_id = $1`, who)
		if err != nil {
			return fmt.Errorf("business accounts of %s in %s: %w", who, s.region, err)
		}
		all = append(all, own...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Team) int { return a.Created.Compare(b.Created) })
	return all, nil
}

// Get returns a business account as the owner of a session sees it; a fault of
// kind NotFound when they don't belong to it.
func (t Teams) Get(ctx context.Context, d Session, id TeamID) (Team, error) {
	s, err := t.in(id)
	if err != nil {
		return Team{}, err
	}
	found, err := s.teams(ctx, `m.account_id = $1 AND t.id = $2`, d.Account, id)
	if err != nil {
		return Team{}, fmt.Errorf("business account %s: %w", id, err)
	}
	if len(found) == 0 {
		return Team{}, errTeam
	}
	return found[0], nil
}

// May is Get for who has a right in the business account; ErrTeamRight when
// their role lacks it, a fault of kind Conflict when the account is closed.
func (t Teams) May(ctx context.Context, d Session, id TeamID, right Right) (Team, error) {
	found, err := t.Get(ctx, d, id)
	if err != nil {
		return Team{}, err
	}
	return found, found.Role.may(right, found.Closed)
}

func (s *Store) teams(ctx context.Context, where string, args ...any) ([]Team, error) {
	var names [][]byte
	var teams []Team
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		names = nil
		teams, err = db.Rows(ctx, tx, func(row *sql.Rows) (one Team, err error) {
			var name []byte
			var created, closed int64
			err = row.Scan(&one.ID, &name, &one.Role, &created, &closed)
			if one.Created = db.At(created); closed > 0 {
				one.Closed, one.Ends = db.At(closed), db.At(closed).Add(teamKept)
			}
			names = append(names, name)
			return one, err
		}, `SELECT t.id, t.name, m.role, t.created_ms, t.closed_ms FROM team t JOIN membership m ON m.team_id = t.id WHERE `+where, args...)
		return err
	})
	for i := range teams {
		if err == nil {
			teams[i].Name, err = s.teamCalled(ctx, teams[i].ID, names[i])
		}
	}
	return teams, err
}

func (s *Store) teamCalled(ctx context.Context, id TeamID, sealed []byte) (string, error) {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return "", err
	}
	return k.OpenText(fieldTeam, sealed)
}

// Mates are all who belong to a business account, owners first.
func (t Teams) Mates(ctx context.Context, d Session, id TeamID) ([]Mate, error) {
	asks, err := t.Get(ctx, d, id)
	if err != nil {
		return nil, err
	}
	s, err := t.in(id)
	if err != nil {
		return nil, err
	}
	var there []Mate
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		there, err = db.Rows(ctx, tx, func(row *sql.Rows) (one Mate, err error) {
			var since int64
			err = row.Scan(&one.Account, &one.Role, &since)
			one.Since = db.At(since)
			return one, err
		}, `SELECT account_id, role, created_ms FROM membership WHERE team_id = $1 ORDER BY created_ms, account_id`, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people of %s: %w", id, err)
	}
	var mates []Mate
	for _, one := range there {
		p, err := t.m.profile(ctx, one.Account)
		if fault.KindOf(err) == fault.NotFound {
			continue // erased a moment ago
		}
		if err != nil {
			return nil, err
		}
		one.Restricted = !p.Restricted.IsZero()
		if !one.Restricted || one.Account == d.Account {
			if one.Nickname = p.Nickname; asks.Role.Can(ManagePeople) {
				one.Contact = p.Main().Masked()
			}
		}
		mates = append(mates, one)
	}
	slices.SortStableFunc(mates, func(a, b Mate) int { return slices.Index(Roles, a.Role) - slices.Index(Roles, b.Role) })
	return mates, nil
}

// profile returns what an account says of its owner, wherever it lives.
func (m *Members) profile(ctx context.Context, id ID) (Profile, error) {
	s, err := m.Of(id)
	if err != nil {
		return Profile{}, err
	}
	return s.Profile(ctx, id)
}

// Rename gives a business account another name.
func (t Teams) Rename(ctx context.Context, d Session, id TeamID, name string) error {
	name, err := teamName(name)
	if err != nil {
		return err
	}
	return t.act(ctx, d, id, RenameTeam, func(s *Store, tx *db.Tx, _ Role) error {
		k, err := s.vault.Key(ctx, id.Subject())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE team SET name = $1 WHERE id = $2`, k.SealText(fieldTeam, name), id)
		return err
	})
}

// Close closes a business account: nobody can do anything in it any more, and
// after 30 days it is deleted. The session has to be fresh.
func (t Teams) Close(ctx context.Context, d Session, id TeamID) error {
	if err := d.fresh(); err != nil {
		return err
	}
	return t.act(ctx, d, id, OwnTeam, func(s *Store, tx *db.Tx, _ Role) error { return s.closeTeam(ctx, tx, id) })
}

func (s *Store) closeTeam(ctx context.Context, tx *db.Tx, id TeamID) error {
	if _, err := tx.ExecContext(ctx, `UPDATE team SET closed_ms = $1 WHERE id = $2 AND closed_ms = 0`, ms(s.now()), id); err != nil {
		return err
	}
	for _, begun := range []string{`DELETE FROM invitation WHERE team_id = $1`, `DELETE FROM handover WHERE team_id = $1`} {
		if _, err := tx.ExecContext(ctx, begun, id); err != nil {
			return err
		}
	}
	return nil
}

// Reopen opens a business account again that was closed. The session has to be fresh.
func (t Teams) Reopen(ctx context.Context, d Session, id TeamID) error {
	if err := d.fresh(); err != nil {
		return err
	}
	return t.lock(ctx, id, func(s *Store, tx *db.Tx) error {
		role, _, err := s.roleIn(ctx, tx, id, d.Account)
		if err != nil {
			return err
		}
		if !role.Can(OwnTeam) {
			return ErrTeamRight
		}
		_, err = tx.ExecContext(ctx, `UPDATE team SET closed_ms = 0 WHERE id = $1`, id)
		return err
	})
}

// act does something in a business account for who has the right to.
func (t Teams) act(ctx context.Context, d Session, id TeamID, right Right, do func(s *Store, tx *db.Tx, role Role) error) error {
	return t.lock(ctx, id, func(s *Store, tx *db.Tx) error {
		role, err := s.may(ctx, tx, id, d.Account, right)
		if err != nil {
			return err
		}
		return do(s, tx, role)
	})
}

// lock has changes of one business account come one after another, so that two
// owners can't leave it at the same time.
func (t Teams) lock(ctx context.Context, id TeamID, do func(s *Store, tx *db.Tx) error) error {
	s, err := t.in(id)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		var locked TeamID
		err := tx.QueryRowContext(ctx, `SELECT id FROM team WHERE id = $1`+tx.Lock(), id).Scan(&locked)
		if errors.Is(err, sql.ErrNoRows) {
			return errTeam
		}
		if err != nil {
			return err
		}
		return do(s, tx)
	})
	if err != nil {
		return fmt.Errorf("business account %s: %w", id, err)
	}
	return nil
}

// may returns somebody's role; errTeam, a fault of kind NotFound, when they
// have none, ErrTeamRight when it lacks the right.
func (s *Store) may(ctx context.Context, tx *db.Tx, id TeamID, who ID, right Right) (Role, error) {
	role, closed, err := s.roleIn(ctx, tx, id, who)
	if err != nil {
		return "", err
	}
	return role, role.may(right, closed)
}

// may says why a role can't use a right in a business account, which may have
// been closed; nil when it can.
func (r Role) may(right Right, closed time.Time) error {
	switch {
	case !r.Can(right):
		return ErrTeamRight
	case !closed.IsZero():
		return errTeamClosed
	}
	return nil
}

func (s *Store) roleIn(ctx context.Context, tx *db.Tx, id TeamID, who ID) (role Role, closed time.Time, err error) {
	var when int64
	err = tx.QueryRowContext(ctx, `
		SELECT m.role, t.closed_ms FROM membership m JOIN team t ON t.id = m.team_id
		WHERE m.team_id = $1 AND m.account_id = $2`, id, who).Scan(&role, &when)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, errTeam
	}
	return role, db.At(when), err
}
