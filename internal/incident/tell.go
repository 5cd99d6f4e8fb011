package incident

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/sms"
	"waypost/internal/vault"
)

// A Channel is a way in which somebody is told, besides their own pages.
type Channel string

// The channels, in the order in which they are tried.
const (
	ByMail   Channel = "mail"
	BySMS    Channel = "sms"
	ByCall   Channel = "call"   // the staff call them
	ByLetter Channel = "letter" // the staff post one
)

// Channels are all there are.
var Channels = []Channel{ByMail, BySMS, ByCall, ByLetter}

// An Outcome is what came of a try to tell somebody.
type Outcome string

// Outcomes.
const (
	WasSent    Outcome = "sent"
	WasDelayed Outcome = "delayed" // it will be tried again
	WasRefused Outcome = "refused" // the address takes nothing
	WasGivenUp Outcome = "given_up"
	WasUnsure  Outcome = "unsure" // the answer to a text message was lost, or the program was killed before it
	WasReached Outcome = "reached"
	WasPosted  Outcome = "posted"
	WasMissed  Outcome = "unreachable"
	WasErased  Outcome = "erased" // before they were told
)

const (
	leaseFor  = 3 * time.Minute
	takeMost  = 32
	atOnce    = 8
	tellFor   = 30 * time.Second // that one job goes on telling
	giveUp    = 24 * time.Hour   // after which another channel is tried
	mostPause = time.Hour
)

// firstChannel is by which somebody is told.
func firstChannel(p account.Profile) Channel { return nextChannel(p, "") }

// nextChannel is the one after another, "" the first, as far as there is an address.
func nextChannel(p account.Profile, after Channel) Channel {
	switch {
	case after == "" && addressOf(p, account.Mail) != "":
		return ByMail
	case (after == "" || after == ByMail) && addressOf(p, account.Phone) != "":
		return BySMS
	case after == BySMS:
		return ByCall
	}
	return ByLetter
}

// addressOf is the address of a kind that messages go to, "" none.
func addressOf(p account.Profile, kind account.ContactKind) string {
	found := ""
	for _, a := range p.Contacts {
		if a.Kind == kind && (found == "" || a.Main) {
			found = a.Value
		}
	}
	return found
}

// firstState is in which state somebody waits for a channel.
func firstState(c Channel) Delivery {
	if c == ByCall || c == ByLetter {
		return ByHand
	}
	return Queued
}

// Tell has everybody told who is to be: whom a list has that was approved. It
// goes on where it was, as often as it is called, and tells nobody twice.
func (i *Incidents) Tell(ctx context.Context) error {
	told, err := i.some(ctx, `WHERE approved > 0 AND state <> $1 ORDER BY number`, Closed)
	if err != nil {
		return err
	}
	began := i.now()
	var failed []error
	for _, one := range told {
		for _, s := range i.Stores() {
			failed = append(failed, s.tell(ctx, one, began))
		}
		failed = append(failed, i.finish(ctx, one))
	}
	return errors.Join(failed...)
}

// tell tells those of the region, for a while.
func (s *Store) tell(ctx context.Context, one Incident, began time.Time) error {
	if err := s.queue(ctx, one); err != nil {
		return err
	}
	for s.all.now().Sub(began) < tellFor {
		taken, err := s.take(ctx, one.ID)
		if err != nil || len(taken) == 0 {
			return err
		}
		var work errgroup.Group // what fails for one breaks off no other's
		work.SetLimit(atOnce)
		for _, t := range taken {
			work.Go(func() error { return s.send(ctx, one, t) })
		}
		if err := work.Wait(); err != nil {
			return fmt.Errorf("tell people of incident %s in %s: %w", one.ID, s.Name, err)
		}
	}
	return nil
}

// queue has those told who are on the list that was approved and weren't told yet.
func (s *Store) queue(ctx context.Context, one Incident) error {
	k, err := s.all.house.House(ctx)
	if err != nil {
		return err
	}
	approved, err := s.all.notices(ctx, one.ID, one.Approved)
	if err != nil {
		return err
	}
	now := db.Ms(s.all.now())
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, q := range []struct{ state, which string }{
			{string(Queued), `channel IN ('mail', 'sms')`}, {string(ByHand), `channel NOT IN ('mail', 'sms')`},
		} {
			_, err := tx.ExecContext(ctx, `
				UPDATE incident_person SET state = $1, edition = $2, due_ms = $3, queued_ms = $3
				WHERE incident_id = $4 AND region = $5 AND state = $6 AND first_list <= $7 AND last_list >= $7 AND `+q.which, q.state, one.Approved, now, one.ID, s.Name, Found, one.agreed)
			if err != nil {
				return err
			}
		}
		return keepNotices(ctx, tx, k, one.ID, one.Approved, approved)
	})
	if err != nil {
		return fmt.Errorf("queue the people of incident %s: %w", one.ID, err)
	}
	s.all.any.stale()
	return nil
}

// A taken is somebody who is being told.
type taken struct {
	id      account.ID
	channel Channel
	was     Delivery
	edition int
	tries   int
	queued  time.Time
	lease   int64
}

// take has this process tell some, for three minutes: they are another's then.
func (s *Store) take(ctx context.Context, id ID) (all []taken, err error) {
	now := s.all.now()
	lease := db.Ms(now.Add(leaseFor))
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (t taken, err error) {
			var queued int64
			err = row.Scan(&t.id, &t.channel, &t.was, &t.edition, &t.tries, &queued)
			t.queued, t.lease = db.At(queued), lease
			return t, err
		}, fmt.Sprintf(`
			SELECT owner, channel, state, edition, tries, queued_ms FROM incident_person
			WHERE incident_id = $1 AND region = $2 AND (state = $3 AND due_ms <= $4 OR state = $5 AND lease_ms <= $4)
			ORDER BY due_ms, owner LIMIT %d`, takeMost)+tx.SkipLocked(), id, s.Name, Queued, db.Ms(now), Sending)
		if err != nil {
			return err
		}
		for _, t := range all {
			_, err := tx.ExecContext(ctx, `UPDATE incident_person SET state = $1, lease_ms = $2, tries = tries + 1 WHERE incident_id = $3 AND owner = $4`, Sending, lease, id, string(t.id))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take people of incident %s: %w", id, err)
	}
	return all, nil
}

// send tells somebody, and notes what came of it.
func (s *Store) send(ctx context.Context, one Incident, t taken) error {
	p, err := s.members().Profile(ctx, t.id)
	if fault.KindOf(err) == fault.NotFound {
		return s.Erase(ctx, t.id.Subject())
	}
	if err != nil {
		return err
	}
	if t.was == Sending && t.channel == BySMS { // a provider knows no repeats: nobody is texted twice
		return s.note(ctx, one.ID, t, p, WasUnsure)
	}
	notice, kinds, err := s.said(ctx, one.ID, t, p)
	if err != nil {
		return err
	}
	switch address := addressOf(p, map[Channel]account.ContactKind{ByMail: account.Mail, BySMS: account.Phone}[t.channel]); {
	case address == "": // it was taken out meanwhile
		return s.note(ctx, one.ID, t, p, WasGivenUp)
	case t.channel == ByMail:
		err = s.all.mailTo(ctx, one.ID, t.id, address, p, notice, kinds)
	default:
		err = s.all.textTo(ctx, address, p, notice)
	}
	outcome := WasSent
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Invalid:
		outcome = WasRefused
	case errors.Is(err, sms.ErrUnsure):
		outcome = WasUnsure
	case unset(err), s.all.now().Sub(t.queued) >= giveUp:
		outcome = WasGivenUp
	default:
		outcome = WasDelayed
	}
	if err != nil {
		s.all.log.WarnContext(ctx, "a notice of an incident didn't leave", "kind", string(t.channel), "outcome", string(outcome), "err", err)
	}
	return s.note(context.WithoutCancel(ctx), one.ID, t, p, outcome)
}

// unset reports whether nothing is configured by which such a message could leave.
func unset(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Code == "mail_not_configured" || f.Code == "sms_not_configured")
}

// said is the notice that somebody is told, and which of their data it concerns.
func (s *Store) said(ctx context.Context, id ID, t taken, p account.Profile) (Draft, detail, error) {
	d, err := s.detailOf(ctx, id, t.id)
	if err != nil {
		return Draft{}, d, err
	}
	notice, _, err := s.notice(ctx, id, t.edition, s.all.lang(p.Language))
	return notice, d, err
}

func (s *Store) detailOf(ctx context.Context, id ID, who account.ID) (d detail, err error) {
	k, err := s.Vault.Key(ctx, who.Subject())
	if err != nil {
		return d, err
	}
	var sealed []byte
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT detail FROM incident_person WHERE incident_id = $1 AND owner = $2`, id, string(who)).Scan(&sealed)
	})
	if err != nil {
		return d, fmt.Errorf("what incident %s concerns of %s: %w", id, who, err)
	}
	return d, openJSON(k, fieldDetail, sealed, &d)
}

// note writes down what came of a try, and by which channel it goes on.
func (s *Store) note(ctx context.Context, id ID, t taken, p account.Profile, o Outcome) error {
	now := s.all.now()
	next, state, due, told, tries := t.channel, Sent, int64(0), int64(0), 0
	switch o {
	case WasSent:
		told = db.Ms(now)
	case WasDelayed:
		state, tries = Queued, t.tries+1
		due = db.Ms(now.Add(min(time.Minute<<min(t.tries, 6), mostPause)))
	default:
		next = nextChannel(p, t.channel)
		state, due = firstState(next), db.Ms(now)
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE incident_person SET channel = $1, state = $2, due_ms = $3, told_ms = $4, tries = $5, lease_ms = 0
			WHERE incident_id = $6 AND owner = $7 AND state = $8 AND lease_ms = $9`, next, state, due, told, tries, id, string(t.id), Sending, t.lease)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err // another process has them by now, or they are gone
		}
		return s.try(ctx, tx, id, t.id, t.channel, o)
	})
	if err == nil {
		s.all.metrics.count(t.channel, o)
	}
	return err
}

// try adds a try and counts it.
func (s *Store) try(ctx context.Context, tx *db.Tx, id ID, who account.ID, c Channel, o Outcome) error {
	var seq int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) + 1 FROM incident_try WHERE incident_id = $1 AND owner = $2`, id, string(who)).Scan(&seq); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO incident_try (incident_id, owner, seq, channel, outcome, at_ms) VALUES ($1, $2, $3, $4, $5, $6)`, id, string(who), seq, c, o, db.Ms(s.all.now()))
	if err != nil {
		return err
	}
	return s.count(ctx, tx, id, 0, string(c), string(o))
}

// finish notes that everybody was told, once they are.
func (i *Incidents) finish(ctx context.Context, one Incident) error {
	if one.State == Told {
		return nil
	}
	for _, s := range i.Stores() {
		var waiting int
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM incident_person WHERE incident_id = $1 AND region = $2 AND state NOT IN ($3, $4) AND (state <> $5 OR first_list <= $6 AND last_list >= $6)`,
				one.ID, s.Name, Sent, Done, Found, one.Frozen).Scan(&waiting)
		})
		if err != nil || waiting > 0 {
			return err
		}
	}
	return i.alter(ctx, one.ID, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		if was.State == Told || was.State == Closed || was.Contained.IsZero() || was.Approved != one.Approved || was.Frozen != one.Frozen {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE incident SET state = $1 WHERE id = $2`, Told, one.ID); err != nil {
			return err
		}
		return i.step(ctx, tx, k, one.ID, account.Clerk{}, DidFinish, "")
	})
}

// TellApproved is Tell, for who was told that notices were approved.
func (i *Incidents) TellApproved(ctx context.Context, _ Approved) error { return i.Tell(ctx) }

// RemindDeclared is Remind, for who was told that an incident was declared.
func (i *Incidents) RemindDeclared(ctx context.Context, _ Declared) error { return i.Remind(ctx) }
