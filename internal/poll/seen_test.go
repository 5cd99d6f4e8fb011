package poll

import (
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// An answer that was taken in before is told as such and touches only the ask;
// one that has changed is read, and every one after the accounts have changed.
func TestAnAnswerThatWasSeenIsNotReadAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		now := time.Now()
		var mu sync.Mutex
		answer, digest := moved(now, status.InTransitOther), "first"
		var seen []string
		f := &fake{answer: func(_ int, asks []carrier.Ask) ([]carrier.Report, error) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, asks[0].Seen)
			r := answer
			r.Number, r.Digest = asks[0].Number, digest
			if asks[0].Seen == digest {
				r = carrier.Report{Number: asks[0].Number, Digest: digest, Same: true}
			}
			return []carrier.Report{r}, nil
		}}
		accounts := []Account{account(t, d.cat, "hub/main", f)}
		p := d.poller(Options{Accounts: accounts})
		d.want(p, false, "lotus", "LT000000001")
		defer d.run(p)()
		const poll = 4 * time.Hour // is made at least once in this time
		expect := func(when string, revision int64, s status.Sub, want ...string) {
			t.Helper()
			time.Sleep(poll)
			mu.Lock()
			defer mu.Unlock()
			got := d.find("lotus", "LT000000001")
			if got.Revision != revision || got.Standing(time.Now()).Status != s {
				t.Errorf("%s: revision %d, %s; want %d, %s", when, got.Revision, got.Standing(time.Now()).Status, revision, s)
			}
			if a := got.Asks[0]; time.Since(a.Answered) > poll || a.Problem != "" {
				t.Errorf("%s: answered %v ago, problem %q", when, time.Since(a.Answered), a.Problem)
			}
			if slices.Sort(seen); !slices.Equal(slices.Compact(seen), want) {
				t.Errorf("%s: asked with %q seen, want %q", when, seen, want)
			}
			seen = nil
		}
		expect("at first", 1, status.InTransitOther, "", "first")
		expect("nothing new", 1, status.InTransitOther, "first")
		mu.Lock()
		answer, digest = moved(now.Add(time.Minute), status.OutForDeliveryOther), "second"
		mu.Unlock()
		expect("something new", 2, status.OutForDeliveryOther, "first", "second")
		p.Replace(d.cat, append(accounts, account(t, d.cat, "polarpost/main", &fake{})))
		expect("other accounts", 2, status.OutForDeliveryOther, "", "second")
	})
}
