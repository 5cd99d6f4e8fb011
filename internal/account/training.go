package account

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/job"
)

// A Training is what those of the staff have to read and say that they follow,
// before anything else and then again. Its words are elsewhere.
type Training struct {
	Version string        // "" none is asked for
	Every   time.Duration // after which it is taken again
}

// trainingTold is how long before their training lapses somebody is told.
const trainingTold = 14 * day

var (
	errUntrained = fault.New(fault.Denied, "staff_untrained", "Please take the training first: security and privacy.")
	errTraining  = fault.New(fault.Conflict, "staff_training", "There is another version of the training by now. Please read that.")
)

// TrainingDue says that the training of somebody of the staff lapses: ask
// TrainingToSend what and whereto.
type TrainingDue struct {
	Staff StaffID `json:"staff"`
	Taken int64   `json:"taken"` // Unix ms; when they took the one that lapses
}

// Kind names the event.
func (TrainingDue) Kind() string { return "account.training_due" }

// Train writes down that a clerk has read the training of a version, in these
// words, and says that they follow it.
func (t Staff) Train(ctx context.Context, c Clerk, version, wording string) error {
	if version != t.m.training.Version {
		return errTraining
	}
	s, err := t.in(c.ID)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO training (id, staff_id, version, wording, at_ms) VALUES ($1, $2, $3, $4, $5)`,
			uuid.Must(uuid.NewV7()).String(), c.ID, version, wording, ms(s.now()))
		if err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: c.ID, of: string(c.ID), did: DidTrain})
	})
	if err != nil {
		return fmt.Errorf("training of %s: %w", c.ID, err)
	}
	return nil
}

// taken is when each of the staff of a region last took the training of the
// version that is asked for.
func (s *Store) taken(ctx context.Context) (map[StaffID]time.Time, error) {
	all := map[StaffID]time.Time{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT staff_id, MAX(at_ms) FROM training WHERE version = $1 GROUP BY staff_id`, s.training.Version)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // it was only read
		for rows.Next() {
			var id StaffID
			var when int64
			if err := rows.Scan(&id, &when); err != nil {
				return err
			}
			all[id] = db.At(when)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	return all, nil
}

// lapses is until when somebody's training holds that they took at a time, zero
// when they have to take it now or none is asked for.
func (s *Store) lapses(taken time.Time) time.Time {
	if s.training.Version == "" || taken.IsZero() {
		return time.Time{}
	}
	if ends := taken.Add(s.training.Every); ends.After(s.now()) {
		return ends
	}
	return time.Time{}
}

// train fills in how it stands with a clerk's training.
func (s *Store) train(ctx context.Context, c *Clerk) error {
	if s.training.Version == "" {
		return nil
	}
	var taken sql.NullInt64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT MAX(at_ms) FROM training WHERE staff_id = $1 AND version = $2`, c.ID, s.training.Version).Scan(&taken)
	})
	if err != nil {
		return fmt.Errorf("training of %s: %w", c.ID, err)
	}
	c.Due = s.lapses(db.At(taken.Int64))
	c.untrained = c.Due.IsZero()
	return nil
}

// RemindTraining has those told whose training lapses within two weeks, once each.
func (s *Store) RemindTraining(ctx context.Context) error {
	if s.training.Version == "" {
		return nil
	}
	taken, err := s.taken(ctx)
	if err != nil {
		return err
	}
	rows, err := s.staff(ctx, `state = $1`, staffActive)
	if err != nil {
		return err
	}
	now := s.now()
	for _, who := range rows {
		when := taken[who.id]
		ends := s.lapses(when)
		if ends.IsZero() || ends.Sub(now) > trainingTold {
			continue
		}
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, `UPDATE staff SET told_ms = $1 WHERE id = $2 AND told_ms < $3`, ms(now), who.id, ms(when))
			if err != nil {
				return err
			}
			if n, err := done.RowsAffected(); err != nil || n == 0 {
				return err // told before, or by another process
			}
			return s.jobs.Add(ctx, tx, job.Args(TrainingDue{who.id, ms(when)}))
		})
		if err != nil {
			return fmt.Errorf("remind %s of the training: %w", who.id, err)
		}
	}
	return nil
}

// TrainingToSend returns what the job TrainingDue is about; errNoLetter, a fault
// of kind NotFound, when they have taken it since, can't come in any more, or it
// has lapsed.
func (m *Members) TrainingToSend(ctx context.Context, e TrainingDue) (Letter, error) {
	s, err := m.in(e.Staff.Region())
	if err != nil {
		return Letter{}, errNoLetter
	}
	who, err := s.ofStaff(ctx, e.Staff)
	if fault.KindOf(err) == fault.NotFound {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, err
	}
	taken, err := s.taken(ctx)
	if err != nil {
		return Letter{}, err
	}
	ends := s.lapses(taken[e.Staff])
	if who.state != staffActive || ends.IsZero() || ms(taken[e.Staff]) != e.Taken {
		return Letter{}, errNoLetter
	}
	return Letter{Kind: LetterTraining, To: who.contact, Ends: ends, At: s.now().UTC()}, nil
}
