package recipient

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// mostAtOnce bounds what one turn tells.
const mostAtOnce = 100

// Tell tells the services that are due, each on its own: one that doesn't answer
// keeps none of the others waiting. It hands to the staff what nobody confirmed in
// time, and destroys keys that a process died before.
func (s *Store) Tell(ctx context.Context) error {
	if err := s.reconsider(ctx); err != nil {
		return err
	}
	due, err := s.due(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, n := range due {
		if ctx.Err() != nil {
			break
		}
		failed = append(failed, s.tell(ctx, n))
	}
	failed = append(failed, s.escalate(ctx), s.forget(ctx))
	return errors.Join(failed...)
}

// A turn is a notice that is due.
type turn struct {
	id    string
	way   Way
	due   int64
	tries int
	sent  int // letters
}

func (s *Store) due(ctx context.Context) (all []turn, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (n turn, err error) {
			return n, row.Scan(&n.id, &n.way, &n.due, &n.tries, &n.sent)
		}, `SELECT id, way, due_ms, tries, letters FROM erasure_notice WHERE region = $1 AND due_ms > 0 AND due_ms <= $2 ORDER BY due_ms LIMIT $3`,
			s.Name, s.all.now().UnixMilli(), mostAtOnce)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", s.Name, err)
	}
	return all, nil
}

// tell tells one, unless another process does.
func (s *Store) tell(ctx context.Context, n turn) error {
	taken, err := s.DB.Exec(ctx, `UPDATE erasure_notice SET due_ms = $1 WHERE id = $2 AND due_ms = $3`,
		s.all.now().Add(lease).UnixMilli(), n.id, n.due)
	if err != nil || taken == 0 {
		return err
	}
	c, to, made, err := s.read(ctx, n.id)
	if errors.Is(err, ErrOver) {
		return nil
	}
	if err != nil {
		return s.again(ctx, n, err)
	}
	if n.way == ByCall {
		err := s.all.o.Call(ctx, Told{to, c.Names, c.Call}, n.id, made)
		if err == nil {
			return s.confirm(ctx, n.id, HowCall, "", "")
		}
		if !errors.Is(err, ErrNoWay) {
			return s.again(ctx, n, err)
		}
		if n.way = s.wayTo(to); n.way == ByHand {
			return s.handOver(ctx, n.id, "")
		}
	}
	return s.write(ctx, n, to, c)
}

// write sends a letter, the first or one that reminds.
func (s *Store) write(ctx context.Context, n turn, to To, c content) error {
	contact := s.all.o.Contact(to)
	if contact == "" {
		return s.handOver(ctx, n.id, "")
	}
	m, err := s.all.letter(n.id, to, c).Message(contact, mailKind)
	if err != nil {
		return err
	}
	m.ID = fmt.Sprintf("erased.%s.%d", n.id, n.sent+1)
	if err := s.all.o.Mail.Send(ctx, m); err != nil {
		if fault.KindOf(err) == fault.Invalid {
			return s.handOver(ctx, n.id, reason(err))
		}
		return s.again(ctx, n, err)
	}
	now := s.all.now()
	next := now.Add(remindAfter).UnixMilli()
	if n.sent+1 >= mostLetters {
		next = 0
	}
	return s.change(ctx, n.id, `way = 'mail', told_ms = $2, due_ms = $3, letters = letters + 1, tries = 0, problem = ''`, now.UnixMilli(), next)
}

// again has a notice told later.
func (s *Store) again(ctx context.Context, n turn, why error) error {
	s.all.o.Log.Warn("a service can't be told of an erasure, will try again", "message", n.id, "err", why)
	wait := waits[min(n.tries, len(waits)-1)]
	return s.change(ctx, n.id, `way = $2, tries = tries + 1, problem = $3, due_ms = $4`, string(n.way), reason(why), s.all.now().Add(wait).UnixMilli())
}

// handOver has the staff tell a service.
func (s *Store) handOver(ctx context.Context, id, why string) error {
	return s.change(ctx, id, `way = 'hand', problem = $2, due_ms = 0, escalated_ms = $3`, why, s.all.now().UnixMilli())
}

// change changes an open notice; $1 is its id.
func (s *Store) change(ctx context.Context, id, set string, args ...any) error {
	_, err := s.DB.Exec(ctx, `UPDATE erasure_notice SET `+set+` WHERE id = $1 AND confirmed_ms = 0`, append([]any{id}, args...)...)
	if err != nil {
		return fmt.Errorf("notice %s: %w", id, err)
	}
	return nil
}

// reconsider has services told by letter that an operator has named an address of
// since, and that the staff haven't told yet.
func (s *Store) reconsider(ctx context.Context) error {
	var all []To
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (to To, err error) { return to, row.Scan(&to.Party, &to.Which) },
			`SELECT DISTINCT party, which FROM erasure_notice WHERE region = $1 AND confirmed_ms = 0 AND subject = '' AND way = 'hand' AND problem = ''`, s.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("notices of %s: %w", s.Name, err)
	}
	for _, to := range all {
		if s.wayTo(to) == ByHand {
			continue
		}
		_, err := s.DB.Exec(ctx, `UPDATE erasure_notice SET way = 'mail', due_ms = $1, escalated_ms = 0
			WHERE region = $2 AND party = $3 AND which = $4 AND confirmed_ms = 0 AND subject = '' AND way = 'hand' AND problem = ''`,
			s.all.now().UnixMilli(), s.Name, string(to.Party), to.Which)
		if err != nil {
			return fmt.Errorf("notices of %s: %w", s.Name, err)
		}
	}
	return nil
}

// escalate hands to the staff what nobody confirmed in time. It goes on being told.
func (s *Store) escalate(ctx context.Context) error {
	now := s.all.now()
	n, err := s.DB.Exec(ctx, `UPDATE erasure_notice SET escalated_ms = $1
		WHERE region = $2 AND confirmed_ms = 0 AND subject = '' AND escalated_ms = 0 AND made_ms <= $3`,
		now.UnixMilli(), s.Name, now.Add(-s.all.o.Escalate).UnixMilli())
	if err != nil {
		return fmt.Errorf("escalate notices of %s: %w", s.Name, err)
	}
	if n > 0 {
		s.all.o.Log.Error("services haven't confirmed erasures in time: see /staff/recipients", "region", s.Name, "rows", n)
	}
	return nil
}

// forget destroys the keys of notices that are confirmed.
func (s *Store) forget(ctx context.Context) error {
	var ids []string
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = db.Rows(ctx, tx, func(row *sql.Rows) (id string, err error) { return id, row.Scan(&id) },
			`SELECT id FROM erasure_notice WHERE region = $1 AND keyed AND confirmed_ms > 0`, s.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("keys of notices of %s: %w", s.Name, err)
	}
	for _, id := range ids {
		if err := s.destroy(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) destroy(ctx context.Context, id string) error {
	if err := s.Vault.Destroy(ctx, inventory.Subject(id)); err != nil {
		return err
	}
	_, err := s.DB.Exec(ctx, `UPDATE erasure_notice SET keyed = $1 WHERE id = $2`, false, id)
	return err
}

// reason is a fault's code.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return "internal"
}

// confirm writes down that a service confirmed, and makes the notice name nobody;
// ErrOver when it was already.
func (s *Store) confirm(ctx context.Context, id string, how How, clerk, ref string) error {
	n, err := s.DB.Exec(ctx, `
		UPDATE erasure_notice SET confirmed_ms = $1, how = $2, clerk = $3, ref = $4, content = $5, hash = '', due_ms = 0, problem = ''
		WHERE id = $6 AND region = $7 AND confirmed_ms = 0 AND subject = ''`,
		s.all.now().UnixMilli(), string(how), clerk, ref, []byte{}, id, s.Name)
	if err != nil {
		return fmt.Errorf("confirm notice %s: %w", id, err)
	}
	if n == 0 {
		return ErrOver
	}
	return s.destroy(ctx, id)
}

// Open reports whether a letter's link leads to a notice that is still to be
// confirmed, and which service it is. It changes nothing, so that a program that
// follows a letter's links doesn't either; ErrOver when there is nothing.
func (s *Store) Open(ctx context.Context, id, secret string) (to To, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT party, which FROM erasure_notice WHERE id = $1 AND region = $2 AND hash = $3 AND confirmed_ms = 0 AND subject = ''`,
			id, s.Name, s.Vault.Lookup(fieldHash, id+" "+secret)).Scan(&to.Party, &to.Which)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return To{}, ErrOver
	}
	if err != nil {
		return To{}, fmt.Errorf("notice %s: %w", id, err)
	}
	return to, nil
}

// Confirm takes the confirmation of who has the link of a letter.
func (s *Store) Confirm(ctx context.Context, id, secret string) error {
	if _, err := s.Open(ctx, id, secret); err != nil {
		return err
	}
	return s.confirm(ctx, id, HowLink, "", "")
}

// ConfirmBy takes what one of the staff has on record under ref.
func (s *Store) ConfirmBy(ctx context.Context, id, clerk, ref string) error {
	return s.confirm(ctx, id, HowStaff, clerk, ref)
}

// A Notice is one as the staff see it: nobody is named.
type Notice struct {
	ID string
	To
	Way       Way
	Made      time.Time // UTC, as the rest; when the erasure was done
	Told      time.Time // zero never
	Problem   string    // a fault's code, "" none
	Escalated time.Time // zero not
	Confirmed time.Time // zero not
	How       How
	Ref       string
}

// mostShown bounds lists.
const mostShown = 200

// Notices are those of a region that are open, the longest first, and after them
// those that were confirmed last; 200 of each at most.
func (s *Store) Notices(ctx context.Context) (all []Notice, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		for _, where := range []string{`confirmed_ms = 0 AND subject = '' ORDER BY made_ms, id`, `confirmed_ms > 0 ORDER BY confirmed_ms DESC, id`} {
			some, err := db.Rows(ctx, tx, scanNotice, `
				SELECT id, party, which, way, made_ms, told_ms, problem, escalated_ms, confirmed_ms, how, ref
				FROM erasure_notice WHERE region = $1 AND `+where+` LIMIT $2`, s.Name, mostShown)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", s.Name, err)
	}
	return all, nil
}

func scanNotice(row *sql.Rows) (n Notice, err error) {
	var made, told, escalated, confirmed int64
	err = row.Scan(&n.ID, &n.Party, &n.Which, &n.Way, &made, &told, &n.Problem, &escalated, &confirmed, &n.How, &n.Ref)
	n.Made, n.Told, n.Escalated, n.Confirmed = db.At(made), db.At(told), db.At(escalated), db.At(confirmed)
	return n, err
}

// Counts are how many notices are as they are.
type Counts struct {
	Open      int // not confirmed
	Escalated int // of those, for the staff to see to
	Confirmed int
}

// Counts counts a region's notices.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT COUNT(CASE WHEN confirmed_ms = 0 THEN 1 END), COUNT(CASE WHEN confirmed_ms = 0 AND escalated_ms > 0 THEN 1 END),
				COUNT(CASE WHEN confirmed_ms > 0 THEN 1 END)
			FROM erasure_notice WHERE region = $1 AND subject = ''`, s.Name).Scan(&c.Open, &c.Escalated, &c.Confirmed)
	})
	if err != nil {
		return Counts{}, fmt.Errorf("count notices of %s: %w", s.Name, err)
	}
	return c, nil
}
