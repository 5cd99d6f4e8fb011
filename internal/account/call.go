package account

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// A caller shows who they are by a code: one that was sent to the address of the
// account, or one that the account's own page shows who is signed in. Before
// that, whoever looks sees nothing of the account.
const (
	callTries = 5 // a look
	callSends = 3 // a look
)

var (
	limitCallSend  = limit{"call_send", 6, time.Hour, nil}
	limitCallEnter = limit{"call_enter", 20, time.Hour, nil}
)

var (
	errCaller    = fault.New(fault.Denied, "caller_unknown", "The caller hasn't shown yet who they are.")
	errCallCode  = fault.New(fault.Invalid, "caller_code", "That is not the code. %d more tries.")
	errCallOver  = fault.New(fault.Invalid, "caller_over", "No code can be entered any more. Tell the caller nothing; they can call again.")
	errCallSends = fault.New(fault.Limited, "caller_sends", "The code was sent several times already. The caller's account page can show one.")
	errCallTo    = fault.New(fault.Conflict, "caller_nowhere", "No code can be sent. The caller's account page can show one.")
	errNoCall    = fault.New(fault.NotFound, "call_missing", "Nobody of the staff is on the phone with you. Whoever asks you for a code isn't from here.")
)

// A Proof is how a caller showed who they are.
type Proof string

// Proofs.
const (
	BySent Proof = "sent" // by a code that was sent to their address
	ByPage Proof = "page" // by a code that their account's page shows
)

// A Call is how it stands with a caller.
type Call struct {
	Sent   bool      // whether a code was sent that can be entered
	Tries  int64     // left
	Proved time.Time // UTC; when they showed who they are, zero not yet
	By     Proof
}

// Calling says that a code for a caller is to be sent: ask CallToSend what and
// whereto.
type Calling struct {
	Look LookID `json:"look"`
	Sent int64  `json:"sent"` // the how-manieth
}

// Kind names the event.
func (Calling) Kind() string { return "account.calling" }

// A look is a row: what somebody of the staff may look at, and until when.
type look struct {
	id      LookID
	staff   StaffID
	account ID
	why     Why
	shown   []Power
	ends    time.Time
	sent    []byte // sealed code that was sent, until sentEnds
	page    []byte // sealed code that the account's page shows, until pageEnds
	sentMS  int64
	pageMS  int64
	sends   int64
	tries   int64 // left
	proved  time.Time
	by      Proof
}

func (l look) call(now time.Time) Call {
	return Call{Sent: len(l.sent) > 0 && l.sentMS > ms(now), Tries: l.tries, Proved: l.proved, By: l.by}
}

func (s *Store) insertLook(ctx context.Context, tx *db.Tx, l look) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO look (id, staff_id, account_id, matter, ref, shown, made_ms, ends_ms, sent, sent_ms, page, page_ms, sends, tries, proved_ms, proof)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $9, 0, 0, $10, 0, '')`,
		l.id, l.staff, l.account, l.why.Matter, l.why.Ref, listed(l.shown), ms(s.now()), ms(l.ends), []byte{}, callTries)
	return err
}

const lookColumns = `id, staff_id, account_id, matter, ref, shown, ends_ms, sent, sent_ms, page, page_ms, sends, tries, proved_ms, proof`

func scanLook(row interface{ Scan(...any) error }) (l look, err error) {
	var shown string
	var ends, proved int64
	err = row.Scan(&l.id, &l.staff, &l.account, &l.why.Matter, &l.why.Ref, &shown, &ends, &l.sent, &l.sentMS, &l.page, &l.pageMS, &l.sends, &l.tries, &proved, &l.by)
	l.shown, l.ends, l.proved = unlisted(shown), db.At(ends), db.At(proved)
	return l, err
}

// liveLook returns the newest look that where chooses and that isn't over; errLook
// when there is none.
func (s *Store) liveLook(ctx context.Context, where string, args ...any) (l look, err error) {
	args = append(args, ms(s.now()))
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		l, err = scanLook(tx.QueryRowContext(ctx, fmt.Sprintf(`SELECT %s FROM look WHERE %s AND ends_ms > $%d ORDER BY made_ms DESC, id DESC LIMIT 1`,
			lookColumns, where, len(args)), args...))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return look{}, errLook
	}
	if err != nil {
		return look{}, fmt.Errorf("look: %w", err)
	}
	return l, nil
}

// called returns a clerk's look for a caller who hasn't shown yet who they are.
func (t Staff) called(ctx context.Context, c Clerk, id LookID) (*Store, look, error) {
	if err := c.mayFor(FindAccount, ForCall); err != nil {
		return nil, look{}, err
	}
	s, l, err := t.looking(ctx, c, id)
	if err == nil && (l.why.Matter != ForCall || !l.proved.IsZero()) {
		err = errLook
	}
	return s, l, err
}

// SendCall sends a code that a caller is to read out, to where the account's
// messages go. It works for ten minutes; one that was sent before is void.
func (t Staff) SendCall(ctx context.Context, c Clerk, id LookID) error {
	s, l, err := t.called(ctx, c, id)
	if err != nil {
		return err
	}
	if l.sends >= callSends {
		return errCallSends
	}
	if err := s.spend(ctx, bucket{limitCallSend, string(l.account)}); err != nil {
		return err
	}
	p, err := s.Profile(ctx, l.account)
	if err != nil {
		return err
	}
	if p.Main().IsZero() {
		return errCallTo
	}
	k, err := s.vault.Key(ctx, l.account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE look SET sent = $1, sent_ms = $2, sends = sends + 1 WHERE id = $3 AND sends = $4 AND proved_ms = 0`,
			k.SealText(fieldCallSent, LetterCall.newCode()), ms(s.now().Add(codeLife)), l.id, l.sends)
		if err := one(done, err, errLook); err != nil {
			return err
		}
		if err := s.record(ctx, tx, entry{staff: c.ID, duty: c.dutyFor(FindAccount, ForCall), of: string(l.account), did: DidSend, why: l.why}); err != nil {
			return err
		}
		return s.jobs.Add(ctx, tx, Calling{l.id, l.sends + 1})
	})
	if err != nil {
		return fmt.Errorf("send a caller's code: %w", err)
	}
	return nil
}

// CallToSend returns what the job Calling is about; errNoLetter, a fault of kind
// NotFound, when the code is void.
func (m *Members) CallToSend(ctx context.Context, e Calling) (Letter, error) {
	s, err := m.in(regionOf(string(e.Look)))
	if err != nil {
		return Letter{}, errNoLetter
	}
	l, err := s.liveLook(ctx, `id = $1`, e.Look)
	if fault.KindOf(err) == fault.NotFound {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, err
	}
	if l.sends != e.Sent || !l.call(s.now()).Sent || !l.proved.IsZero() {
		return Letter{}, errNoLetter
	}
	k, err := s.vault.Key(ctx, l.account.Subject())
	if err != nil {
		return Letter{}, err
	}
	code, err := k.OpenText(fieldCallSent, l.sent)
	if err != nil {
		return Letter{}, err
	}
	p, err := s.Profile(ctx, l.account)
	if err != nil {
		return Letter{}, err
	}
	return Letter{Kind: LetterCall, To: p.Main(), Language: p.Language, Code: code, Ends: db.At(l.sentMS), At: s.now().UTC()}, nil
}

// A CallCode is what the page of an account shows to who is on the phone with
// the staff.
type CallCode struct {
	Code string
	Ends time.Time // UTC
}

// Called reports whether somebody of the staff is on the phone with who says that
// they are the owner of an account.
func (s *Store) Called(ctx context.Context, id ID) (bool, error) {
	_, err := s.liveLook(ctx, `account_id = $1 AND matter = $2 AND proved_ms = 0`, id, ForCall)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// CallCode returns a code that shows who is on the phone with the staff that they
// are signed in, for ten minutes; asked for again, another one. A fault of kind
// NotFound when nobody of the staff waits for one.
func (s *Store) CallCode(ctx context.Context, id ID) (CallCode, error) {
	l, err := s.liveLook(ctx, `account_id = $1 AND matter = $2 AND proved_ms = 0`, id, ForCall)
	if fault.KindOf(err) == fault.NotFound {
		return CallCode{}, errNoCall
	}
	if err != nil {
		return CallCode{}, err
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return CallCode{}, err
	}
	c := CallCode{Code: LetterCall.newCode(), Ends: s.now().Add(codeLife).UTC()}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE look SET page = $1, page_ms = $2 WHERE id = $3 AND proved_ms = 0`, k.SealText(fieldCallPage, c.Code), ms(c.Ends), l.id)
		return one(done, err, errNoCall)
	})
	if err != nil {
		return CallCode{}, fmt.Errorf("code of a caller: %w", err)
	}
	return c, nil
}

// EnterCall takes the code that a caller reads out. With it the look shows what
// its matter needs, for another quarter of an hour. Each try is written down.
func (t Staff) EnterCall(ctx context.Context, c Clerk, id LookID, code string) error {
	s, l, err := t.called(ctx, c, id)
	if err != nil {
		return err
	}
	if err := s.spend(ctx, bucket{limitCallEnter, string(l.account)}); err != nil {
		return err
	}
	if l, err = s.tryCall(ctx, l.id); err != nil {
		return err
	}
	by, err := s.proof(ctx, l, code)
	if err != nil {
		return err
	}
	p, err := s.Profile(ctx, l.account)
	if err != nil {
		return err
	}
	e := entry{staff: c.ID, duty: c.dutyFor(FindAccount, ForCall), of: string(l.account), did: DidMistake, why: l.why}
	if by != "" {
		e.did, e.shown = DidProve, c.shows(ForCall, !p.Restricted.IsZero())
	}
	now := s.now()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.record(ctx, tx, e); err != nil || by == "" {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE look SET proved_ms = $1, proof = $2, ends_ms = $3, shown = $4, sent = $5, page = $5 WHERE id = $6 AND proved_ms = 0`,
			ms(now), by, ms(now.Add(lookFor)), listed(e.shown), []byte{}, l.id)
		return one(done, err, errLook)
	})
	switch {
	case err != nil:
		return fmt.Errorf("a caller's code: %w", err)
	case by != "":
		return nil
	case l.tries == 0:
		return errCallOver
	}
	return errCallCode.With(l.tries)
}

// tryCall spends one of a look's tries before anything is compared, so that many
// at the same time are no more than few.
func (s *Store) tryCall(ctx context.Context, id LookID) (l look, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		l, err = scanLook(tx.QueryRowContext(ctx, `UPDATE look SET tries = tries - 1 WHERE id = $1 AND tries > 0 AND proved_ms = 0 AND ends_ms > $2 RETURNING `+lookColumns,
			id, ms(s.now())))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return look{}, errCallOver
	}
	if err != nil {
		return look{}, fmt.Errorf("a caller's code: %w", err)
	}
	return l, nil
}

// proof is which of a look's codes one is, "" none.
func (s *Store) proof(ctx context.Context, l look, code string) (Proof, error) {
	k, err := s.vault.Key(ctx, l.account.Subject())
	if err != nil {
		return "", err
	}
	entered := []byte(digits(code))
	for _, one := range []struct {
		by     Proof
		sealed []byte
		ends   int64
	}{{BySent, l.sent, l.sentMS}, {ByPage, l.page, l.pageMS}} {
		if len(one.sealed) == 0 || one.ends <= ms(s.now()) {
			continue
		}
		stored, err := k.Open(map[Proof]vault.Field{BySent: fieldCallSent, ByPage: fieldCallPage}[one.by], one.sealed)
		if err != nil {
			return "", err
		}
		if subtle.ConstantTimeCompare(entered, stored) == 1 {
			return one.by, nil
		}
	}
	return "", nil
}
