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

// An Invitation asks whoever has an address to belong to a business account.
type Invitation struct {
	ID      string
	Team    TeamID
	Called  string // the business
	By      string // nickname of who invites, "" when they are gone
	To      Contact
	Role    Role
	Created time.Time // UTC
	Ends    time.Time // UTC
}

// Invited says that somebody is to be invited: ask InvitationToSend what and whereto.
type Invited struct {
	ID string `json:"id"`
}

// Kind names the event.
func (Invited) Kind() string { return "account.invited" }

// inviting is what an invitation keeps for its message.
type inviting struct {
	Token    Token  `json:"token"`
	Language string `json:"language"`
}

var (
	errInvitation = fault.New(fault.NotFound, "invitation_over", "This invitation can't be used any more: it was answered, taken back, or is older than 7 days. Ask for another one.")
	errInvitedNot = fault.New(fault.Denied, "invitation_other", "This invitation is for %s. Sign in with that address, or add it to your account.")
)

// Invite invites whoever has an e-mail address to a business account, with a
// role that the owner of the session may give. An address that is invited
// already gets another invitation, and the first is void. Whether it has an
// account here is told to nobody; that it belongs to the business already, is.
func (t Teams) Invite(ctx context.Context, d Session, id TeamID, c Contact, role Role, from From) error {
	if c.Kind != Mail {
		return errMail
	}
	if !slices.Contains(Roles, role) || role == RoleOwner {
		return errRole
	}
	s, err := t.in(id)
	if err != nil {
		return err
	}
	if err := s.mayGive(ctx, d, id, role); err != nil {
		return err
	}
	if err := s.spend(ctx, bucket{limitInvite, string(id)}, bucket{limitInvitee, c.key()}); err != nil {
		return err
	}
	_, there, _, err := t.m.find(ctx, c) // one who is away, and belongs to it already, finds that out later
	if err != nil {
		return err
	}
	return t.act(ctx, d, id, ManagePeople, func(s *Store, tx *db.Tx, own Role) error {
		if err := d.gives(own, role); err != nil {
			return err
		}
		if err := s.room(ctx, tx, id, c, there.account); err != nil {
			return err
		}
		return s.invite(ctx, tx, d, id, c, role, from.Language)
	})
}

// mayGive fails early, so that nobody uses up limits of a business account that
// isn't theirs.
func (s *Store) mayGive(ctx context.Context, d Session, id TeamID, role Role) error {
	return s.db.Read(ctx, func(tx *db.Tx) error {
		own, err := s.may(ctx, tx, id, d.Account, ManagePeople)
		if err != nil {
			return err
		}
		return d.gives(own, role)
	})
}

// room fails when somebody belongs to a business account already, or it is full.
func (s *Store) room(ctx context.Context, tx *db.Tx, id TeamID, c Contact, account ID) error {
	if _, _, err := s.roleIn(ctx, tx, id, account); err == nil {
		return errMateThere
	} else if fault.KindOf(err) != fault.NotFound {
		return err
	}
	var n int64
	err := tx.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM membership WHERE team_id = $1) + (SELECT COUNT(*) FROM invitation WHERE team_id = $1 AND lookup <> $2)`,
		id, s.vault.Lookup(fieldInvited, c.key())).Scan(&n)
	if err == nil && n >= mostMates {
		return errTeamFull
	}
	return err
}

func (s *Store) invite(ctx context.Context, tx *db.Tx, d Session, id TeamID, c Contact, role Role, language string) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	token, hash := newToken(s.region)
	detail, err := k.SealJSON(fieldInviting, inviting{Token: token, Language: language})
	if err != nil {
		return err
	}
	now, event := s.now(), Invited{ID: newID(s.region)}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO invitation (id, team_id, contact, lookup, role, token, detail, invited_by, created_ms, ends_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (team_id, lookup) DO UPDATE SET id = excluded.id, contact = excluded.contact, role = excluded.role, token = excluded.token,
			detail = excluded.detail, invited_by = excluded.invited_by, created_ms = excluded.created_ms, ends_ms = excluded.ends_ms`,
		event.ID, id, k.SealText(fieldInvited, c.Value), s.vault.Lookup(fieldInvited, c.key()), role, hash, detail, d.Account, ms(now), ms(now.Add(inviteFor)))
	if err != nil {
		return err
	}
	return s.jobs.Add(ctx, tx, event)
}

// Invitations are those of a business account that nobody has answered, oldest first.
func (t Teams) Invitations(ctx context.Context, d Session, id TeamID) ([]Invitation, error) {
	s, err := t.in(id)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := s.may(ctx, tx, id, d.Account, ManagePeople)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t.invitations(ctx, s, `i.team_id = $1`, id)
}

// Again sends an invitation once more, with another link; the old one is void.
func (t Teams) Again(ctx context.Context, d Session, id TeamID, invitation string, from From) error {
	i, err := t.open(ctx, d, id, invitation)
	if err != nil {
		return err
	}
	return t.Invite(ctx, d, id, i.To, i.Role, from)
}

// TakeBack takes an invitation back.
func (t Teams) TakeBack(ctx context.Context, d Session, id TeamID, invitation string) error {
	if _, err := t.open(ctx, d, id, invitation); err != nil {
		return err
	}
	return t.act(ctx, d, id, ManagePeople, func(s *Store, tx *db.Tx, _ Role) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM invitation WHERE id = $1 AND team_id = $2`, invitation, id)
		return one(done, err, errInvitation)
	})
}

func (t Teams) open(ctx context.Context, d Session, id TeamID, invitation string) (Invitation, error) {
	all, err := t.Invitations(ctx, d, id)
	if err != nil {
		return Invitation{}, err
	}
	at := slices.IndexFunc(all, func(i Invitation) bool { return i.ID == invitation })
	if at < 0 {
		return Invitation{}, errInvitation
	}
	return all[at], nil
}

// Invitation returns what a token from a message invites to; a fault of kind
// NotFound when it can't be answered any more.
func (t Teams) Invitation(ctx context.Context, token Token) (Invitation, error) {
	s, err := t.m.in(token.Region())
	if err != nil {
		return Invitation{}, errInvitation
	}
	found, err := t.invitations(ctx, s, `i.token = $1 AND i.ends_ms > $2 AND t.closed_ms = 0`, token.hash(), ms(s.now()))
	if err != nil {
		return Invitation{}, err
	}
	if len(found) == 0 {
		return Invitation{}, errInvitation
	}
	return found[0], nil
}

// Accept takes an invitation: the account has to have the address that was
// invited. Whoever belongs to the business already keeps their role.
func (t Teams) Accept(ctx context.Context, d Session, token Token) (TeamID, error) {
	i, err := t.Invitation(ctx, token)
	if err != nil {
		return "", err
	}
	p, err := t.m.profile(ctx, d.Account)
	if err != nil {
		return "", err
	}
	switch {
	case !slices.ContainsFunc(p.Contacts, func(a Address) bool { return a.key() == i.To.key() }):
		return "", errInvitedNot.With(i.To.Masked())
	case p.Age != Grown:
		return "", errTeamAge
	}
	return i.Team, t.lock(ctx, i.Team, func(s *Store, tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM invitation WHERE id = $1 AND token = $2`, i.ID, token.hash())
		if err := one(done, err, errInvitation); err != nil {
			return err
		}
		return s.belong(ctx, tx, i.Team, d.Account, i.Role)
	})
}

// Decline refuses an invitation. It needs no sign-in.
func (t Teams) Decline(ctx context.Context, token Token) error {
	i, err := t.Invitation(ctx, token)
	if err != nil {
		return err
	}
	return t.lock(ctx, i.Team, func(_ *Store, tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM invitation WHERE id = $1 AND token = $2`, i.ID, token.hash())
		return one(done, err, errInvitation)
	})
}

// InvitationToSend returns what the job Invited is about; a fault of kind
// NotFound when nothing is to be sent any more.
func (m *Members) InvitationToSend(ctx context.Context, e Invited) (Letter, error) {
	s, err := m.in(regionOf(e.ID))
	if err != nil {
		return Letter{}, errNoLetter
	}
	found, err := m.Teams().invitations(ctx, s, `i.id = $1 AND i.ends_ms > $2`, e.ID, ms(s.now()))
	if err != nil {
		return Letter{}, err
	}
	if len(found) == 0 {
		return Letter{}, errNoLetter
	}
	i := found[0]
	var sealed []byte
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT detail FROM invitation WHERE id = $1`, e.ID).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, fmt.Errorf("invitation %s: %w", e.ID, err)
	}
	k, err := s.vault.Key(ctx, i.Team.Subject())
	if err != nil {
		return Letter{}, err
	}
	var kept inviting
	if err := k.OpenJSON(fieldInviting, sealed, &kept); err != nil {
		return Letter{}, err
	}
	return Letter{
		Kind: LetterInvitation, To: i.To, Language: kept.Language, Nickname: i.By, Detail: i.Called, Role: i.Role,
		Token: kept.Token, At: i.Created, Ends: i.Ends,
	}, nil
}

// invitations reads those that where chooses of invitation i and team t.
func (t Teams) invitations(ctx context.Context, s *Store, where string, args ...any) ([]Invitation, error) {
	type row struct {
		Invitation
		contact, name []byte
		by            ID
	}
	var rows []row
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, func(from *sql.Rows) (r row, err error) {
			var created, ends int64
			err = from.Scan(&r.ID, &r.Team, &r.contact, &r.Role, &r.by, &created, &ends, &r.name)
			r.Created, r.Ends = db.At(created), db.At(ends)
			return r, err
		}, `SELECT i.id, i.team_id, i.contact, i.role, i.invited_by, i.created_ms, i.ends_ms, t.name
			FROM invitation i JOIN team t ON t.id = i.team_id WHERE `+where+` ORDER BY i.created_ms, i.id`, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	all := make([]Invitation, len(rows))
	for n, r := range rows {
		k, err := s.vault.Key(ctx, r.Team.Subject())
		if err != nil {
			return nil, err
		}
		if r.To.Value, err = k.OpenText(fieldInvited, r.contact); err != nil {
			return nil, err
		}
		if r.Called, err = k.OpenText(fieldTeam, r.name); err != nil {
			return nil, err
		}
		r.To.Kind = Mail
		by, err := t.m.profile(ctx, r.by)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		r.By = by.Nickname
		all[n] = r.Invitation
	}
	return all, nil
}
