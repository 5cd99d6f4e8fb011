package quota_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

func TestWhoIsNotLetIn(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := w.make(mia, "n")
		for name, secret := range map[string]string{
			"nothing":         "",
			"no region":       strings.TrimPrefix(k.Secret, "eu_"),
			"another region":  "us" + strings.TrimPrefix(k.Secret, "eu"),
			"cut short":       k.Secret[:len(k.Secret)-1],
			"longer":          k.Secret + "a",
			"another secret":  k.Secret[:len(k.Secret)-4] + "####",
			"in another case": strings.ToUpper(k.Secret),
		} {
			t.Run(name, func(t *testing.T) { w.enters(w.Stores, secret, home, quota.ErrKeyUnknown) })
		}
		w.disabled[mia] = true
		w.ahead += time.Minute
		w.enters(w.Stores, k.Secret, home, quota.ErrAccountDisabled)
		w.disabled[mia] = false
		w.ahead += time.Minute
		w.enters(w.Stores, k.Secret, home, nil)
	})
}

// It isn't remembered from the call before: what is restricted is so at once.
func TestKeysOfWhoIsRestrictedLetNobodyIn(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k, other := w.make(mia, "n"), w.make(noah, "n")
		for _, restricted := range []bool{false, true, false} {
			w.restricted[mia] = restricted
			var want error
			if restricted {
				want = quota.ErrRestricted
			}
			w.enters(w.Stores, k.Secret, home, want)
			w.enters(w.Stores, other.Secret, home, nil)
		}
	})
}

func TestOnlyListedAddressesCall(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := w.make(mia, "n", "192.0.2.7", "198.51.100.0/24", "203.0.113.10-203.0.113.20", "2001:db8::/32")
		for text, want := range map[string]error{
			"192.0.2.7":        nil,
			"192.0.2.8":        quota.ErrAddressRefused,
			"198.51.100.255":   nil,
			"198.51.101.0":     quota.ErrAddressRefused,
			"203.0.113.10":     nil,
			"203.0.113.20":     nil,
			"203.0.113.21":     quota.ErrAddressRefused,
			"2001:db8:1::1":    nil,
			"2001:db9::1":      quota.ErrAddressRefused,
			"::ffff:192.0.2.7": nil,
		} {
			w.enters(w.Stores, k.Secret, netip.MustParseAddr(text), want)
		}
		w.enters(w.Stores, k.Secret, netip.Addr{}, quota.ErrAddressRefused)
	})
}

// What is changed on one machine holds on another within seconds, and on this
// one at once.
func TestAChangeHoldsEverywhere(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		other := w.another()
		k := w.make(mia, "n")
		w.enters(w.Stores, k.Secret, home, nil)
		w.enters(other, k.Secret, home, nil)
		if err := w.store().Revoke(t.Context(), mia, k.ID); err != nil {
			t.Fatal(err)
		}
		w.enters(w.Stores, k.Secret, home, quota.ErrKeyUnknown)
		w.ahead += 6 * time.Second
		w.enters(other, k.Secret, home, quota.ErrKeyUnknown)
	})
}

// Where several machines share a database, they are told of a change. The clock
// stands still, so that nothing is forgotten by itself.
func TestOtherMachinesAreToldOfAChange(t *testing.T) {
	url := dbtest.Postgres(t)
	w := newWorld(t, dbtest.Open(t, url), quota.Plan{})
	still := time.Now()
	other := w.on(dbtest.Open(t, url))
	other.SetClock(func() time.Time { return still })
	k := w.make(mia, "n")
	w.enters(other, k.Secret, home, nil)
	if err := w.store().Revoke(t.Context(), mia, k.ID); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if _, err := other.Enter(t.Context(), k.Secret, home); errors.Is(err, quota.ErrKeyUnknown) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the other machine never heard of it")
		}
	}
}

func TestEnteringAgainCostsNoStatement(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := w.make(mia, "n")
		w.enters(w.Stores, k.Secret, home, nil)
		before := w.d.Statements()
		for range 100 {
			w.enters(w.Stores, k.Secret, home, nil)
		}
		if n := w.d.Statements() - before; n != 0 {
			t.Errorf("%d statements", n)
		}
	})
}

func TestLastUseIsShown(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := w.make(mia, "n", "192.0.2.7")
		used := func() time.Time { return must(w.store().Get(t.Context(), mia, k.ID))(t).Used() }
		w.enters(w.Stores, k.Secret, home, quota.ErrAddressRefused)
		if at := used(); !at.IsZero() {
			t.Errorf("used at %s by who was refused", at)
		}
		w.ahead += time.Minute
		from := netip.MustParseAddr("192.0.2.7")
		w.enters(w.Stores, k.Secret, from, nil)
		first := used()
		if w.now().Sub(first) > time.Minute {
			t.Errorf("used at %s, now is %s", first, w.now())
		}
		w.ahead += time.Minute
		w.enters(w.Stores, k.Secret, from, nil)
		if at := used(); !at.Equal(first) {
			t.Errorf("written again after a minute: %s", at)
		}
		w.ahead += 10 * time.Minute
		w.enters(w.Stores, k.Secret, from, nil)
		if at := used(); !at.After(first) {
			t.Errorf("still %s", at)
		}
	})
}
