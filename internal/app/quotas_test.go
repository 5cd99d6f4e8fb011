package app

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

// Who gets into an account may make a key, to come back by it. Its owner is told
// of the key, and when they take back what was changed, the key is gone too.
func TestAKeyIsToldOfAndGoesWithAnUndo(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		deliver(t, s)
		ctx, mia := t.Context(), newMember(t, s, "mia@mail.example")
		owner := mia.Account.Subject()
		programs := must(s.people.quotas.Of(owner))(t)
		enter := func(k quota.Fresh) error {
			_, err := s.people.quotas.Enter(ctx, k.Secret, netip.MustParseAddr("192.0.2.7"))
			return err
		}
		hers := must(programs.Make(ctx, owner, quota.Settings{Name: "Storefront", Scopes: quota.Scopes}, false))(t)
		mailed(t, s, `“Storefront” was made`)

		members := must(s.people.members.Of(mia.Account))(t)
		if err := members.SetPassword(ctx, mia.Session, phrase, somewhere()); err != nil {
			t.Fatal(err)
		}
		theirs := must(programs.Make(ctx, owner, quota.Settings{Name: "Backdoor", Scopes: quota.Scopes}, false))(t)
		mailed(t, s, `“Backdoor” was made`)
		if err := enter(theirs); err != nil {
			t.Fatal(err)
		}
		undo := strings.TrimPrefix(mailed(t, s, `/undo/\S+`), "/undo/")
		if _, err := s.people.members.Undo(ctx, account.Token(undo)); err != nil {
			t.Fatal(err)
		}
		soon(t, "an end of the key", func() (error, bool) {
			err := enter(theirs)
			return err, errors.Is(err, quota.ErrKeyUnknown)
		})
		if err := enter(hers); err != nil {
			t.Errorf("the key from before: %v", err)
		}
	})
}

// What was locked by the staff isn't called for, by its programs either.
func TestALockedAccountsKeysAreRefused(t *testing.T) {
	s, _ := start(t, dbtest.SQLite(t), nil)
	ctx, mia := t.Context(), newMember(t, s, "mia@mail.example")
	owner := mia.Account.Subject()
	k := must(must(s.people.quotas.Of(owner))(t).Make(ctx, owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, false))(t)
	if err := s.people.members.Staff().Lock(ctx, account.Console(), mia.Account, account.Why{Matter: account.ForTicket, Ref: "T-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.people.quotas.Enter(ctx, k.Secret, netip.MustParseAddr("192.0.2.7")); !errors.Is(err, quota.ErrAccountDisabled) {
		t.Errorf("got %v", err)
	}
}
