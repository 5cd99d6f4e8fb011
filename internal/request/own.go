package request

import (
	"context"
	"database/sql"
	"fmt"

	"waypost/internal/account"
	"waypost/internal/db"
)

// openStates are the states in which something can still happen.
var openStates = []State{Received, Verifying, Working, Waiting}

// ByToken is the request that a letter's link leads to.
func (r *Requests) ByToken(ctx context.Context, token account.Token) (Request, error) {
	s, err := r.in(token.Region())
	if err != nil {
		return Request{}, err
	}
	return s.get(ctx, `hash = $2`, s.Vault.Lookup(fieldHash, string(token)))
}

// Own is a member's request.
func (r *Requests) Own(ctx context.Context, who account.ID, n Number) (Request, error) {
	s, err := r.in(who.Region())
	if err != nil {
		return Request{}, err
	}
	return s.get(ctx, `number = $2 AND owner = $3`, string(n), string(who))
}

// OwnAll are a member's requests, newest first, without their events.
func (r *Requests) OwnAll(ctx context.Context, who account.ID) (all []Request, err error) {
	s, err := r.in(who.Region())
	if err != nil {
		return nil, err
	}
	var rows []sealed
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err = db.Rows(ctx, tx, func(row *sql.Rows) (sealed, error) { return scan(row) },
			fmt.Sprintf(`SELECT `+columns+` FROM request WHERE region = $1 AND owner = $2 ORDER BY received_ms DESC, id DESC LIMIT %d`, mostList), s.Name, string(who))
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	k, err := s.Vault.Key(ctx, who.Subject())
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		one, err := s.open(k, row)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// Answer is what the person says to what they were asked.
func (r *Requests) Answer(ctx context.Context, q Request, text string) (Request, error) {
	text, err := prose(text)
	if err != nil {
		return Request{}, err
	}
	return r.own(ctx, q, answered(text))
}

// answered is the step of who was asked something.
func answered(text string) change {
	return change{happening: happening{step: Answered, text: text}, from: []State{Waiting}, do: func(q *Request, _ *happening) error {
		q.State = after(*q)
		return nil
	}}
}

// after is in which state a request is that is worked on.
func after(q Request) State {
	if q.Verified.IsZero() {
		return Verifying
	}
	return Working
}

// TakeBack ends a request that the person doesn't want any more.
func (r *Requests) TakeBack(ctx context.Context, q Request) (Request, error) {
	return r.own(ctx, q, change{happening: happening{step: DidBack}, from: openStates, to: TakenBack})
}

// own is a step of the person's own on a request that ByToken or Own returned.
func (r *Requests) own(ctx context.Context, q Request, c change) (Request, error) {
	s, err := r.in(regionOf(q.ID))
	if err != nil {
		return Request{}, err
	}
	return s.change(ctx, c, `id = $2`, q.ID)
}
