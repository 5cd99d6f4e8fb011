package account

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A Colleague is somebody of the staff as those see who manage it.
type Colleague struct {
	ID      StaffID
	State   string // invited, active, locked
	Name    string // "" they haven't come in yet
	Contact Contact
	Duties  []Duty
	Created time.Time // UTC
	Ends    time.Time // UTC; until when their link can be used, zero when they have none

	Trained  time.Time          // UTC; when they last took the training that is asked for, zero never
	Due      time.Time          // UTC; until when it holds, zero when they have to take it or none is asked for
	Used     map[Duty]time.Time // UTC; when they last did something by a duty, as far back as the log goes
	Reviewed time.Time          // UTC; when somebody last said that their duties are still needed, as far back
}

// List is all of the staff, in the order in which they came.
func (t Staff) List(ctx context.Context, c Clerk) ([]Colleague, error) {
	if c.untrained {
		return nil, errUntrained
	}
	if !c.Can(ManageStaff) {
		return nil, errPower
	}
	used, reviewed, err := t.uses(ctx)
	if err != nil {
		return nil, err
	}
	var all []Colleague
	_, err = t.m.each(ctx, func(ctx context.Context, s *Store) error {
		rows, err := s.staff(ctx, `state <> ''`)
		if err != nil {
			return err
		}
		taken, err := s.taken(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			duties, err := s.duties(ctx, r.id)
			if err != nil {
				return err
			}
			all = append(all, Colleague{
				ID: r.id, State: string(r.state), Name: r.name, Contact: r.contact, Duties: duties, Created: r.created, Ends: r.ends,
				Trained: taken[r.id], Due: s.lapses(taken[r.id]), Used: used[r.id], Reviewed: reviewed[r.id],
			})
		}
		return nil
	})
	return all, err
}

// uses are when each of the staff last did something by each duty, and when
// somebody last said that their duties are still needed.
func (t Staff) uses(ctx context.Context) (used map[StaffID]map[Duty]time.Time, reviewed map[StaffID]time.Time, err error) {
	type last struct {
		who  StaffID
		duty Duty // "" reviewed
		at   int64
	}
	used, reviewed = map[StaffID]map[Duty]time.Time{}, map[StaffID]time.Time{}
	_, err = t.m.each(ctx, func(ctx context.Context, s *Store) error {
		var all []last
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			all, err = db.Rows(ctx, tx, func(row *sql.Rows) (l last, err error) { return l, row.Scan(&l.who, &l.duty, &l.at) }, `
				SELECT staff_id, role, MAX(at_ms) FROM access_log WHERE role <> '' GROUP BY staff_id, role
				UNION ALL SELECT account_id, '', MAX(at_ms) FROM access_log WHERE what = $1 GROUP BY account_id`, DidKeep)
			return err
		})
		if err != nil {
			return fmt.Errorf("uses of duties: %w", err)
		}
		for _, l := range all {
			if l.duty == "" {
				reviewed[l.who] = db.At(l.at)
				continue
			}
			if used[l.who] == nil {
				used[l.who] = map[Duty]time.Time{}
			}
			if when := db.At(l.at); when.After(used[l.who][l.duty]) {
				used[l.who][l.duty] = when
			}
		}
		return nil
	})
	return used, reviewed, err
}

// Review writes down that somebody's duties were looked at, and are still needed.
func (t Staff) Review(ctx context.Context, c Clerk, id StaffID) error {
	return t.change(ctx, c, id, DidKeep, func(*Store, *db.Tx, staffRow) error { return nil })
}

// Named returns one of the staff by id or address.
func (t Staff) Named(ctx context.Context, c Clerk, text string) (Colleague, error) {
	all, err := t.List(ctx, c)
	if err != nil {
		return Colleague{}, err
	}
	contact, err := MailOnly(text)
	at := slices.IndexFunc(all, func(one Colleague) bool {
		return string(one.ID) == text || err == nil && one.Contact.key() == contact.key()
	})
	if at < 0 {
		return Colleague{}, errStaff
	}
	return all[at], nil
}

// Invite adds somebody to the staff. The link is for them alone.
func (t Staff) Invite(ctx context.Context, c Clerk, contact Contact, duties []Duty) (Link, error) {
	if err := c.may(ManageStaff); err != nil {
		return Link{}, err
	}
	if err := checkDuties(duties); err != nil {
		return Link{}, err
	}
	if contact.Kind != Mail {
		return Link{}, errMail
	}
	if _, _, err := t.byContact(ctx, contact); err == nil {
		return Link{}, errStaffThere
	} else if fault.KindOf(err) != fault.NotFound {
		return Link{}, err
	}
	s, err := t.home(ctx)
	if err != nil {
		return Link{}, err
	}
	id := StaffID(newID(s.region))
	k, err := s.newKey(ctx, id.Subject())
	if err != nil {
		return Link{}, err
	}
	token, hash := newToken(s.region)
	now := s.now()
	link := Link{Staff: id, Token: token, Ends: now.Add(linkFor).UTC()}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO staff (id, state, name, contact, lookup, token, token_ms, credential, totp, totp_step, phc, created_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $3, $3, 0, '', $8) ON CONFLICT (lookup) DO NOTHING`,
			id, staffInvited, []byte{}, k.SealText(fieldStaff, contact.Value), s.vault.Lookup(fieldStaff, contact.key()), hash, ms(link.Ends), ms(now))
		if err := one(done, err, errStaffThere); err != nil {
			return err
		}
		if err := s.setDuties(ctx, tx, id, c.called(), duties); err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(ManageStaff), of: string(id), did: DidInvite})
	})
	if err != nil {
		return Link{}, fmt.Errorf("invite to the staff: %w", err)
	}
	return link, nil
}

// called is a clerk as a row names them.
func (c Clerk) called() string {
	if c.ID == "" {
		return string(AtConsole)
	}
	return string(c.ID)
}

func checkDuties(duties []Duty) error {
	if len(duties) == 0 || slices.ContainsFunc(duties, func(d Duty) bool { return !slices.Contains(Duties, d) }) {
		return errDuties
	}
	return nil
}

// Relink gives somebody of the staff another link, to set everything anew. They
// are signed out, and what they had set is void.
func (t Staff) Relink(ctx context.Context, c Clerk, id StaffID) (Link, error) {
	link := Link{Staff: id}
	err := t.change(ctx, c, id, DidLink, func(s *Store, tx *db.Tx, who staffRow) error {
		if err := s.anotherOperator(ctx, tx, who); err != nil && c.ID != "" {
			return err
		}
		var hash []byte
		link.Token, hash = newToken(s.region)
		link.Ends = s.now().Add(linkFor).UTC()
		_, err := tx.ExecContext(ctx, `UPDATE staff SET state = $1, token = $2, token_ms = $3, credential = $4, totp = $4, totp_step = 0, phc = '' WHERE id = $5`,
			staffInvited, hash, ms(link.Ends), []byte{}, id)
		if err != nil {
			return err
		}
		return s.endStaff(ctx, tx, id)
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// SetDuties gives somebody of the staff these duties and no others.
func (t Staff) SetDuties(ctx context.Context, c Clerk, id StaffID, duties []Duty) error {
	if err := checkDuties(duties); err != nil {
		return err
	}
	return t.change(ctx, c, id, DidDuties, func(s *Store, tx *db.Tx, who staffRow) error {
		if !slices.Contains(duties, Operator) {
			if err := s.anotherOperator(ctx, tx, who); err != nil {
				return err
			}
		}
		return s.setDuties(ctx, tx, id, c.called(), duties)
	})
}

// LockOut keeps somebody of the staff out, and signs them out.
func (t Staff) LockOut(ctx context.Context, c Clerk, id StaffID) error {
	return t.change(ctx, c, id, DidLockOut, func(s *Store, tx *db.Tx, who staffRow) error {
		if err := s.anotherOperator(ctx, tx, who); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE staff SET state = $1, token = $2, token_ms = 0 WHERE id = $3`, staffLocked, []byte{}, id); err != nil {
			return err
		}
		return s.endStaff(ctx, tx, id)
	})
}

// LetIn lets somebody of the staff in again who was locked out. Whoever hadn't
// come in yet needs another link.
func (t Staff) LetIn(ctx context.Context, c Clerk, id StaffID) error {
	return t.change(ctx, c, id, DidUnlockIn, func(_ *Store, tx *db.Tx, _ staffRow) error {
		done, err := tx.ExecContext(ctx, `UPDATE staff SET state = $1 WHERE id = $2 AND state = $3 AND phc <> ''`, staffActive, id, staffLocked)
		return one(done, err, errOnlyLocked)
	})
}

// Remove takes somebody out of the staff, and erases what is kept of them but
// what they did.
func (t Staff) Remove(ctx context.Context, c Clerk, id StaffID) error {
	err := t.change(ctx, c, id, DidRemove, func(s *Store, tx *db.Tx, who staffRow) error {
		if err := s.anotherOperator(ctx, tx, who); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE staff SET state = $1, token = $2, token_ms = 0 WHERE id = $3`, staffLocked, []byte{}, id)
		return err
	})
	if err != nil {
		return err
	}
	s, err := t.in(id)
	if err != nil {
		return err
	}
	return s.Erase(ctx, id.Subject())
}

// change does something to one of the staff for who may, and writes it down.
func (t Staff) change(ctx context.Context, c Clerk, id StaffID, did Deed, do func(s *Store, tx *db.Tx, who staffRow) error) error {
	if err := c.may(ManageStaff); err != nil {
		return err
	}
	if c.ID == id {
		return errSelf
	}
	s, err := t.in(id)
	if err != nil {
		return err
	}
	who, err := s.ofStaff(ctx, id)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := do(s, tx, who); err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(ManageStaff), of: string(id), did: did})
	})
	if err != nil {
		return fmt.Errorf("staff %s: %w", id, err)
	}
	return nil
}

// anotherOperator fails when somebody is the only operator who can come in.
func (s *Store) anotherOperator(ctx context.Context, tx *db.Tx, who staffRow) error {
	operators, err := db.Rows(ctx, tx, func(row *sql.Rows) (id StaffID, err error) { return id, row.Scan(&id) }, `
		SELECT s.id FROM staff s JOIN staff_role r ON r.staff_id = s.id WHERE r.role = $1 AND s.state = $2 ORDER BY s.id`+tx.Lock(), Operator, staffActive)
	if err == nil && len(operators) == 1 && operators[0] == who.id {
		return errOperators
	}
	return err
}

// endStaff signs somebody of the staff out everywhere.
func (s *Store) endStaff(ctx context.Context, tx *db.Tx, id StaffID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM staff_session WHERE staff_id = $1`, id)
	return err
}
