package request

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Wish is what somebody asks.
type Wish struct {
	Kind   Kind
	Person Person // of who has no account
	Lang   string // of letters, BCP 47
	Text   string // in their words
}

// maxBack is how long ago a request may have been received that is entered now.
const maxBack = 60 * 24 * time.Hour

// Check brings a wish into its one form, and refuses what can't be used.
func (w Wish) Check() (Wish, error) {
	if !slices.Contains(Kinds, w.Kind) {
		return w, errKind
	}
	if w.Person != Member && !slices.Contains(Outsiders, w.Person) {
		return w, errPerson
	}
	var err error
	w.Text, err = prose(w.Text)
	return w, err
}

// prose is a text of one or more lines.
func prose(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(norm.NFC.String(text), "\r\n", "\n"))
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostText || strings.ContainsFunc(text, bad) {
		return "", errText
	}
	return text, nil
}

// Raise takes the request of who is signed in. also is done in the same transaction,
// on the database of their region.
func (r *Requests) Raise(ctx context.Context, who account.ID, w Wish, also ...func(ctx context.Context, tx *db.Tx) error) (Number, error) {
	w.Person = Member
	w, err := w.Check()
	if err != nil {
		return "", err
	}
	s, err := r.in(who.Region())
	if err != nil {
		return "", err
	}
	open, err := s.count(ctx, `owner = $2 AND ended_ms = 0`, string(who))
	if err != nil {
		return "", err
	}
	if open >= mostOpen {
		return "", errMany
	}
	raised, err := s.insert(ctx, newcomer{Wish: w, owner: who.Subject(), way: ByPage, reach: ToAccount, state: Received, proof: BySession}, func(tx *db.Tx, _ Request) error {
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return raised.Number, err
}

// RaiseOutside takes the request of somebody without an account, once they have
// shown that they read what goes to their address. Told again it makes no other.
// What it returns opens the request's page.
func (r *Requests) RaiseOutside(ctx context.Context, p account.Proven, w Wish) (account.Token, error) {
	w.Lang = p.Language
	w, err := w.Check()
	if err != nil {
		return "", err
	}
	s, err := r.in(p.Region)
	if err != nil {
		return "", err
	}
	if there, err := s.get(ctx, `origin = $2`, p.Flow); !errors.Is(err, ErrNone) {
		return there.token, err
	}
	reach := ToMail
	if p.Contact.Kind == account.Phone {
		reach = ToPhone
	}
	raised, err := s.insert(ctx, newcomer{Wish: w, origin: p.Flow, way: ByPage, reach: reach, contact: p.Contact, state: Received}, nil)
	return raised.token, err
}

// An Entry is a request that came by e-mail, letter or phone.
type Entry struct {
	Wish
	Way      Way
	Account  account.ID // of who has one; "" of others
	Contact  string     // of others: an e-mail address, a phone number, or of ToPost name and address in lines
	Reach    Reach      // of others
	Country  string     // of others, ISO 3166-1 alpha-2: their region; "" the first
	Received time.Time  // the day on which it came
}

// Enter takes a request that came by e-mail, letter or phone. Who they are is
// still to be shown. home is the region where people of a country live.
func (r *Requests) Enter(ctx context.Context, c account.Clerk, e Entry, home func(country string) string) (Number, error) {
	if err := c.Must(account.AnswerRequest); err != nil {
		return "", err
	}
	if e.Account != "" {
		e.Person = Member
	}
	w, err := e.Wish.Check()
	if err != nil {
		return "", err
	}
	n := newcomer{Wish: w, way: e.Way, reach: ToAccount, owner: e.Account.Subject(), state: Verifying, received: e.Received}
	now := r.now()
	switch {
	case !slices.Contains(EnteredWays, e.Way):
		return "", errWay
	case e.Received.After(now), now.Sub(e.Received) > maxBack:
		return "", errWhen
	case e.Account == "" && e.Person == Member:
		return "", errPerson
	}
	s, err := r.in(e.Account.Region())
	if e.Account == "" {
		if n.contact, err = e.contact(); err != nil {
			return "", err
		}
		n.reach = e.Reach
		if s, err = r.in(home(e.Country)); err != nil {
			s, err = r.Stores()[0], nil
		}
	}
	if err != nil {
		return "", err
	}
	raised, err := s.insert(ctx, n, func(tx *db.Tx, q Request) error {
		return r.trail.Record(ctx, tx, s.Name, c, account.Act{Power: account.AnswerRequest, Of: string(q.Owner), Did: DidEnter, Why: why(q.Number)})
	})
	return raised.Number, err
}

// contact is where answers go to who has no account.
func (e Entry) contact() (account.Contact, error) {
	if e.Reach == ToPost {
		text, err := prose(e.Contact)
		if err != nil || !strings.Contains(text, "\n") || utf8.RuneCountInString(text) > 500 {
			return account.Contact{}, errReach
		}
		return account.Contact{Value: text}, nil
	}
	c, err := account.ParseContact(e.Contact, e.Country)
	if err != nil || c.Kind == account.Mail != (e.Reach == ToMail) || c.Kind == account.Phone != (e.Reach == ToPhone) {
		return account.Contact{}, errReach
	}
	return c, nil
}

// A newcomer is a request that is to be written.
type newcomer struct {
	Wish
	origin   string            // "" none: its own id
	owner    inventory.Subject // "" one of its own
	way      Way
	reach    Reach
	contact  account.Contact
	state    State
	proof    Proof
	received time.Time // zero now
}

// insert writes a request, and has the person told that it came. record is called
// in the same transaction.
func (s *Store) insert(ctx context.Context, n newcomer, record func(tx *db.Tx, r Request) error) (Request, error) {
	now := db.At(db.Ms(s.all.now()))
	r := Request{
		ID: s.newID(), Number: newNumber(), Owner: n.owner, Kind: n.Kind, Person: n.Person, Way: n.way, Reach: n.reach, State: n.state, Lang: n.Lang,
		Contact: n.contact.Value, Text: n.Text, Proof: n.proof, Received: now, token: account.Token(s.Name + "." + rand.Text()),
	}
	if !n.received.IsZero() {
		r.Received = n.received.UTC()
	}
	if n.proof != "" {
		r.Verified = now
	}
	alone := r.Owner == ""
	if alone {
		r.Owner = inventory.Subject(r.ID)
		if err := s.Vault.Create(ctx, r.Owner); err != nil {
			return Request{}, err
		}
	}
	if n.origin == "" {
		n.origin = r.ID
	}
	k, err := s.Vault.Key(ctx, r.Owner)
	if err != nil {
		return Request{}, err
	}
	r.Clock = s.clock(r)
	lookup := ""
	if n.contact.Kind != "" {
		lookup = s.Vault.Lookup(fieldContact, n.contact.Key())
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO request (id, region, number, origin, owner, kind, person, way, reach, state, lang, contact, lookup, text, token, hash, clerk, proof, ground,
				received_ms, verified_ms, asked_ms, waited, due_ms, late_ms, ended_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', $17, '', $18, $19, 0, 0, $20, $21, 0)`,
			r.ID, s.Name, string(r.Number), n.origin, string(r.Owner), string(r.Kind), string(r.Person), string(r.Way), string(r.Reach), string(r.State), r.Lang,
			k.SealText(fieldContact, r.Contact), lookup, k.SealText(fieldText, r.Text), k.SealText(fieldToken, string(r.token)),
			s.Vault.Lookup(fieldHash, string(r.token)), string(r.Proof), db.Ms(r.Received), db.Ms(r.Verified), db.Ms(r.Clock.Due), db.Ms(r.Clock.Late))
		if err != nil {
			return err
		}
		if record != nil {
			if err := record(tx, r); err != nil {
				return err
			}
		}
		return s.add(ctx, tx, k, r, happening{step: Came})
	})
	if err != nil {
		if alone {
			err = errors.Join(err, s.unmake(context.WithoutCancel(ctx), r))
		}
		return Request{}, fmt.Errorf("take a request: %w", err)
	}
	return r, nil
}

// unmake destroys the key that was made for a request that isn't there.
func (s *Store) unmake(ctx context.Context, r Request) error {
	if n, err := s.count(ctx, `id = $2`, r.ID); err != nil || n > 0 {
		return err // it may be there: the connection was lost before the answer
	}
	return s.Vault.Destroy(ctx, r.Owner)
}
