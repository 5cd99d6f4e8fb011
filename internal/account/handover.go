package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A Handover is a business account that is offered to somebody, and not taken yet.
type Handover struct {
	From, To ID
	Keep     bool      // whoever offers it stays an owner
	Ends     time.Time // UTC
}

var (
	errHandover = fault.New(fault.NotFound, "handover_over", "There is nothing to take any more: it was taken, taken back, or is older than 7 days.")
	errIsOwner  = fault.New(fault.Conflict, "owner_already", "That person is an owner already.")
)

// Offer offers a business account to somebody who belongs to it. When they take
// it they are an owner, and whoever offered it is an admin or, if keep says so,
// an owner still. The session has to be fresh.
func (t Teams) Offer(ctx context.Context, d Session, id TeamID, to ID, keep bool) error {
	if err := d.fresh(); err != nil {
		return err
	}
	return t.act(ctx, d, id, OwnTeam, func(s *Store, tx *db.Tx, _ Role) error {
		role, _, err := s.roleIn(ctx, tx, id, to)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			return errMate
		case err != nil:
			return err
		case role == RoleOwner:
			return errIsOwner
		}
		now := s.now()
		_, err = tx.ExecContext(ctx, `
			INSERT INTO handover (team_id, from_id, to_id, keep, created_ms, ends_ms) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (team_id) DO UPDATE SET from_id = excluded.from_id, to_id = excluded.to_id, keep = excluded.keep,
				created_ms = excluded.created_ms, ends_ms = excluded.ends_ms`,
			id, d.Account, to, keep, ms(now), ms(now.Add(handoverFor)))
		return err
	})
}

// Offered returns what is offered of a business account, as owners and whoever
// it is offered to see it; a fault of kind NotFound when there is nothing.
func (t Teams) Offered(ctx context.Context, d Session, id TeamID) (Handover, error) {
	s, err := t.in(id)
	if err != nil {
		return Handover{}, err
	}
	var h Handover
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		role, _, err := s.roleIn(ctx, tx, id, d.Account)
		if err != nil {
			return err
		}
		if h, err = s.handover(ctx, tx, id); err == nil && h.To != d.Account && !role.Can(OwnTeam) {
			return errHandover
		}
		return err
	})
	if err != nil {
		return Handover{}, fmt.Errorf("handover of %s: %w", id, err)
	}
	return h, nil
}

func (s *Store) handover(ctx context.Context, tx *db.Tx, id TeamID) (h Handover, err error) {
	var ends int64
	err = tx.QueryRowContext(ctx, `SELECT from_id, to_id, keep, ends_ms FROM handover WHERE team_id = $1 AND ends_ms > $2`, id, ms(s.now())).
		Scan(&h.From, &h.To, &h.Keep, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		return Handover{}, errHandover
	}
	h.Ends = db.At(ends)
	return h, err
}

// Take makes whoever a business account is offered to its owner. The session
// has to be fresh.
func (t Teams) Take(ctx context.Context, d Session, id TeamID) error {
	if err := d.fresh(); err != nil {
		return err
	}
	return t.act(ctx, d, id, SeeTeam, func(s *Store, tx *db.Tx, _ Role) error {
		h, err := s.handover(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.To != d.Account {
			return errHandover
		}
		if err := s.setRole(ctx, tx, id, h.To, RoleOwner); err != nil {
			return err
		}
		if !h.Keep {
			if err := s.setRole(ctx, tx, id, h.From, RoleAdmin); err != nil {
				return err
			}
		}
		return s.endHandover(ctx, tx, id)
	})
}

// Refuse ends what is offered: whoever it is offered to refuses it, or an owner
// takes it back.
func (t Teams) Refuse(ctx context.Context, d Session, id TeamID) error {
	return t.act(ctx, d, id, SeeTeam, func(s *Store, tx *db.Tx, role Role) error {
		h, err := s.handover(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.To != d.Account && !role.Can(OwnTeam) {
			return errHandover
		}
		return s.endHandover(ctx, tx, id)
	})
}

func (s *Store) endHandover(ctx context.Context, tx *db.Tx, id TeamID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM handover WHERE team_id = $1`, id)
	return err
}

func (s *Store) setRole(ctx context.Context, tx *db.Tx, id TeamID, who ID, role Role) error {
	done, err := tx.ExecContext(ctx, `UPDATE membership SET role = $1 WHERE team_id = $2 AND account_id = $3`, role, id, who)
	return one(done, err, errMate)
}
