package request

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/vault"
)

// Told says that the person is to be told of a step: ask LetterToSend what and
// whereto.
type Told struct {
	Request string `json:"request"` // its id
	Event   string `json:"event"`
}

// Kind names the event.
func (Told) Kind() string { return "request.told" }

// A Letter is what is told of a step.
type Letter struct {
	Number  Number
	Kind    Kind
	Step    Step
	State   State           // as the request stands now
	Account account.ID      // to whose main address it goes; "" to Contact
	Contact account.Contact // of ToPost without a kind: name and address in lines
	Lang    string          // BCP 47
	Text    string          // of Asked, DidDone and DidRefuse: the staff's words
	Ground  Ground          // of DidRefuse
	Proved  bool            // whether it is shown who they are
	Clock   Clock
	Answer  time.Time     // UTC; of Asked: until when they can answer
	At      time.Time     // UTC; when it happened
	Token   account.Token // opens the request's page
}

// letter is the one about a step; false when it has none.
func (r Request) letter(event string) (Letter, bool) {
	at := slices.IndexFunc(r.Events, func(e Event) bool { return e.ID == event && e.Step.isTold() })
	if at < 0 {
		return Letter{}, false
	}
	e := r.Events[at]
	l := Letter{
		Number: r.Number, Kind: r.Kind, Step: e.Step, State: r.State, Account: r.Account(), Contact: account.Contact{Value: r.Contact}, Lang: r.Lang,
		Proved: !r.Verified.IsZero(), Clock: r.Clock, At: e.At, Token: r.token,
	}
	switch r.Reach {
	case ToMail:
		l.Contact.Kind = account.Mail
	case ToPhone:
		l.Contact.Kind = account.Phone
	}
	switch e.Step {
	case Asked:
		l.Text, l.Answer = e.Text, e.At.Add(AnswerIn)
	case DidDone:
		l.Text = e.Text
	case DidRefuse:
		l.Text, l.Ground = e.Text, r.Ground
	}
	return l, true
}

// LetterToSend is what the job Told is about; ErrNone when there is nothing to
// send any more: it was sent already, or who asked is erased.
func (r *Requests) LetterToSend(ctx context.Context, t Told) (Letter, error) {
	s, err := r.in(regionOf(t.Request))
	if err != nil {
		return Letter{}, ErrNone
	}
	q, err := s.get(ctx, `id = $2`, t.Request)
	if errors.Is(err, vault.ErrDestroyed) || errors.Is(err, vault.ErrNoKey) {
		return Letter{}, ErrNone
	}
	if err != nil {
		return Letter{}, err
	}
	if !slices.ContainsFunc(q.Events, func(e Event) bool {
		return e.ID == t.Event && (e.Letter == LetterDue || e.Letter == LetterLeaving)
	}) {
		return Letter{}, ErrNone
	}
	l, there := q.letter(t.Event)
	if !there {
		return Letter{}, ErrNone
	}
	return l, nil
}

// Texting notes that a text message is about to leave. It is false where one was
// before and nobody wrote down what came of it: it isn't repeated, since providers
// know no repeats, and counts as one that can't be delivered.
func (r *Requests) Texting(ctx context.Context, t Told) (first bool, err error) {
	s, err := r.in(regionOf(t.Request))
	if err != nil {
		return false, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE request_letter SET state = $1 WHERE event_id = $2 AND state = $3`, string(LetterLeaving), t.Event, string(LetterDue))
		if err != nil {
			return fmt.Errorf("note a text message: %w", err)
		}
		n, err := done.RowsAffected()
		if first = n > 0; err != nil || first {
			return err
		}
		return s.delivered(ctx, tx, t.Event, LetterFailed)
	})
	return first, err
}

// TextStays notes that a text message didn't leave, and is tried again.
func (r *Requests) TextStays(ctx context.Context, t Told) error { return r.letterIs(ctx, t, LetterDue) }

// LetterSent notes what came of a letter: whether it left, or can't.
func (r *Requests) LetterSent(ctx context.Context, t Told, sent bool) error {
	if sent {
		return r.letterIs(ctx, t, LetterSent)
	}
	return r.letterIs(ctx, t, LetterFailed)
}

func (r *Requests) letterIs(ctx context.Context, t Told, state Delivery) error {
	s, err := r.in(regionOf(t.Request))
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.delivered(ctx, tx, t.Event, state) })
}

func (s *Store) delivered(ctx context.Context, tx *db.Tx, event string, d Delivery) error {
	_, err := tx.ExecContext(ctx, `UPDATE request_letter SET state = $1, done_ms = $2 WHERE event_id = $3`, string(d), db.Ms(s.all.now()), event)
	if err != nil {
		return fmt.Errorf("note a letter: %w", err)
	}
	return nil
}

// regionOf is what an id begins with.
func regionOf(id string) string { return account.ID(id).Region() }
