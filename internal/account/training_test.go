package account_test

import (
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// trained runs test where the staff has to be trained every year.
func trained(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		test(t, newWorld(t, account.Options{Training: account.Training{Version: "2026-1", Every: 365 * day}}, "eu", d))
	})
}

// signsIn is a clerk who signs in again.
func (w *world) signsIn(b badge) account.Clerk {
	w.t.Helper()
	w.clock.pass(minute)
	token := must(w.Staff().SignIn(w.t.Context(), b.contact, staffPassword, w.code(b), office))(w.t)
	return must(w.Staff().Session(w.t.Context(), token))(w.t)
}

func TestWithoutTrainingAccessEnds(t *testing.T) {
	trained(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		pavel, staff, ctx := w.clerk(account.Support), w.Staff(), t.Context()
		find := func(c account.Clerk) error {
			_, err := staff.Find(ctx, c, "mia@mail.example", ticket)
			return err
		}
		if !pavel.Untrained() {
			t.Error("who has just come in is trained")
		}
		wantFault(t, find(pavel.Clerk), "staff_untrained")
		_, err := staff.Log(ctx, pavel.Clerk, w.clock.Now())
		wantFault(t, err, "staff_untrained")
		wantFault(t, pavel.Must(account.ReadCarriers), "staff_untrained")
		if err := find(account.Console()); err != nil {
			t.Errorf("the console: %v", err)
		}
		wantFault(t, staff.Train(ctx, pavel.Clerk, "2025-1", "Old words."), "staff_training")
		if err := staff.Train(ctx, pavel.Clerk, "2026-1", "Look only for a purpose."); err != nil {
			t.Fatal(err)
		}
		c := must(staff.Session(ctx, pavel.token))(t)
		if c.Untrained() || !c.Due.Equal(w.clock.Now().Add(365*day)) {
			t.Errorf("trained: %v, until %v", !c.Untrained(), c.Due)
		}
		if err := find(c); err != nil {
			t.Fatal(err)
		}
		all := must(staff.List(ctx, account.Console()))(t)
		if len(all) != 1 || !all[0].Trained.Equal(w.clock.Now()) || !all[0].Due.Equal(c.Due) {
			t.Errorf("operators are told %+v", all)
		}
		w.clock.pass(365 * day)
		wantFault(t, find(w.signsIn(pavel)), "staff_untrained")
		if all := must(staff.List(ctx, account.Console()))(t); all[0].Trained.IsZero() || !all[0].Due.IsZero() {
			t.Errorf("operators are told %+v", all[0])
		}
	})
}

func TestAnotherVersionOfTheTrainingIsTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, account.Options{Training: account.Training{Version: "2026-1", Every: 365 * day}}, "eu", d)
		pavel := w.clerk(account.Support)
		if err := w.Staff().Train(t.Context(), pavel.Clerk, "2026-1", "Look only for a purpose."); err != nil {
			t.Fatal(err)
		}
		newer := must(account.Open(t.Context(), account.Options{
			Regions:  []account.Region{{Name: "eu", DB: d, Vault: w.keys[0], Jobs: w.post}},
			Training: account.Training{Version: "2026-2", Every: 365 * day},
		}))(t)
		newer.SetClock(w.clock.Now)
		if c := must(newer.Staff().Session(t.Context(), pavel.token))(t); !c.Untrained() {
			t.Error("the training of another version will do")
		}
	})
}

func TestWhoTookTheTrainingIsOnlyAddedTo(t *testing.T) {
	trained(t, func(t *testing.T, w *world) {
		pavel := w.clerk(account.Support)
		if err := w.Staff().Train(t.Context(), pavel.Clerk, "2026-1", "Look only for a purpose."); err != nil {
			t.Fatal(err)
		}
		if _, err := w.dbs[0].Exec(t.Context(), `UPDATE training SET at_ms = at_ms + 1`); err == nil || !strings.Contains(err.Error(), "never changed") {
			t.Errorf("an entry was changed: %v", err)
		}
		if err := w.Staff().Remove(t.Context(), account.Console(), pavel.ID); code(err) != "" {
			t.Fatal(err)
		}
		if n := rows(t, w.dbs[0], w.Stores()[0].Fields())["training"]; n != 0 {
			t.Errorf("%d entries of who is gone", n)
		}
	})
}

func TestWhoseTrainingLapsesIsToldOnce(t *testing.T) {
	trained(t, func(t *testing.T, w *world) {
		pavel, s, ctx := w.clerk(account.Support), w.Stores()[0], t.Context()
		remind := func() []account.Letter {
			t.Helper()
			if err := s.RemindTraining(ctx); err != nil {
				t.Fatal(err)
			}
			return w.letters()
		}
		w.post.take()
		if got := remind(); len(got) > 0 {
			t.Errorf("who has yet to take it is told %+v", got)
		}
		if err := w.Staff().Train(ctx, pavel.Clerk, "2026-1", "Look only for a purpose."); err != nil {
			t.Fatal(err)
		}
		ends := w.clock.Now().Add(365 * day)
		w.clock.pass(350 * day)
		if got := remind(); len(got) > 0 {
			t.Errorf("told too early: %+v", got)
		}
		w.clock.pass(2 * day)
		got := remind()
		if len(got) != 1 || got[0].Kind != account.LetterTraining || got[0].To != pavel.contact || !got[0].Ends.Equal(ends) {
			t.Fatalf("told %+v", got)
		}
		if got := remind(); len(got) > 0 {
			t.Errorf("told again: %+v", got)
		}
		c := w.signsIn(pavel)
		taken := account.TrainingDue{Staff: pavel.ID, Taken: ends.Add(-365 * day).UnixMilli()}
		must(w.TrainingToSend(ctx, taken))(t)
		if err := w.Staff().Train(ctx, c, "2026-1", "Look only for a purpose."); err != nil {
			t.Fatal(err)
		}
		_, err := w.TrainingToSend(ctx, taken)
		wantFault(t, err, "letter_void")
		w.clock.pass(352 * day)
		if got := remind(); len(got) != 1 {
			t.Errorf("the year after, told %+v", got)
		}
	})
}

// Whoever decides on duties sees which of them are used.
func TestDutiesAreReviewed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		olga, staff, ctx := w.operator(), w.Staff(), t.Context()
		link := must(staff.Invite(ctx, account.Console(), account.Contact{Kind: account.Mail, Value: "pavel@staff.example"}, []account.Duty{account.Support, account.Privacy}))(t)
		pavel := w.enter(link, "Pavel")
		must(staff.Find(ctx, pavel.Clerk, "mia@mail.example", ticket))(t)
		w.clock.pass(minute)
		wantFault(t, staff.Review(ctx, pavel.Clerk, olga.ID), "staff_power")
		if err := staff.Review(ctx, olga.Clerk, pavel.ID); err != nil {
			t.Fatal(err)
		}
		one := must(staff.Named(ctx, olga.Clerk, "pavel@staff.example"))(t)
		if !one.Used[account.Support].Equal(start) || !one.Used[account.Privacy].IsZero() || !one.Reviewed.Equal(w.clock.Now()) {
			t.Errorf("what is used: %+v, reviewed %v", one.Used, one.Reviewed)
		}
	})
}
