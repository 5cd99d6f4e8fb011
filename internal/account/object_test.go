package account_test

import (
	"testing"

	"waypost/internal/account"
)

func TestObjectingIsEnteredOnceAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s, before := w.of(d.Account), 0
		for i, objects := range []bool{false, true, true, false, false, true} {
			if err := s.Object(t.Context(), d, "learning", objects, "I object", "test"); err != nil {
				t.Fatal(err)
			}
			ledger := must(s.Consents(t.Context(), d.Account))(t)
			if added, want := len(ledger)-before, []bool{true, true, false, true, false, true}[i]; i > 0 && (added == 1) != want {
				t.Errorf("step %d added %d entries", i, added)
			}
			before = len(ledger)
			if got := must(w.Objected(t.Context(), d.Account.Subject(), "learning"))(t); got != objects {
				t.Errorf("step %d: objected is %t", i, got)
			}
		}
		last := must(s.Consents(t.Context(), d.Account))(t)
		if e := last[len(last)-1]; e.Purpose != account.ForObjection+"learning" || e.Given || e.Wording != "I object" {
			t.Errorf("the ledger ends with %+v", e)
		}
		if must(w.Objected(t.Context(), d.Account.Subject(), "safety"))(t) {
			t.Error("another use is objected to, too")
		}
	})
}
