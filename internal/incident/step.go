package incident

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// A Did is what was done about an incident.
type Did string

// What can be done.
const (
	DidDeclare Did = "declared"
	DidEdit    Did = "edited"
	DidNote    Did = "noted"
	DidContain Did = "contained"
	DidLook    Did = "looked"  // asked who is concerned
	DidFreeze  Did = "frozen"  // decided that this is the list
	DidDraft   Did = "drafted" // wrote a notice
	DidAsk     Did = "asked"   // asked for approval of the notices
	DidApprove Did = "approved"
	DidSpare   Did = "spared" // decided that nobody has to be told
	DidTell    Did = "authority_told"
	DidNotTell Did = "authority_spared"
	DidReach   Did = "reached"  // saw how people are reached, to call them or write to them
	DidByHand  Did = "by_hand"  // called somebody, or posted letters
	DidFinish  Did = "told"     // everybody was told
	DidExport  Did = "exported" // took all of it out
	DidClose   Did = "closed"
)

var (
	errNote        = fault.New(fault.Invalid, "incident_note", "Write what is to be kept, in at most 6,000 characters.")
	errLessons     = fault.New(fault.Invalid, "incident_lessons", "Write what was learned, in at most 6,000 characters.")
	errUncontained = fault.New(fault.Conflict, "incident_uncontained", "Say first since when it goes no further.")
	errUnsettled   = fault.New(fault.Conflict, "incident_unsettled", "An authority is still to be told. Note that it was, or why it need not be.")
	errUntold      = fault.New(fault.Conflict, "incident_untold", "Not everybody was told yet. Finish that first, or note why nobody has to be.")
	errTold        = fault.New(fault.Conflict, "incident_told", "Notices were sent already.")
)

// A Step is something that was done. Steps are only added.
type Step struct {
	At    time.Time // UTC
	Did   Did
	By    account.StaffID // "" the program, somebody at the console, or who is gone
	Words string
}

// step adds what was done. The incident is new, or locked.
func (i *Incidents) step(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, c account.Clerk, did Did, words string) error {
	sealed := []byte{}
	if words != "" {
		sealed = k.SealText(fieldStep, words)
	}
	var seq int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) + 1 FROM incident_step WHERE incident_id = $1`, id).Scan(&seq); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO incident_step (incident_id, seq, did, words, at_ms) VALUES ($1, $2, $3, $4, $5)`, id, seq, did, sealed, db.Ms(i.now()))
	if err != nil || c.ID == "" {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO incident_hand (incident_id, seq, staff_id) VALUES ($1, $2, $3)`, id, seq, c.ID)
	return err
}

// History is what was done about an incident, oldest first.
func (i *Incidents) History(ctx context.Context, c account.Clerk, id ID) (steps []Step, err error) {
	if err := c.Must(account.ReadIncidents); err != nil {
		return nil, err
	}
	return i.history(ctx, id)
}

func (i *Incidents) history(ctx context.Context, id ID) (steps []Step, err error) {
	k, err := i.house.House(ctx)
	if err != nil {
		return nil, err
	}
	err = i.book().DB.Read(ctx, func(tx *db.Tx) error {
		steps, err = db.Rows(ctx, tx, func(row *sql.Rows) (s Step, err error) {
			var when int64
			var words []byte
			if err := row.Scan(&when, &s.Did, &s.By, &words); err != nil {
				return s, err
			}
			s.At = db.At(when)
			if len(words) > 0 {
				s.Words, err = k.OpenText(fieldStep, words)
			}
			return s, err
		}, `
			SELECT s.at_ms, s.did, COALESCE(h.staff_id, ''), s.words FROM incident_step s
			LEFT JOIN incident_hand h ON h.incident_id = s.incident_id AND h.seq = s.seq
			WHERE s.incident_id = $1 ORDER BY s.seq`, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of incident %s: %w", id, err)
	}
	return steps, nil
}
