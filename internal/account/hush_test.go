package account_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

func TestWhatLawForbidsToTellIsShownLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, staff := t.Context(), w.Staff()
		d := w.join(application(), home)
		s := w.of(d.Account)
		w.opened(account.ForLawful, "L-eu-1")
		why := account.Why{Matter: account.ForLawful, Ref: "L-eu-1"}
		if err := staff.Hush(ctx, why.Ref, w.clock.Now().Add(10*day)); err != nil {
			t.Fatal(err)
		}
		must(staff.Find(ctx, account.Console(), string(d.Account), why))(t)
		w.opened(account.ForRequest, "R-2")
		must(staff.Find(ctx, account.Console(), string(d.Account), account.Why{Matter: account.ForRequest, Ref: "R-2"}))(t)
		reads := func() (looks int, copied bool) {
			t.Helper()
			var out bytes.Buffer
			if err := s.Export(ctx, d.Account.Subject(), &out); err != nil {
				t.Fatal(err)
			}
			return len(must(s.Looks(ctx, d.Account))(t)), strings.Contains(out.String(), why.Ref)
		}
		if looks, copied := reads(); looks != 1 || copied {
			t.Errorf("its owner reads of %d looks, want the other one alone; in the copy: %v", looks, copied)
		}
		all := must(staff.Log(ctx, account.Console(), w.clock.Now().Add(time.Minute)))(t)
		if len(all) != 2 {
			t.Errorf("the log has %d entries, want both", len(all))
		}
		w.clock.pass(11 * day)
		must(s.Expire(ctx, inventory.Purge{Now: w.clock.Now()}))(t)
		if looks, copied := reads(); looks != 2 || !copied {
			t.Errorf("afterwards its owner reads of %d looks, want both; in the copy: %v", looks, copied)
		}
		if err := staff.Hush(ctx, why.Ref, w.clock.Now().Add(day)); err != nil {
			t.Fatal(err)
		}
		if err := staff.Hush(ctx, why.Ref, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if looks, _ := reads(); looks != 2 {
			t.Errorf("taken back, its owner reads of %d looks", looks)
		}
	})
}
