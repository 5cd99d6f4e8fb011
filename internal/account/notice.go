package account

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/vault"
)

// What was changed.
type What string

// Changes that an account's owner is told of.
const (
	NewDevice         What = "new_device"
	MailChanged       What = "mail_changed"
	PhoneChanged      What = "phone_changed"
	ContactAdded      What = "contact_added"
	ContactRemoved    What = "contact_removed"
	ContactAwaited    What = "contact_awaited" // another one comes in a week without this one's code, unless it is undone
	PasswordChanged   What = "password_changed"
	PasswordSet       What = "password_set" // there was none
	PasskeyAdded      What = "passkey_added"
	PasskeyRemoved    What = "passkey_removed"
	AppAdded          What = "totp_added"
	AppRemoved        What = "totp_removed"
	RecoveryMade      What = "recovery_made"
	RecoveryUsed      What = "recovery_used"
	Linked            What = "linked"
	Unlinked          What = "unlinked"
	Revoked           What = "provider_revoked" // unlinked at the provider
	KeyMade           What = "key_made"         // for programs to call with
	KeyRotated        What = "key_rotated"      // it has a new secret
	HookFailing       What = "hook_failing"     // an endpoint for programs doesn't take what it is told
	HookWorks         What = "hook_works"       // it does again
	HookGone          What = "hook_gone"        // it said that it is to be told nothing more
	Undone            What = "undone"           // a change was undone, everything signed out
	AccountOff        What = "deactivated"
	AccountLeaving    What = "leaving"
	AccountRestricted What = "restricted" // their data is kept, shown to them, and used for nothing else
	AccountLifted     What = "lifted"     // that was lifted
	CopyMade          What = "copy_made"  // of their data, which a link fetches
	GivenOut          What = "given_out"  // something of theirs, to an authority

	ClosureDeclared   What = "closure_declared" // the site ends on a day
	ClosureReminder   What = "closure_reminder"
	ClosureCancelled  What = "closure_cancelled"
	TransferDeclared  What = "transfer_declared" // somebody else takes it over on a day
	TransferReminder  What = "transfer_reminder"
	TransferCancelled What = "transfer_cancelled"
	TransferAsked     What = "transfer_asked" // they do, and only who agrees goes over
	TransferAskedSoon What = "transfer_asked_soon"
)

// undoable reports whether it can be undone by a link. What a member has done at
// a provider is undone there, and nothing that came from it is kept. A key is
// revoked where it was made. How an endpoint does is nobody's change.
func (w What) undoable() bool {
	switch w {
	case Undone, AccountOff, AccountLeaving, AccountRestricted, AccountLifted, CopyMade, GivenOut, ClosureDeclared, ClosureReminder, ClosureCancelled, TransferDeclared, TransferReminder, TransferCancelled, TransferAsked, TransferAskedSoon, Revoked, KeyMade, KeyRotated, HookFailing, HookWorks, HookGone:
		return false
	}
	return true
}

// undoFor is how long a change can be undone.
const undoFor = 7 * 24 * time.Hour

// Notice says that an account's owner is to be told of a change: ask
// NoticeToSend what and whereto.
type Notice struct {
	ID string `json:"id"`
}

// Kind names the event.
func (Notice) Kind() string { return "account.notice" }

// A change is what a notice tells.
type change struct {
	id     string // of the notice, so that telling twice is telling once; "": a new one
	what   What
	to     Contact   // where it is told; the zero Contact: the main address
	detail string    // see Letter
	device string    // see Letter
	before *snapshot // nil: as it stands in the transaction
	link   string    // see Letter
	ends   time.Time // until when the link leads anywhere
}

// told is what a notice keeps of a change.
type told struct {
	To     Contact `json:"to"`
	Detail string  `json:"detail,omitempty"`
	Device string  `json:"device,omitempty"`
	Undo   Token   `json:"undo,omitempty"`
	Link   string  `json:"link,omitempty"`
}

// notice writes down a change, before it is made unless c.before is from then,
// and has its owner told. Where nobody can be told nothing is written.
func (s *Store) notice(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, c change) error {
	var err error
	if c.to.IsZero() {
		if c.to, err = s.mainContact(ctx, tx, k, id); err != nil || c.to.IsZero() {
			return err
		}
	}
	t, now := told{To: c.to, Detail: c.detail, Device: c.device, Link: c.link}, s.now()
	var before, undo []byte
	ends := c.ends
	if c.what.undoable() {
		if c.before == nil {
			if c.before, err = takeSnapshot(ctx, tx, id); err != nil {
				return err
			}
		}
		if before, err = k.SealJSON(fieldBefore, c.before); err != nil {
			return err
		}
		t.Undo, undo = newToken(s.region)
		ends = now.Add(undoFor)
	}
	detail, err := k.SealJSON(fieldDetail, t)
	if err != nil {
		return err
	}
	n := Notice{ID: cmp.Or(c.id, newID(s.region))}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO notice (id, account_id, what, detail, before, undo, created_ms, ends_ms, undone_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (id) DO NOTHING`,
		n.ID, id, c.what, detail, orEmpty(before), orEmpty(undo), ms(now), msOrNever(ends))
	if err != nil {
		return err
	}
	if added, err := done.RowsAffected(); err != nil || added == 0 {
		return err
	}
	return s.jobs.Add(ctx, tx, n)
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func msOrNever(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return ms(t)
}

// mainContact returns where an account's messages go.
func (s *Store) mainContact(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID) (c Contact, err error) {
	var sealed []byte
	err = tx.QueryRowContext(ctx, `SELECT kind, value FROM contact WHERE account_id = $1 ORDER BY main DESC LIMIT 1`, id).Scan(&c.Kind, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Contact{}, nil
	}
	if err != nil {
		return Contact{}, err
	}
	c.Value, err = k.OpenText(fieldContact, sealed)
	return c, err
}

// NoticeToSend returns what the job Notice is about; a fault of kind NotFound
// when nothing is to be sent any more.
func (m *Members) NoticeToSend(ctx context.Context, n Notice) (Letter, error) {
	s, err := m.in(regionOf(n.ID))
	if err != nil {
		return Letter{}, errNoLetter
	}
	var id ID
	var sealed, nickname, language []byte
	var created, ends int64
	l := Letter{Kind: LetterNotice}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT n.account_id, n.what, n.detail, n.created_ms, n.ends_ms, a.nickname, a.language
			FROM notice n JOIN account a ON a.id = n.account_id WHERE n.id = $1`, n.ID).
			Scan(&id, &l.What, &sealed, &created, &ends, &nickname, &language)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, fmt.Errorf("notice %s: %w", n.ID, err)
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return Letter{}, err
	}
	var t told
	if err := k.OpenJSON(fieldDetail, sealed, &t); err != nil {
		return Letter{}, err
	}
	l.To, l.Detail, l.Device, l.Token, l.Link, l.At, l.Ends = t.To, t.Detail, t.Device, t.Undo, t.Link, db.At(created), db.At(ends)
	if l.Nickname, err = k.OpenText(fieldNickname, nickname); err != nil {
		return Letter{}, err
	}
	l.Language, err = k.OpenText(fieldLanguage, language)
	return l, err
}
