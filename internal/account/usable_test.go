package account_test

import (
	"testing"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

func TestWhichAccountsAreUsable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia := w.person("Mia", "DE")
		id := must(w.Teams().New(ctx, mia, "Heron Supplies"))(t)
		usable := func(who inventory.Subject, want bool) {
			t.Helper()
			if got := must(w.Usable(ctx, who))(t); got != want {
				t.Errorf("%s is usable: %t, want %t", who, got, want)
			}
		}
		usable(mia.Account.Subject(), true)
		usable(id.Subject(), true)
		usable("", false)
		usable("eu-0190d5a0-0000-7000-8000-00000000000f", false)

		if err := w.Teams().Close(ctx, mia, id); err != nil {
			t.Fatal(err)
		}
		usable(id.Subject(), false)
		must(w.Staff().Find(ctx, account.Console(), string(mia.Account), ticket))(t)
		if err := w.Staff().Lock(ctx, account.Console(), mia.Account, ticket); err != nil {
			t.Fatal(err)
		}
		usable(mia.Account.Subject(), false)
	})
}
