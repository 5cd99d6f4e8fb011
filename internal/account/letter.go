package account

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A LetterKind is which message is to be sent. Its words are elsewhere.
type LetterKind string

// Letters with a code.
const (
	LetterSignUp  LetterKind = "sign_up"
	LetterSignIn  LetterKind = "sign_in"
	LetterReset   LetterKind = "reset"
	LetterProve   LetterKind = "prove"
	LetterMove    LetterKind = "move"    // enter this to let another address come in
	LetterContact LetterKind = "contact" // enter this to have messages sent here
	LetterAsk     LetterKind = "ask"     // enter this to ask for something without an account
	LetterCall    LetterKind = "call"    // read this out to whom you have called
)

// Letters without one.
const (
	LetterNoAccount  LetterKind = "no_account"  // somebody tried to sign in with this address, which has none
	LetterAway       LetterKind = "away"        // somebody tried to sign in with this address, which belongs to none that can be reached right now
	LetterHasAccount LetterKind = "has_account" // somebody tried to sign up with this address, or to take it, and it has one
	LetterNotice     LetterKind = "notice"      // What was changed
	LetterGuardian   LetterKind = "guardian"    // a child wants an account
	LetterInvitation LetterKind = "invitation"  // to a business account
	LetterPolicy     LetterKind = "policy"      // the privacy policy will change
	LetterTraining   LetterKind = "training"    // to one of the staff: their training lapses
)

func (k LetterKind) hasCode() bool {
	switch k {
	case LetterSignUp, LetterSignIn, LetterReset, LetterProve, LetterMove, LetterContact, LetterAsk, LetterCall:
		return true
	}
	return false
}

// A Letter is what is to be sent, and whereto.
type Letter struct {
	Kind     LetterKind
	To       Contact
	Language string // BCP 47, "" the installation's
	Nickname string // of whom it is about, of an invitation who invites; "" unknown

	Code  string // of letters with a code
	Again int    // of these, how often it was asked for again

	What   What   // of a notice
	Detail string // of a notice or move: the new address with its middle left out, a passkey's name, a provider's, how many recovery codes are left; of an invitation: what the business is called
	Device string // of a notice: browser and system it was done with, "" unknown

	Role Role // of an invitation

	Version int // of the privacy policy, of an announcement

	Token Token     // undoes what a notice tells, or lets a guardian or who is invited answer; "" there is nothing to undo
	Link  string    // of a notice: where on the site it leads, without the slash that it begins with; "" nowhere
	Ends  time.Time // UTC; until when the code, token or link can be used; of an announcement, from when on the version applies
	At    time.Time // UTC; when it happened
}

var errNoLetter = fault.New(fault.NotFound, "letter_void", "There is nothing to send any more.")

// CodeToSend returns what the job Code is about; errNoLetter, a fault of kind
// NotFound, when its flow is over and nothing is to be sent.
func (m *Members) CodeToSend(ctx context.Context, c Code) (Letter, error) {
	s, err := m.in(regionOf(c.Flow))
	if err != nil {
		return Letter{}, errNoLetter
	}
	now := ms(s.now())
	var codeEnds int64
	f, err := s.readFlow(ctx, `SELECT `+flowColumns+` FROM flow WHERE id = $1 AND code <> '' AND code_ms > $2 AND ends_ms > $2`, c.Flow, now)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return Letter{}, errNoLetter
		}
		return Letter{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT code_ms FROM flow WHERE id = $1`, f.id).Scan(&codeEnds)
	})
	if err != nil {
		return Letter{}, fmt.Errorf("letter of flow %s: %w", f.id, err)
	}
	l := Letter{Kind: f.state.Letter, To: f.state.Contact, Language: f.state.Language, Ends: db.At(min(codeEnds, ms(f.ends))), At: s.now().UTC(), Again: int(f.resends)}
	if l.Kind == LetterMove {
		l.Detail = f.state.Next.Masked()
	}
	if l.Kind.hasCode() {
		l.Code = f.state.Code
	}
	return l, nil
}
