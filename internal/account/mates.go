package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// SetRole gives somebody who belongs to a business account another role, but
// not that of an owner, which they have to take. What makes or unmakes an admin
// or owner wants a fresh session.
func (t Teams) SetRole(ctx context.Context, d Session, id TeamID, who ID, role Role) error {
	if !slices.Contains(Roles, role) || role == RoleOwner {
		return errRole
	}
	return t.act(ctx, d, id, ManagePeople, func(s *Store, tx *db.Tx, own Role) error {
		had, err := s.manage(ctx, tx, d, id, own, who)
		if err != nil {
			return err
		}
		if err := d.gives(own, role); err != nil {
			return err
		}
		if had == RoleOwner {
			if err := s.anotherOwner(ctx, tx, id, who); err != nil {
				return err
			}
		}
		if had == RoleOwner || !role.Can(ManagePeople) {
			if err := s.void(ctx, tx, id, who); err != nil {
				return err
			}
		}
		return s.setRole(ctx, tx, id, who, role)
	})
}

// Remove takes somebody out of a business account. Where that is an admin or
// owner, it wants a fresh session.
func (t Teams) Remove(ctx context.Context, d Session, id TeamID, who ID) error {
	return t.act(ctx, d, id, ManagePeople, func(s *Store, tx *db.Tx, own Role) error {
		had, err := s.manage(ctx, tx, d, id, own, who)
		if err != nil {
			return err
		}
		return s.part(ctx, tx, id, who, had)
	})
}

// Leave takes the owner of a session out of a business account.
func (t Teams) Leave(ctx context.Context, d Session, id TeamID) error {
	return t.lock(ctx, id, func(s *Store, tx *db.Tx) error {
		role, _, err := s.roleIn(ctx, tx, id, d.Account)
		if err != nil {
			return err
		}
		return s.part(ctx, tx, id, d.Account, role)
	})
}

// manage returns the role of somebody whom the owner of a session wants to
// change, if theirs lets them.
func (s *Store) manage(ctx context.Context, tx *db.Tx, d Session, id TeamID, own Role, who ID) (Role, error) {
	had, _, err := s.roleIn(ctx, tx, id, who)
	if fault.KindOf(err) == fault.NotFound {
		return "", errMate
	}
	if err != nil {
		return "", err
	}
	return had, d.gives(own, had)
}

// gives fails unless who has a role may give another one, or take it away.
func (s Session) gives(own, role Role) error {
	switch {
	case !own.Manages(role):
		return ErrTeamRight
	case role == RoleOwner || role == RoleAdmin:
		return s.fresh()
	}
	return nil
}

// part ends a membership, with what its owner had begun.
func (s *Store) part(ctx context.Context, tx *db.Tx, id TeamID, who ID, role Role) error {
	if role == RoleOwner {
		if err := s.anotherOwner(ctx, tx, id, who); err != nil {
			return err
		}
	}
	if err := s.void(ctx, tx, id, who); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM membership WHERE team_id = $1 AND account_id = $2`, id, who)
	return err
}

// void takes back what somebody may have begun who may no longer: their
// invitations, and what they offer or are offered.
func (s *Store) void(ctx context.Context, tx *db.Tx, id TeamID, who ID) error {
	for _, begun := range []string{
		`DELETE FROM invitation WHERE team_id = $1 AND invited_by = $2`,
		`DELETE FROM handover WHERE team_id = $1 AND (from_id = $2 OR to_id = $2)`,
	} {
		if _, err := tx.ExecContext(ctx, begun, id, who); err != nil {
			return err
		}
	}
	return nil
}

// anotherOwner fails when a business account has no owner but one.
func (s *Store) anotherOwner(ctx context.Context, tx *db.Tx, id TeamID, but ID) error {
	var n int64
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM membership WHERE team_id = $1 AND role = $2 AND account_id <> $3`, id, RoleOwner, but).Scan(&n)
	if err == nil && n == 0 {
		return errLastOwner
	}
	return err
}

// partAll ends all memberships in this region's business accounts of somebody
// who is erased. One that would have no owner passes to the admin who has been
// there longest; without one it is closed.
func (s *Store) partAll(ctx context.Context, tx *db.Tx, who ID) error {
	alone, err := db.Rows(ctx, tx, func(row *sql.Rows) (id TeamID, err error) { return id, row.Scan(&id) }, `
		SELECT m.team_id FROM membership m WHERE m.account_id = $1 AND m.role = $2 AND NOT EXISTS (
			SELECT 1 FROM membership o WHERE o.team_id = m.team_id AND o.role = $2 AND o.account_id <> $1)`, who, RoleOwner)
	if err != nil {
		return err
	}
	for _, id := range alone {
		var heir ID
		err := tx.QueryRowContext(ctx, `
			SELECT account_id FROM membership WHERE team_id = $1 AND role = $2 ORDER BY created_ms, account_id LIMIT 1`, id, RoleAdmin).Scan(&heir)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			err = s.closeTeam(ctx, tx, id)
		case err == nil:
			err = s.setRole(ctx, tx, id, heir, RoleOwner)
		}
		if err != nil {
			return err
		}
	}
	for _, theirs := range []string{
		`DELETE FROM membership WHERE account_id = $1`,
		`DELETE FROM invitation WHERE invited_by = $1`,
		`DELETE FROM handover WHERE from_id = $1 OR to_id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, theirs, who); err != nil {
			return err
		}
	}
	return nil
}
