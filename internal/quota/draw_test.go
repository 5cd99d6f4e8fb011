package quota_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/quota"
)

var unlimited = quota.Plan{Total: quota.Unlimited}

func TestALineIsDrawnOnce(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		for range 3 {
			if refused := w.draw(mia, lines("r", 5)...); granted(refused) != 5 {
				t.Fatalf("refused %v", refused)
			}
		}
		w.draw(mia, slices.Concat(lines("r", 7), lines("r", 7))...)
		w.draw(mia, quota.Line{ID: "r-a", Matter: quota.Translation}, quota.Line{ID: "q", Matter: quota.Instant})
		if got := w.state(mia); got.Used != 18 || got.Today != 18 || got.Ever != 18 || got.Total != quota.Unlimited || got.Own {
			t.Errorf("got %+v", got)
		}
		if got := w.state(noah); got.Ever != 0 {
			t.Errorf("noah's is %+v", got)
		}
	})
}

func TestABatchIsGrantedInPart(t *testing.T) {
	each(t, quota.Plan{Total: 12}, func(t *testing.T, w *world) {
		w.draw(mia, lines("a", 5)...)
		refused := w.draw(mia, slices.Concat(lines("b", 4), lines("a", 5), lines("c", 6))...)
		if granted(refused[:9]) != 9 || granted(refused[9:12]) != 3 || granted(refused[12:]) != 0 {
			t.Errorf("refused %v", refused)
		}
		if err := refused[14]; !errors.Is(err, quota.ErrUsedUp) {
			t.Errorf("refused for %v", err)
		}
		if refused := w.draw(mia, lines("c", 3)...); granted(refused) != 3 {
			t.Errorf("what was drawn before is refused: %v", refused)
		}
		if got := w.state(mia); got.Used != 12 || got.Remain() != 0 {
			t.Errorf("got %+v", got)
		}
		if refused := w.draw(noah, quota.Line{ID: "n", Matter: quota.Instant}, quota.Line{ID: "n", Matter: quota.Instant}); granted(refused) != 2 {
			t.Errorf("refused %v", refused)
		}
	})
}

func TestTheDailyCapBeginsAnew(t *testing.T) {
	each(t, quota.Plan{Total: 10, Daily: 4}, func(t *testing.T, w *world) {
		refused := w.draw(mia, lines("a", 6)...)
		if granted(refused) != 4 || !errors.Is(refused[5], quota.ErrDaily) {
			t.Errorf("refused %v", refused)
		}
		w.ahead += day
		if got := w.state(mia); got.Today != 0 || got.Used != 4 {
			t.Errorf("got %+v", got)
		}
		w.draw(mia, lines("b", 4)...)
		w.ahead += day
		refused = w.draw(mia, lines("c", 4)...)
		if granted(refused) != 2 || !errors.Is(refused[3], quota.ErrUsedUp) {
			t.Errorf("refused %v", refused)
		}
	})
}

func TestAMonthlyTotalBeginsAnew(t *testing.T) {
	each(t, quota.Plan{Total: 3, Monthly: true}, func(t *testing.T, w *world) {
		if refused := w.draw(mia, lines("a", 4)...); granted(refused) != 3 {
			t.Errorf("refused %v", refused)
		}
		w.ahead += 31 * day
		if refused := w.draw(mia, lines("b", 4)...); granted(refused) != 3 {
			t.Errorf("refused %v", refused)
		}
		if got := w.state(mia); got.Used != 3 || got.Ever != 6 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnOwnPlan(t *testing.T) {
	each(t, quota.Plan{Total: 2}, func(t *testing.T, w *world) {
		ctx := t.Context()
		if err := w.store().SetPlan(ctx, mia, unlimited); err != nil {
			t.Fatal(err)
		}
		w.draw(mia, lines("a", 5)...)
		if got := w.state(mia); !got.Own || got.Total != quota.Unlimited || got.Used != 5 {
			t.Errorf("got %+v", got)
		}
		if err := w.store().UnsetPlan(ctx, mia); err != nil {
			t.Fatal(err)
		}
		if got := w.state(mia); got.Own || got.Total != 2 || got.Remain() != -3 {
			t.Errorf("got %+v", got)
		}
		if refused := w.draw(mia, lines("b", 1)...); granted(refused) != 0 {
			t.Error("drawn below nothing")
		}
		wantFault(t, w.store().SetPlan(ctx, mia, quota.Plan{Total: -2}), "quota_plan")
		wantFault(t, w.store().SetPlan(ctx, "eu-0190d5a0-0000-7000-8000-00000000000f", unlimited), "quota_region")
	})
}

func TestADrawIsPartOfItsTransaction(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		broken := errors.New("the rest failed")
		err := w.d.Tx(t.Context(), func(tx *db.Tx) error {
			if _, err := w.store().Draw(t.Context(), tx, mia, lines("a", 3)); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if got := w.state(mia); got.Ever != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

// However many programs draw at the same time, no more is granted than there
// is, and what several of them draw is counted once.
func TestDrawsAtTheSameTime(t *testing.T) {
	const total = 50
	each(t, quota.Plan{Total: total}, func(t *testing.T, w *world) {
		stores := []*quota.Stores{w.Stores, w.another()}
		var all sync.WaitGroup
		grants := make([]int, 8)
		for i := range grants {
			all.Go(func() {
				s := stores[i%2].Stores()[0]
				for j := range 10 {
					own := []quota.Line{
						{ID: fmt.Sprintf("own-%d-%d", i, j), Matter: quota.Registration},
						{ID: fmt.Sprintf("shared-%d", j), Matter: quota.Registration},
					}
					err := w.d.Tx(t.Context(), func(tx *db.Tx) error {
						refused, err := s.Draw(t.Context(), tx, mia, own)
						if err == nil && refused[0] == nil {
							tx.AfterCommit(func() { grants[i]++ })
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		own := 0
		for _, n := range grants {
			own += n
		}
		shared := count(t, w.d, `SELECT COUNT(*) FROM quota_line WHERE id LIKE 'shared-%'`)
		if got := w.state(mia); got.Used != total || own+shared != total {
			t.Errorf("used %d, granted %d and %d shared, want %d", got.Used, own, shared, total)
		}
	})
}

func TestTheLedgerByDay(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		w.draw(mia, lines("a", 2)...)
		w.draw(mia, quota.Line{ID: "q", Matter: quota.Instant})
		w.draw(mia, lines("b", 1)...)
		w.ahead += day
		w.draw(mia, lines("c", 4)...)
		w.draw(noah, lines("c", 1)...)
		days := must(w.store().Days(t.Context(), mia, time.Time{}, 10))(t)
		if len(days) != 2 {
			t.Fatalf("got %d days", len(days))
		}
		if d := days[0]; !d.Began.Equal(w.now().UTC().Truncate(day)) || d.Sum != 4 || d.Used != 17 {
			t.Errorf("got %+v", d)
		}
		if d := days[1]; d.Sum != 13 || d.Used != 13 || d.Amounts[quota.Instant] != 10 || d.Amounts[quota.Registration] != 3 {
			t.Errorf("got %+v", d)
		}
		earlier := must(w.store().Days(t.Context(), mia, days[0].Began, 1))(t)
		if len(earlier) != 1 || !earlier[0].Began.Equal(days[1].Began) {
			t.Errorf("got %+v", earlier)
		}
		if first := must(w.store().Days(t.Context(), mia, time.Time{}, 1))(t); len(first) != 1 || !first[0].Began.Equal(days[0].Began) {
			t.Errorf("got %+v", first)
		}
	})
}
