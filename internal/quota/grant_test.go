package quota_test

import (
	"errors"
	"testing"

	"waypost/internal/quota"
)

func TestNoKeyGivesMoreThanItHas(t *testing.T) {
	ranges := func(text string) []quota.Range { return must(quota.ParseRanges(text))(t) }
	reads := []quota.Scope{quota.Read}
	for _, tc := range []struct {
		name     string
		own      []quota.Scope
		from, to string
		gives    []quota.Scope
		may      bool
	}{
		{"the same", reads, "", "", reads, true},
		{"less", quota.Scopes, "", "", reads, true},
		{"another scope", reads, "", "", []quota.Scope{quota.Write}, false},
		{"fewer addresses", reads, "", "192.0.2.7", reads, true},
		{"addresses within its own", reads, "192.0.2.0/24, 2001:db8::/32", "192.0.2.7-192.0.2.9 2001:db8::1", reads, true},
		{"an address beside its own", reads, "192.0.2.0/24", "192.0.2.7, 198.51.100.7", reads, false},
		{"a range beyond its own", reads, "192.0.2.0/25", "192.0.2.0/24", reads, false},
		{"all addresses", reads, "192.0.2.0/24", "", reads, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := quota.Caller{Scopes: tc.own, From: ranges(tc.from)}.MayGrant(quota.Key{Settings: quota.Settings{Scopes: tc.gives, From: ranges(tc.to)}})
			if (err == nil) != tc.may || err != nil && !errors.Is(err, quota.ErrGrant) {
				t.Errorf("got %v, may is %v", err, tc.may)
			}
		})
	}
}

func TestAKeyForTestsMakesNoOther(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		k := must(w.store().MakeTest(t.Context(), mia, quota.Settings{Name: "ci", Scopes: quota.Scopes}, false))(t)
		who := must(w.Enter(t.Context(), k.Secret, home))(t)
		if !who.Test || !must(w.store().Get(t.Context(), mia, k.ID))(t).Test {
			t.Error("a key for tests isn't known as one")
		}
		if err := who.MayGrant(quota.Key{Settings: k.Settings}); !errors.Is(err, quota.ErrGrant) {
			t.Errorf("it may make one that isn't for tests: %v", err)
		}
		if err := who.MayGrant(k.Key); err != nil {
			t.Errorf("it may not make one for tests: %v", err)
		}
		must(k, w.store().Edit(t.Context(), mia, k.ID, k.Settings))(t)
		if !must(w.store().Get(t.Context(), mia, k.ID))(t).Test {
			t.Error("a change makes it one that isn't for tests")
		}
	})
}

// A caller brings the addresses that its key is bound to.
func TestACallerBringsItsKeysAddresses(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		k := w.make(mia, "shop", "198.51.100.0/24")
		who := must(w.Enter(t.Context(), k.Secret, home))(t)
		if len(who.From) != 1 || who.From[0].String() != "198.51.100.0/24" {
			t.Errorf("the caller brings %v", who.From)
		}
	})
}
