package health_test

import (
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/health"
)

func TestATrialIsMadeByOneProgram(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, one, other := t.Context(), open(t, d), open(t, d)
		begin := func(b *health.Book, number string, since time.Time, again bool) bool {
			t.Helper()
			mine, err := b.Begin(ctx, "fjordpost/main", number, since, again)
			if err != nil {
				t.Fatal(err)
			}
			return mine
		}
		yesterday := time.Now().Add(-24 * time.Hour)
		if !begin(one, "FP1", yesterday, false) || begin(other, "FP1", yesterday, false) {
			t.Error("a canary is asked by two programs, or by none")
		}
		if all, err := one.Trials(ctx); err != nil || len(all) != 0 {
			t.Errorf("before the answer there are %v, %v", all, err)
		}
		if !begin(one, "FP1", time.Now().Add(time.Minute), false) {
			t.Error("a day later it isn't asked again")
		}
		if err := one.PutOff(ctx, "fjordpost/main", "FP1"); err != nil {
			t.Fatal(err)
		}
		if !begin(other, "FP1", yesterday, false) {
			t.Error("what was put off isn't asked")
		}
		if !begin(one, "", time.Time{}, false) {
			t.Error("credentials aren't tried")
		}
		tried := health.Trial{Account: "fjordpost/main", Outcome: string(carrier.Auth), Reason: "HTTP 401"}
		if err := one.Tried(ctx, tried); err != nil {
			t.Fatal(err)
		}
		if begin(other, "", time.Time{}, false) || !begin(other, "", time.Time{}, true) {
			t.Error("refused credentials are tried again when accounts are taken into use, and only then")
		}
		all, err := other.Trials(ctx)
		if err != nil || len(all) != 1 || all[0].Outcome != tried.Outcome || all[0].Reason != tried.Reason || all[0].At.IsZero() {
			t.Errorf("the trials are %+v, %v", all, err)
		}
	})
}
