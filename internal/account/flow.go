package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/vault"
)

// A Purpose is what a flow is for.
type Purpose string

// Purposes.
const (
	SigningUp    Purpose = "sign_up"
	SigningIn    Purpose = "sign_in"
	Resetting    Purpose = "reset"    // a new password, by a code to a verified address
	Proving      Purpose = "prove"    // again, in a session, before something dangerous
	Typing       Purpose = "typing"   // what was typed before Proving
	NewContact   Purpose = "contact"  // another address: a code goes to one that is there, then one to it
	NewPasskey   Purpose = "passkey"  // another passkey
	WithProvider Purpose = "provider" // at a provider, or back from it
	Asking       Purpose = "ask"      // something that doesn't take an account: see Ask
)

const (
	flowLife   = 15 * time.Minute
	codeLife   = 10 * time.Minute
	codeTries  = 5
	maxResends = 3
)

var (
	errFlow      = fault.New(fault.NotFound, "flow_over", "That took too long, or was finished elsewhere. Please begin again.")
	errCode      = fault.New(fault.Invalid, "code_wrong", "That is not the code. Look at the newest message; you have %d more tries.")
	errCodeOver  = fault.New(fault.Invalid, "code_over", "That code can't be used any more. Ask for another one.")
	errResend    = fault.New(fault.Limited, "code_resend", "Another code can be sent in %s.")
	errResends   = fault.New(fault.Limited, "code_resends", "The code was sent several times. Please begin again later, or check the address.")
	errNotNeeded = fault.New(fault.Conflict, "flow_step", "That is not what comes next here. Please begin again.")
)

// A Flow is something begun and not finished, as its browser may see it.
type Flow struct {
	ID       string
	Purpose  Purpose
	Account  ID        // whose it is, in a sign-in whose first factor was right; "" before
	To       Contact   // where the code went
	Next     Contact   // of NewContact: where another code goes after this one; zero when none does
	Code     bool      // whether one is awaited
	Need     []Factor  // which of these comes next, when no code is awaited
	Received *Received // of WithProvider: who came back, and is to say what they want; nil nobody yet
	Resend   time.Time
	Ends     time.Time
}

// Code says that a code is to be sent: ask CodeToSend what and whereto.
type Code struct {
	Flow string `json:"flow"` // its id
}

// Kind names the event.
func (Code) Kind() string { return "account.code" }

// A flow is a flow's row.
type flow struct {
	id      string
	day     string
	purpose Purpose
	account ID
	session string
	state   flowState
	coded   bool // a code is awaited
	tries   int64
	resends int64
	resend  time.Time
	ends    time.Time
}

// flowState is what a flow holds of a person.
type flowState struct {
	Contact  Contact              `json:"contact,omitzero"`
	Next     Contact              `json:"next,omitzero"` // whose turn it is when Contact has agreed to it
	Language string               `json:"language,omitempty"`
	Code     string               `json:"code,omitempty"`
	Letter   LetterKind           `json:"letter,omitempty"`
	Shown    map[Factor]time.Time `json:"shown,omitempty"`
	SignUp   *application         `json:"sign_up,omitempty"`
	Extra    []byte               `json:"extra,omitempty"` // what a passkey, a provider or a form keeps in between
}

// flowsKey returns the key of what was begun on a day. All flows of a day share
// it, because most are nobody's yet; it is destroyed two days later, so they
// are gone from backups as well.
func (s *Store) flowsKey(ctx context.Context, day string) (*vault.Sealer, error) {
	k, err := s.vault.Key(ctx, s.flowsSubject(day))
	if errors.Is(err, vault.ErrNoKey) {
		return s.newKey(ctx, s.flowsSubject(day))
	}
	return k, err
}

func (s *Store) flowsSubject(day string) inventory.Subject {
	return inventory.Subject(s.region + "-flows-" + day)
}

// begin writes a new flow, with the jobs that it makes necessary, and returns
// what the browser carries.
func (s *Store) begin(ctx context.Context, f *flow) (Token, error) {
	now := s.now()
	f.id, f.day, f.ends = newID(s.region), now.UTC().Format(time.DateOnly), now.Add(flowLife)
	if f.coded {
		f.state.Code, f.tries, f.resend = f.state.Letter.newCode(), codeTries, now.Add(resendWait(0))
	}
	k, err := s.flowsKey(ctx, f.day)
	if err != nil {
		return "", err
	}
	state, err := k.SealJSON(fieldFlow, f.state)
	if err != nil {
		return "", err
	}
	token, hash := newToken(s.region)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO flow (id, day, token, purpose, account_id, session_id, state, code, code_ms, tries, resends, resend_ms, ends_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)`,
			f.id, f.day, hash, f.purpose, f.account, f.session, state, s.codeHash(f), ms(now.Add(codeLife)), f.tries, ms(f.resend), ms(f.ends))
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, f)
	})
	if err != nil {
		return "", fmt.Errorf("begin %s: %w", f.purpose, err)
	}
	return token, nil
}

// tell adds the job that sends the code, when one is awaited.
func (s *Store) tell(ctx context.Context, tx *db.Tx, f *flow) error {
	if !f.coded {
		return nil
	}
	return s.jobs.Add(ctx, tx, job.Args(Code{Flow: f.id}))
}

// codeHash is how a flow's code is stored, "" when none is awaited.
func (s *Store) codeHash(f *flow) string {
	if !f.coded {
		return ""
	}
	return s.vault.Lookup(fieldCode, f.id+" "+f.state.Code)
}

// newCode makes a code of six digits; for a letter that holds none, one that
// nobody can enter.
func (k LetterKind) newCode() string {
	if !k.hasCode() {
		return rawToken()
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%06d", n)
}

// resendWait is how long one waits to have the code sent again: 1, 2, 4 minutes.
func resendWait(resends int64) time.Duration { return time.Minute << resends }

const flowColumns = `id, day, purpose, account_id, session_id, state, code, code_ms, tries, resends, resend_ms, ends_ms`

// scanFlow reads flowColumns; the state is still sealed.
func (s *Store) scanFlow(row interface{ Scan(...any) error }) (f *flow, sealed []byte, err error) {
	f = &flow{}
	var code string
	var codeEnds, resend, ends int64
	err = row.Scan(&f.id, &f.day, &f.purpose, &f.account, &f.session, &sealed, &code, &codeEnds, &f.tries, &f.resends, &resend, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, errFlow
	}
	f.coded, f.resend, f.ends = code != "", db.At(resend), db.At(ends)
	return f, sealed, err
}

// open opens a flow's state.
func (s *Store) open(ctx context.Context, f *flow, sealed []byte) error {
	k, err := s.flowsKey(ctx, f.day)
	if err != nil {
		return err
	}
	return k.OpenJSON(fieldFlow, sealed, &f.state)
}

// flow reads what a token stands for.
func (s *Store) flow(ctx context.Context, token Token) (*flow, error) {
	return s.readFlow(ctx, `SELECT `+flowColumns+` FROM flow WHERE token = $1 AND ends_ms > $2`, token.hash(), ms(s.now()))
}

func (s *Store) readFlow(ctx context.Context, query string, args ...any) (*flow, error) {
	var f *flow
	var sealed []byte
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		f, sealed, err = s.scanFlow(tx.QueryRowContext(ctx, query, args...))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read flow: %w", err)
	}
	return f, s.open(ctx, f, sealed)
}

// keep writes what was shown in a flow, and whether a code is awaited still.
func (s *Store) keep(ctx context.Context, f *flow) error {
	k, err := s.flowsKey(ctx, f.day)
	if err != nil {
		return err
	}
	state, err := k.SealJSON(fieldFlow, f.state)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE flow SET state = $1, account_id = $2, code = $3, purpose = $4 WHERE id = $5 AND ends_ms > $6`,
			state, f.account, s.codeHash(f), f.purpose, f.id, ms(s.now()))
		return one(done, err, errFlow)
	})
}

// finish ends a flow in the transaction that does what it was for; twice is errFlow.
func (s *Store) finish(ctx context.Context, tx *db.Tx, f *flow) error {
	if f.id == "" {
		return nil // it was over in one step, and never written
	}
	done, err := tx.ExecContext(ctx, `UPDATE flow SET ends_ms = 0, state = $1, code = '', account_id = $2 WHERE id = $3 AND ends_ms > 0`, []byte{}, f.account, f.id)
	return one(done, err, errFlow)
}

// noRow makes an error of a row that isn't there.
func noRow(err, none error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return err
}

// one makes an error of a statement that changed nothing.
func one(done sql.Result, err error, none error) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return none
}

// Flow returns what a browser's token stands for; a fault of kind NotFound when
// it is over.
func (m *Members) Flow(ctx context.Context, token Token) (Flow, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return Flow{}, err
	}
	seen := Flow{ID: f.id, Purpose: f.purpose, To: f.state.Contact, Next: f.state.Next, Code: f.coded, Resend: f.resend, Ends: f.ends}
	if at, err := f.sent(); err == nil && at.Back != nil {
		seen.Received = at.Back.received()
	}
	if len(f.state.Shown) > 0 || f.session != "" {
		seen.Account = f.account
		if f.purpose != SigningIn && f.purpose != Proving {
			return seen, nil
		}
		w, err := s.waysOf(ctx, f.account)
		if err != nil {
			return Flow{}, err
		}
		seen.Need = slices.DeleteFunc(w.need(f.state.Shown), func(Factor) bool { return f.coded })
	}
	return seen, nil
}

func (m *Members) flow(ctx context.Context, token Token) (*Store, *flow, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return nil, nil, errFlow
	}
	f, err := s.flow(ctx, token)
	return s, f, err
}
