package quota_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/quota"
)

func TestAKeyIsMadeListedAndEdited(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		made := must(w.store().Make(ctx, mia, quota.Settings{Name: "  shop\t one ", Scopes: []quota.Scope{quota.Write, quota.Read, quota.Write}}, false))(t)
		if !strings.HasPrefix(made.Secret, "eu_") || len(made.Secret) != len("eu_")+36 {
			t.Errorf("secret of length %d", len(made.Secret))
		}
		w.make(mia, "other", "192.0.2.0/24")
		w.make(noah, "noah's")

		list := must(w.store().List(ctx, mia))(t)
		if len(list) != 2 {
			t.Fatalf("got %d keys, want 2", len(list))
		}
		got := list[0]
		if got.ID != made.ID || got.Name != "shop one" || !slices.Equal(got.Scopes, []quota.Scope{quota.Read, quota.Write}) || got.Signs || !got.Used().IsZero() {
			t.Errorf("got %+v", got)
		}
		if len(got.Secrets) != 1 || !strings.HasSuffix(made.Secret, got.Secrets[0].Last) || len(got.Secrets[0].Last) != 4 {
			t.Errorf("got secrets %+v", got.Secrets)
		}
		if from := list[1].From; len(from) != 1 || from[0].String() != "192.0.2.0/24" {
			t.Errorf("got ranges %v", from)
		}

		set := quota.Settings{Name: "renamed", Scopes: []quota.Scope{quota.RealTime}}
		if err := w.store().Edit(ctx, mia, made.ID, set); err != nil {
			t.Fatal(err)
		}
		edited := must(w.store().Get(ctx, mia, made.ID))(t)
		if edited.Name != "renamed" || !slices.Equal(edited.Scopes, set.Scopes) {
			t.Errorf("got %+v", edited)
		}
		caller := must(w.Enter(ctx, made.Secret, home))(t)
		if caller.Owner != mia || caller.Key != made.ID || caller.Region != "eu" || caller.Must(quota.RealTime) != nil {
			t.Errorf("got caller %+v", caller)
		}
		wantFault(t, caller.Must(quota.Write), "key_scope")
	})
}

func TestWhatAKeyNeeds(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		all := quota.Scopes
		for _, tc := range []struct {
			name string
			set  quota.Settings
			want string
		}{
			{"no name", quota.Settings{Name: " ", Scopes: all}, "key_name"},
			{"a long name", quota.Settings{Name: strings.Repeat("n", 81), Scopes: all}, "key_name"},
			{"a name that can't be written", quota.Settings{Name: "a\x00b", Scopes: all}, "key_name"},
			{"no scope", quota.Settings{Name: "n"}, "key_scopes"},
			{"an unknown scope", quota.Settings{Name: "n", Scopes: []quota.Scope{"everything"}}, "key_scopes"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				_, err := w.store().Make(t.Context(), mia, tc.set, false)
				wantFault(t, err, tc.want)
			})
		}
		_, err := w.store().Make(t.Context(), "eu-0190d5a0-0000-7000-8000-00000000000f", quota.Settings{Name: "n", Scopes: all}, false)
		wantFault(t, err, "quota_region")

		for i := range 50 {
			w.make(mia, fmt.Sprint("key ", i))
		}
		_, err = w.store().Make(t.Context(), mia, quota.Settings{Name: "n", Scopes: all}, false)
		wantFault(t, err, "key_many")
	})
}

func TestAnothersKeyIsNotThere(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		k := must(s.Make(ctx, mia, quota.Settings{Name: "n", Scopes: quota.Scopes}, true))(t)
		_, get := s.Get(ctx, noah, k.ID)
		_, rotate := s.Rotate(ctx, noah, k.ID, 0)
		_, sign := s.Signing(ctx, noah, k.ID)
		for _, err := range []error{
			get, rotate, sign, s.Edit(ctx, noah, k.ID, k.Settings), s.Revoke(ctx, noah, k.ID),
			s.Restore(ctx, noah, k.ID), s.End(ctx, noah, k.ID, k.Secrets[0].ID),
		} {
			wantFault(t, err, "key_missing")
		}
		w.enters(w.Stores, k.Secret, home, nil)
	})
}

func TestARevokedKeyCanBeRestoredForAWhile(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		k := w.make(mia, "n")
		w.enters(w.Stores, k.Secret, home, nil)
		if err := s.Revoke(ctx, mia, k.ID); err != nil {
			t.Fatal(err)
		}
		w.enters(w.Stores, k.Secret, home, quota.ErrKeyUnknown)
		if got := must(s.Get(ctx, mia, k.ID))(t); got.Revoked.IsZero() {
			t.Error("it isn't shown as revoked")
		}
		wantFault(t, s.Edit(ctx, mia, k.ID, k.Settings), "key_missing")
		_, err := s.Rotate(ctx, mia, k.ID, 0)
		wantFault(t, err, "key_missing")

		if err := s.Restore(ctx, mia, k.ID); err != nil {
			t.Fatal(err)
		}
		w.enters(w.Stores, k.Secret, home, nil)

		if err := s.Revoke(ctx, mia, k.ID); err != nil {
			t.Fatal(err)
		}
		w.ahead += quota.UndoFor
		wantFault(t, s.Restore(ctx, mia, k.ID), "key_missing")
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now()}))(t).Rows(); n != 1 {
			t.Errorf("%d rows expired, want 1", n)
		}
		w.enters(w.Stores, k.Secret, home, quota.ErrKeyUnknown)
		if left := count(t, w.d, `SELECT COUNT(*) FROM api_secret`); left != 0 {
			t.Errorf("%d secrets are left", left)
		}
	})
}

func TestKeysThatWereMadeSinceCanBeRevoked(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		old, rotated, other := w.make(mia, "old"), w.make(mia, "rotated"), w.make(noah, "noah's")
		w.ahead += time.Hour
		since := w.now()
		w.ahead += time.Minute
		fresh := must(s.Rotate(ctx, mia, rotated.ID, day))(t)
		made, others := w.make(mia, "new"), w.make(noah, "noah's new")
		for _, want := range []int{2, 0} {
			if n := must(s.RevokeSince(ctx, mia, since))(t); n != want {
				t.Errorf("revoked %d keys, want %d", n, want)
			}
		}
		for _, let := range []string{old.Secret, other.Secret, others.Secret} {
			w.enters(w.Stores, let, home, nil)
		}
		for _, not := range []string{rotated.Secret, fresh.Secret, made.Secret} {
			w.enters(w.Stores, not, home, quota.ErrKeyUnknown)
		}
	})
}

func TestARotatedKeyOverlaps(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		old := w.make(mia, "n")
		fresh := must(s.Rotate(ctx, mia, old.ID, 2*day))(t)
		if fresh.ID != old.ID || fresh.Secret == old.Secret || len(fresh.Secrets) != 2 || fresh.Secrets[1].Ends.IsZero() || !fresh.Secrets[0].Ends.IsZero() {
			t.Fatalf("got %+v", fresh.Key)
		}
		w.enters(w.Stores, old.Secret, home, nil)
		w.enters(w.Stores, fresh.Secret, home, nil)

		w.ahead += 2 * day
		w.enters(w.Stores, old.Secret, home, quota.ErrKeyExpired)
		w.enters(w.Stores, fresh.Secret, home, nil)
		if got := must(s.Get(ctx, mia, old.ID))(t); len(got.Secrets) != 1 {
			t.Errorf("got %d secrets, want 1", len(got.Secrets))
		}

		third := must(s.Rotate(ctx, mia, old.ID, 0))(t)
		w.enters(w.Stores, fresh.Secret, home, quota.ErrKeyExpired)
		w.enters(w.Stores, third.Secret, home, nil)

		w.ahead += 31 * day
		must(s.Expire(ctx, inventory.Purge{Now: w.now()}))(t)
		w.enters(w.Stores, old.Secret, home, quota.ErrKeyUnknown)
		w.enters(w.Stores, third.Secret, home, nil)

		for _, overlap := range []time.Duration{-1, 30*day + 1} {
			_, err := s.Rotate(ctx, mia, old.ID, overlap)
			wantFault(t, err, "key_overlap")
		}
	})
}

func TestAnOverlapCanBeEnded(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		old := w.make(mia, "n")
		fresh := must(s.Rotate(ctx, mia, old.ID, 30*day))(t)
		wantFault(t, s.End(ctx, mia, old.ID, fresh.Secrets[0].ID), "secret_only")
		w.enters(w.Stores, old.Secret, home, nil)
		if err := s.End(ctx, mia, old.ID, fresh.Secrets[1].ID); err != nil {
			t.Fatal(err)
		}
		w.enters(w.Stores, old.Secret, home, quota.ErrKeyExpired)
		wantFault(t, s.End(ctx, mia, old.ID, fresh.Secrets[1].ID), "secret_missing")

		for range 4 {
			must(s.Rotate(ctx, mia, old.ID, 30*day))(t)
		}
		_, err := s.Rotate(ctx, mia, old.ID, day)
		wantFault(t, err, "key_rotated")
		must(s.Rotate(ctx, mia, old.ID, 0))(t)
		if got := must(s.Get(ctx, mia, old.ID))(t); len(got.Secrets) != 1 {
			t.Errorf("got %d secrets, want 1", len(got.Secrets))
		}
	})
}

func TestAShorterOverlapEndsWhatHadLonger(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		first := w.make(mia, "n")
		must(w.store().Rotate(t.Context(), mia, first.ID, day))(t)
		third := must(w.store().Rotate(t.Context(), mia, first.ID, 10*day))(t)
		if ends := third.Secrets[2].Ends; ends.After(w.now().Add(day)) {
			t.Errorf("the first secret goes on until %s", ends)
		}
		fourth := must(w.store().Rotate(t.Context(), mia, first.ID, time.Hour))(t)
		for _, old := range fourth.Secrets[1:] {
			if old.Ends.After(w.now().Add(time.Hour)) {
				t.Errorf("secret %s goes on until %s", old.ID, old.Ends)
			}
		}
	})
}

func TestASigningKeySignsWithWhatItsProgramHas(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		plain := w.make(mia, "plain")
		_, err := s.Signing(ctx, mia, plain.ID)
		wantFault(t, err, "key_signs_not")

		old := must(s.Make(ctx, mia, quota.Settings{Name: "n", Scopes: quota.Scopes}, true))(t)
		signs := func(want string) {
			t.Helper()
			if got := must(s.Signing(ctx, mia, old.ID))(t); got != want {
				t.Error("signs with another secret")
			}
		}
		signs(old.Secret)
		fresh := must(s.Rotate(ctx, mia, old.ID, day))(t)
		signs(old.Secret)
		w.enters(w.Stores, old.Secret, home, nil)
		signs(old.Secret)
		w.enters(w.Stores, fresh.Secret, home, nil)
		signs(fresh.Secret)
		last := must(s.Rotate(ctx, mia, old.ID, 0))(t)
		signs(last.Secret)
		if err := s.Revoke(ctx, mia, old.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Signing(ctx, mia, old.ID)
		wantFault(t, err, "key_missing")
	})
}

func TestNoSecretIsStored(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := must(w.store().Make(t.Context(), mia, quota.Settings{Name: "Blue shop", Scopes: quota.Scopes}, true))(t)
		for _, column := range []string{"hash", "owner", "key_id", "id", "last", "copy"} {
			var stored []byte
			read(t, w.d, `SELECT `+column+` FROM api_secret`, &stored)
			if strings.Contains(string(stored), k.Secret[len("eu_"):]) {
				t.Errorf("column %s holds the secret", column)
			}
		}
		var detail []byte
		read(t, w.d, `SELECT detail FROM api_key`, &detail)
		if strings.Contains(string(detail), "Blue") {
			t.Error("the name isn't sealed")
		}
	})
}

func TestWhoIsToldOfNewSecrets(t *testing.T) {
	each(t, quota.Plan{}, func(t *testing.T, w *world) {
		k := w.make(mia, "n")
		fresh := must(w.store().Rotate(t.Context(), mia, k.ID, 0))(t)
		want := []quota.SecretMade{
			{Owner: mia, Key: k.ID, Secret: k.Secrets[0].ID},
			{Owner: mia, Key: k.ID, Secret: fresh.Secrets[0].ID, Rotated: true},
		}
		if !slices.Equal(w.told, want) {
			t.Errorf("told %v, want %v", w.told, want)
		}
	})
}

// read reads one value.
func read(t *testing.T, d *db.DB, query string, into any) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRowContext(t.Context(), query).Scan(into) })
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	read(t, d, query, &n)
	return n
}
