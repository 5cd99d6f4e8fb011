package message

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// fieldToken is what a link's token is made under. It is never renamed.
const fieldToken vault.Field = "message.refusal.token"

// A Token stands in a link to unsubscribe. Whoever has the message has it, and
// can do nothing with it but end and begin such messages.
type Token string

// Region is where what the token stands for lives, "" when it is none.
func (t Token) Region() string {
	region, _, _ := strings.Cut(string(t), ".")
	return region
}

func (t Token) hash() []byte {
	sum := sha256.Sum256([]byte(t))
	return sum[:]
}

// A Scope is which messages are ended.
type Scope string

// Scopes.
const (
	ThisParcel Scope = "parcel"
	ThisStatus Scope = "status"
	AllAlerts  Scope = "all"
)

// A Refusal is what a link to unsubscribe can end, and what is ended already.
type Refusal struct {
	Parcel    bool // whether the message was about one parcel, and there still is one
	ParcelOff bool
	On        []status.Main // of which there are alerts
	AllOff    bool
}

var (
	errLink  = fault.New(fault.NotFound, "unsubscribe_link", "This link can't be used any more. Sign in to choose what you are sent.")
	errScope = fault.New(fault.Invalid, "unsubscribe_scope", "Choose what is no longer to be sent.")
)

// refusalToken returns the token of messages about a watch, or about several
// with "". It is the same for all of them, so that every message's link works.
func (s *Store) refusalToken(ctx context.Context, owner inventory.Subject, about watch.ID) (Token, error) {
	made := rand.Text()
	var token Token
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		var salt string
		err := tx.QueryRowContext(ctx, `
			INSERT INTO refusal (owner, watch_id, salt, token, used_ms) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (owner, watch_id) DO UPDATE SET used_ms = excluded.used_ms RETURNING salt`,
			string(owner), string(about), made, s.token(owner, about, made).hash(), ms(s.all.now())).Scan(&salt)
		token = s.token(owner, about, salt)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("link to unsubscribe %s: %w", owner, err)
	}
	return token, nil
}

func (s *Store) token(owner inventory.Subject, about watch.ID, salt string) Token {
	return Token(s.region + "." + s.vault.Lookup(fieldToken, strings.Join([]string{string(owner), string(about), salt}, " ")))
}

// refused finds what a token stands for.
func (m *Messages) refused(ctx context.Context, token Token) (s *Store, owner inventory.Subject, about watch.ID, err error) {
	if s, err = m.in(token.Region()); err != nil {
		return nil, "", "", errLink
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT owner, watch_id FROM refusal WHERE token = $1`, token.hash()).Scan(&owner, &about)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", "", errLink
	}
	if err != nil {
		return nil, "", "", fmt.Errorf("unsubscribe: %w", err)
	}
	return s, owner, about, nil
}

// Refusal returns what a token can end; a fault of kind NotFound when it can't be
// used any more. It changes nothing, so that a program that follows a message's
// links doesn't either.
func (m *Messages) Refusal(ctx context.Context, token Token) (Refusal, error) {
	s, owner, about, err := m.refused(ctx, token)
	if err != nil {
		return Refusal{}, err
	}
	settings, err := s.Settings(ctx, owner)
	if err != nil {
		return Refusal{}, gone(err)
	}
	r := Refusal{On: settings.On, AllOff: !settings.Mail}
	if about == "" {
		return r, nil
	}
	w, err := s.watches.Get(ctx, owner, about)
	if fault.KindOf(err) == fault.NotFound {
		return r, nil
	}
	if err != nil {
		return Refusal{}, err
	}
	r.Parcel = true
	if w.Alerts.Own {
		r.On, r.ParcelOff = w.Alerts.On, len(w.Alerts.On) == 0
	}
	return r, nil
}

// gone says that a link can't be used when its owner has gone.
func gone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return errLink
	}
	return err
}

// Refuse ends messages. It needs no sign-in; twice is once. about is the status
// of ThisStatus.
func (m *Messages) Refuse(ctx context.Context, token Token, scope Scope, about status.Main) error {
	return m.decide(ctx, token, scope, about, false)
}

// Readmit takes a Refuse back.
func (m *Messages) Readmit(ctx context.Context, token Token, scope Scope, about status.Main) error {
	return m.decide(ctx, token, scope, about, true)
}

func (m *Messages) decide(ctx context.Context, token Token, scope Scope, about status.Main, want bool) error {
	s, owner, id, err := m.refused(ctx, token)
	if err != nil {
		return err
	}
	switch {
	case scope == AllAlerts:
		return gone(s.Change(ctx, owner, func(set *Settings) { set.Mail = want }))
	case scope == ThisParcel && id != "":
		return s.decideParcel(ctx, owner, id, watch.Alerts{Own: !want})
	case scope == ThisStatus && slices.Contains(status.Mains, about):
		return s.decideStatus(ctx, owner, id, about, want)
	}
	return errScope
}

// decideParcel changes a watch's own choice. A parcel that was deleted is silent
// already.
func (s *Store) decideParcel(ctx context.Context, owner inventory.Subject, id watch.ID, alerts watch.Alerts) error {
	_, err := s.watches.Edit(ctx, owner, id, watch.Edit{Alerts: &alerts})
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// decideStatus changes of which statuses there are alerts: by default, and where
// the parcel has a choice of its own, there too.
func (s *Store) decideStatus(ctx context.Context, owner inventory.Subject, id watch.ID, about status.Main, want bool) error {
	err := s.Change(ctx, owner, func(set *Settings) { set.On = with(set.On, about, want) })
	if err != nil || id == "" {
		return gone(err)
	}
	w, err := s.watches.Get(ctx, owner, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !w.Alerts.Own {
		return nil
	}
	if err != nil {
		return err
	}
	return s.decideParcel(ctx, owner, id, watch.Alerts{Own: true, On: with(w.Alerts.On, about, want)})
}

// with is a list with a status or without it.
func with(on []status.Main, about status.Main, want bool) []status.Main {
	rest := slices.DeleteFunc(slices.Clone(on), func(m status.Main) bool { return m == about })
	if want {
		rest = append(rest, about)
	}
	return rest
}

// Revoke makes all links to unsubscribe that went out to somebody useless.
func (s *Store) Revoke(ctx context.Context, owner inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM refusal WHERE owner = $1`, string(owner))
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke links of %s: %w", owner, err)
	}
	return nil
}

func regionOf(owner inventory.Subject) string { return account.ID(owner).Region() }
