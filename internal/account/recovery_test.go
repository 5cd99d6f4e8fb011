package account_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"waypost/internal/account"
)

// recoverable gives an account an app and recovery codes.
func (w *world) recoverable(d account.Session) []string {
	w.t.Helper()
	w.protect(d)
	codes := must(w.of(d.Account).MakeRecoveryCodes(w.t.Context(), d, home))(w.t)
	if l := w.letter(account.LetterNotice); l.What != account.RecoveryMade || l.Token == "" {
		w.t.Errorf("letter %+v, want one about the codes that can be undone", l)
	}
	return codes
}

func TestRecoveryCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		_, err := s.MakeRecoveryCodes(t.Context(), d, home)
		wantFault(t, err, "totp_missing")
		codes := w.recoverable(d)
		if len(codes) != 10 || len(codes[0]) != len("abcd-abcd-abcd-abcd") {
			t.Fatalf("codes %v, want ten", codes)
		}
		step := w.password(home)
		if want := []account.Factor{account.ByApp, account.ByRecovery}; !slices.Equal(step.Need, want) {
			t.Errorf("needs %v, want %v", step.Need, want)
		}
		typed := " " + strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(codes[3], "0", "O"), "1", "l"))
		w.session(must(w.EnterRecovery(t.Context(), step.Flow, typed, home))(t))
		if l := w.letter(account.LetterNotice); l.What != account.RecoveryUsed || l.Detail != "9" || l.Token == "" {
			t.Errorf("letter %+v, want one that nine are left", l)
		}
		if ways := must(s.Ways(t.Context(), d.Account))(t); ways.Recovery != 9 || !ways.App || !ways.Password || ways.Addresses != 1 {
			t.Errorf("ways %+v, want nine codes, an app, a password and an address", ways)
		}
		_, err = w.EnterRecovery(t.Context(), w.password(home).Flow, codes[3], home)
		wantFault(t, err, "recovery_wrong")

		again := must(s.MakeRecoveryCodes(t.Context(), d, home))(t)
		_, err = w.EnterRecovery(t.Context(), w.password(home).Flow, codes[4], home)
		wantFault(t, err, "recovery_wrong")
		w.session(must(w.EnterRecovery(t.Context(), w.password(home).Flow, again[0], home))(t))
		if err := s.RemoveApp(t.Context(), d, home); err != nil {
			t.Fatal(err)
		}
		if ways := must(s.Ways(t.Context(), d.Account))(t); ways.Recovery != 0 {
			t.Errorf("ways %+v, want no codes without an app", ways)
		}
	})
}

func TestARecoveryCodeIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		codes := w.recoverable(w.join(application(), home))
		flows := make([]account.Token, 4)
		for i := range flows {
			flows[i] = w.password(home).Flow
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		for _, flow := range flows {
			wg.Go(func() {
				_, err := w.EnterRecovery(t.Context(), flow, codes[0], home)
				mu.Lock()
				defer mu.Unlock()
				got[code(err)]++
			})
		}
		wg.Wait()
		if got[""] != 1 {
			t.Errorf("answers %v, want one sign-in", got)
		}
	})
}

func TestUndoingLeavesUsedCodesUsed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		codes := w.recoverable(d)
		w.session(must(w.EnterRecovery(t.Context(), w.password(cafe).Flow, codes[0], cafe))(t))
		told := w.letters()
		w.clock.pass(minute)
		must(w.of(d.Account).MakeRecoveryCodes(t.Context(), d, home))(t)
		must(w.Undo(t.Context(), told[0].Token))(t)
		w.letters()
		flow := must(w.SendCode(t.Context(), mia, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterSignIn).Code, home))(t)
		_, err := w.EnterRecovery(t.Context(), step.Flow, codes[0], home)
		wantFault(t, err, "recovery_wrong")
		w.session(must(w.EnterRecovery(t.Context(), step.Flow, codes[1], home))(t))
	})
}
