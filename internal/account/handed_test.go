package account_test

import (
	"context"
	"reflect"
	"testing"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

func TestWhatServicesGotOfAMemberIsKnown(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.joinWith("mia", home)
		want := account.Handed{Links: []account.HandedLink{{Provider: "birds", Name: "Birds", Keys: []string{"m-1"}}}}
		if got := must(w.Handed(t.Context(), d.Account.Subject()))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}

		must(w.with("mia, permitted", home))(t)
		must(w.with("mia, united", home))(t)
		want.Links[0].Keys, want.Links[0].Refresh = []string{"u-1", "m-1"}, "r3fresh"
		if got := must(w.Handed(t.Context(), d.Account.Subject()))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("after a token was given and wasn't given again: %+v, want %+v", got, want)
		}

		with := w.join(application(), home)
		if got := must(w.Handed(t.Context(), with.Account.Subject()))(t); !reflect.DeepEqual(got, account.Handed{Mail: []string{mia.Value}}) {
			t.Errorf("of who has an address: %+v", got)
		}
		if err := w.Erase(t.Context(), with.Account); err != nil {
			t.Fatal(err)
		}
		if got := must(w.Handed(t.Context(), with.Account.Subject()))(t); !reflect.DeepEqual(got, account.Handed{}) {
			t.Errorf("of who is erased: %+v", got)
		}
	})
}

// Whatever erases somebody goes through who erases from everywhere.
func TestEverybodyIsErasedFromEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var gone []inventory.Subject
		w.EraseBy(func(ctx context.Context, who inventory.Subject) error {
			gone = append(gone, who)
			return w.Erase(ctx, account.ID(who))
		})
		wants := func(who inventory.Subject) {
			t.Helper()
			if len(gone) != 1 || gone[0] != who {
				t.Errorf("erased from everywhere: %v, want %s", gone, who)
			}
			gone = nil
		}

		child, _ := w.child()
		w.clock.pass(8 * day)
		must(w.Stores()[0].Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}))(t)
		wants(child.Subject())

		child, asked := w.child()
		if err := w.Answer(t.Context(), asked, false, account.Terms{}); err != nil {
			t.Fatal(err)
		}
		wants(child.Subject())

		d := w.join(application(), home)
		must(w.Staff().Find(t.Context(), account.Console(), string(d.Account), ticket))(t)
		if err := w.Staff().EraseChild(t.Context(), account.Console(), d.Account, ticket); err != nil {
			t.Fatal(err)
		}
		wants(d.Account.Subject())
	})
}

// child is an account that waits for a guardian, who was asked.
func (w *world) child() (account.ID, account.Token) {
	w.t.Helper()
	a := application()
	a.Age, a.Guardian = account.Child, "parent@mail.example"
	flow := must(w.SignUp(w.t.Context(), a, home))(w.t)
	step := must(w.Enter(w.t.Context(), flow, w.letter(account.LetterSignUp).Code, home))(w.t)
	return step.Account, w.letter(account.LetterGuardian).Token
}
