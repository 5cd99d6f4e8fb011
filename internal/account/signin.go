package account

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

var errSignIn = fault.New(fault.Denied, "sign_in", "The address and the password don't belong together. Check both, or sign in with a code that we send you.")

// SignIn takes an address and a password. What it says and what it does is the
// same for an address without an account as for a wrong password; while a region is
// away it says that, too, whoever asks.
func (m *Members) SignIn(ctx context.Context, c Contact, password string, from From) (Step, error) {
	s, w, away, err := m.find(ctx, c)
	if err != nil {
		return Step{}, err
	}
	wrong := errSignIn
	if away {
		wrong = errSignInAway
	}
	known, err := s.knows(ctx, w.account, from)
	if err != nil {
		return Step{}, err
	}
	here, account := bucket{limitHere, c.key() + " " + from.network()}, bucket{limitAccount, c.key()}
	counted := []bucket{{limitNetwork, from.network()}, here, account}
	if known {
		counted[2].limit = limitAccount.of(from.Browser) // its own count, whatever strangers do
	}
	if err := s.spend(ctx, counted...); err != nil {
		return Step{}, err
	}
	right, again, err := s.passwords.check(ctx, w.phc, password)
	if err != nil {
		return Step{}, err
	}
	if !right {
		return Step{}, wrong
	}
	if err := s.rightPassword(ctx, w.account, again, counted[1:]); err != nil {
		return Step{}, err
	}
	f := &flow{purpose: SigningIn, account: w.account, state: flowState{Contact: c, Language: from.Language}}
	return s.proved(ctx, f, ByPassword, "", from)
}

// rightPassword forgets the tries that led to it, and stores the hash at
// today's cost when that has grown.
func (s *Store) rightPassword(ctx context.Context, id ID, again string, counted []bucket) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		if again != "" {
			if _, err := tx.ExecContext(ctx, `UPDATE password SET phc = $1 WHERE account_id = $2`, again, id); err != nil {
				return err
			}
		}
		return s.forget(ctx, tx, counted...)
	})
	if err != nil {
		return fmt.Errorf("account %s: %w", id, err)
	}
	return nil
}

// SendCode begins a sign-in by a code that is sent to an address. To one that
// has no account a message goes that says so, or that a region is away where there
// may be one; here nothing tells the difference.
func (m *Members) SendCode(ctx context.Context, c Contact, from From) (Token, error) {
	return m.sendCode(ctx, SigningIn, LetterSignIn, c, from)
}

// Reset begins the setting of a new password, for who forgot theirs or never
// had one, by a code to an address of theirs; like SendCode it tells nothing.
func (m *Members) Reset(ctx context.Context, c Contact, from From) (Token, error) {
	return m.sendCode(ctx, Resetting, LetterReset, c, from)
}

func (m *Members) sendCode(ctx context.Context, p Purpose, l LetterKind, c Contact, from From) (Token, error) {
	s, w, away, err := m.find(ctx, c)
	if err != nil {
		return "", err
	}
	if err := s.spendCode(ctx, w.account, c, from); err != nil {
		return "", err
	}
	switch {
	case w.account != "":
	case away:
		l = LetterAway
	default:
		l = LetterNoAccount
	}
	f := &flow{purpose: p, account: w.account, coded: true, state: flowState{Contact: c, Language: from.Language, Letter: l}}
	return s.begin(ctx, f)
}

// spendCode counts a code that is to be sent to an address.
func (s *Store) spendCode(ctx context.Context, id ID, c Contact, from From) error {
	known, err := s.knows(ctx, id, from)
	if err != nil {
		return err
	}
	counted := []bucket{{limitNetwork, from.network()}, {limitCodeHere, c.key() + " " + from.network()}, {limitCode, c.key()}}
	if known {
		counted[2].limit = limitCode.of(from.Browser)
	}
	return s.spend(ctx, counted...)
}

// of is the same limit with a count of its own for a browser.
func (l limit) of(browser string) limit {
	l.name += " of " + browser
	return l
}

// proved takes note that whoever a flow is of has shown a factor, and says what
// comes next: something more to show, a new password, or they are signed in. It
// is where every way of signing in ends. token is what the browser carries,
// "" when the flow was not written yet.
func (s *Store) proved(ctx context.Context, f *flow, by Factor, token Token, from From) (Step, error) {
	w, err := s.waysOf(ctx, f.account)
	if err != nil {
		return Step{}, err
	}
	if err := w.usable(); err != nil {
		return Step{}, err
	}
	if f.state.Shown == nil {
		f.state.Shown = map[Factor]time.Time{}
	}
	f.state.Shown[by], f.coded = s.now().UTC(), false
	step := Step{Account: f.account, Flow: token, Need: w.need(f.state.Shown), NewPassword: f.purpose == Resetting}
	if step.NewPassword {
		step.Need = nil // the second factor comes after the password, when they sign in
	}
	switch {
	case len(step.Need) == 0 && f.purpose == SigningIn:
		return s.signIn(ctx, f, w.state, from)
	case len(step.Need) == 0 && f.purpose == Proving:
		return s.renew(ctx, f)
	case f.id == "":
		step.Flow, err = s.begin(ctx, f)
		return step, err
	}
	return step, s.keep(ctx, f)
}

// NewPassword sets the password of who has entered the code of a reset, signs
// out every device, and goes on to sign them in.
func (m *Members) NewPassword(ctx context.Context, token Token, password string, from From) (Step, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return Step{}, err
	}
	if _, shown := f.state.Shown[ByCode]; !shown || f.purpose != Resetting {
		return Step{}, errNotNeeded
	}
	if err := s.setPassword(ctx, f.account, password, spared{flow: f.id}, from); err != nil {
		return Step{}, err
	}
	f.purpose = SigningIn
	if err := s.keep(ctx, f); err != nil {
		return Step{}, err
	}
	return s.proved(ctx, f, ByCode, token, from)
}
