package request

import (
	"context"
	"slices"

	"waypost/internal/account"
	"waypost/internal/db"
)

// What the staff did, as their log has it.
const (
	DidEnter  account.Deed = "request_entered"
	DidRead   account.Deed = "request_read"
	DidTake   account.Deed = "request_given"
	DidVerify account.Deed = "request_verified"
	DidAsk    account.Deed = "request_asked"
	DidNote   account.Deed = "request_noted"
	DidFinish account.Deed = "request_done"
	DidDecide account.Deed = "request_refused"
	DidPrint  account.Deed = "request_printed"
)

// Deeds are all of them.
var Deeds = []account.Deed{DidEnter, DidRead, DidTake, DidVerify, DidAsk, DidNote, DidFinish, DidDecide, DidPrint}

// Read shows a request to a clerk, which is written down before.
func (r *Requests) Read(ctx context.Context, c account.Clerk, n Number) (q Request, err error) {
	if err := c.Must(account.AnswerRequest); err != nil {
		return Request{}, err
	}
	s, err := r.of(ctx, n)
	if err != nil {
		return Request{}, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if q, err = s.read(ctx, tx, `number = $2`, string(n)); err != nil {
			return err
		}
		return s.record(ctx, tx, c, q, DidRead)
	})
	if err != nil {
		return Request{}, err
	}
	return q, nil
}

// Give gives a request to somebody of the staff; among is who may have it. A
// clerk takes one by giving it to themselves.
func (r *Requests) Give(ctx context.Context, c account.Clerk, n Number, to account.StaffID, among []account.Clerk) error {
	if to != c.ID && !slices.ContainsFunc(among, func(one account.Clerk) bool { return one.ID == to }) {
		return errClerk
	}
	return r.work(ctx, c, n, DidTake, change{happening: happening{step: Given, given: to}, from: openStates, do: func(q *Request, h *happening) error {
		q.Clerk = to
		if q.State == Received {
			q.State, h.step = after(*q), Begun
		}
		return nil
	}})
}

// Verify notes how the person showed who they are.
func (r *Requests) Verify(ctx context.Context, c account.Clerk, n Number, how Proof) error {
	if !slices.Contains(Proofs, how) {
		return errProof
	}
	return r.work(ctx, c, n, DidVerify, change{
		happening: happening{step: Verified}, from: []State{Received, Verifying}, to: Working, do: func(q *Request, _ *happening) error {
			if !q.Verified.IsZero() {
				return errState
			}
			q.Proof, q.Verified = how, db.At(db.Ms(r.now()))
			return nil
		},
	})
}

// Ask asks the person something. The clock stands until they answer.
func (r *Requests) Ask(ctx context.Context, c account.Clerk, n Number, question string) error {
	text, err := prose(question)
	if err != nil {
		return err
	}
	return r.work(ctx, c, n, DidAsk, change{happening: happening{step: Asked, text: text}, from: []State{Received, Verifying, Working}, to: Waiting})
}

// Hear notes what the person answered by letter or phone.
func (r *Requests) Hear(ctx context.Context, c account.Clerk, n Number, answer string) error {
	text, err := prose(answer)
	if err != nil {
		return err
	}
	return r.work(ctx, c, n, DidNote, answered(text))
}

// Note keeps a note, which the person isn't told of, and is shown when they ask
// for their data.
func (r *Requests) Note(ctx context.Context, c account.Clerk, n Number, note string) error {
	text, err := prose(note)
	if err != nil {
		return err
	}
	return r.work(ctx, c, n, DidNote, change{happening: happening{step: Noted, text: text}, from: States})
}

// Finish ends a request with what was done, in words to the person.
func (r *Requests) Finish(ctx context.Context, c account.Clerk, n Number, answer string) error {
	text, err := prose(answer)
	if err != nil {
		return err
	}
	return r.work(ctx, c, n, DidFinish, change{happening: happening{step: DidDone, text: text}, from: openStates, to: Done, do: func(q *Request, _ *happening) error {
		if q.Verified.IsZero() {
			return errNobody
		}
		return nil
	}})
}

// Refuse ends a request on one of the grounds that its kind can be refused on,
// with words on why that is so here.
func (r *Requests) Refuse(ctx context.Context, c account.Clerk, n Number, g Ground, words string) error {
	text, err := prose(words)
	if err != nil {
		return err
	}
	return r.work(ctx, c, n, DidDecide, change{happening: happening{step: DidRefuse, text: text}, from: openStates, to: Refused, do: func(q *Request, _ *happening) error {
		if !g.fits(q.Kind) {
			return errGround
		}
		q.Ground = g
		return nil
	}})
}

// work is a clerk's step.
func (r *Requests) work(ctx context.Context, c account.Clerk, n Number, did account.Deed, ch change) error {
	if err := c.Must(account.AnswerRequest); err != nil {
		return err
	}
	s, err := r.of(ctx, n)
	if err != nil {
		return err
	}
	ch.by, ch.did = c, did
	_, err = s.change(ctx, ch, `number = $2`, string(n))
	return err
}

// Print is the letter about a step, to be printed by a clerk and posted.
func (r *Requests) Print(ctx context.Context, c account.Clerk, n Number, event string) (l Letter, err error) {
	if err := c.Must(account.AnswerRequest); err != nil {
		return Letter{}, err
	}
	s, err := r.of(ctx, n)
	if err != nil {
		return Letter{}, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		q, err := s.read(ctx, tx, `number = $2`, string(n))
		if err != nil {
			return err
		}
		var there bool
		if l, there = q.letter(event); !there {
			return ErrNone
		}
		return s.record(ctx, tx, c, q, DidPrint)
	})
	return l, err
}

// Printed notes that a letter was printed and posted.
func (r *Requests) Printed(ctx context.Context, c account.Clerk, n Number, event string) error {
	if err := c.Must(account.AnswerRequest); err != nil {
		return err
	}
	s, err := r.of(ctx, n)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		q, err := s.read(ctx, tx, `number = $2`, string(n))
		if err != nil {
			return err
		}
		if _, there := q.letter(event); !there {
			return ErrNone
		}
		if err := s.record(ctx, tx, c, q, DidPrint); err != nil {
			return err
		}
		return s.delivered(ctx, tx, event, LetterPrinted)
	})
}
