package quota_test

import (
	"testing"
	"time"

	"waypost/internal/quota"
)

// Two programs on one database let a key make as many calls as one.
func TestReplicasShareTheRate(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		w.options.Rates = map[quota.API]int{quota.Compatible: 5}
		programs := []*quota.Stores{w.another(), w.another()}
		k := w.make(mia, "n")
		caller := must(w.Enter(t.Context(), k.Secret, home))(t)
		rate := func(i int, of quota.API) time.Duration {
			t.Helper()
			return must(programs[i%2].Rate(t.Context(), caller, of))(t)
		}
		began := time.Now()
		let := 0
		for i := range 20 {
			if wait := rate(i, quota.Compatible); wait == 0 {
				let++
			} else if wait < 0 || wait > time.Second {
				t.Errorf("wait %s", wait)
			}
		}
		windows := 1 + int(time.Since(began)/time.Second)
		if let < 5 || let > 5*windows {
			t.Errorf("%d calls in %d seconds, want 5 in each", let, windows)
		}
		if wait := rate(0, quota.Own); wait != 0 {
			t.Error("the own API waits for the compatible one")
		}
	})
}
