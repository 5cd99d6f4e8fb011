package vault_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

const mail vault.Field = "account.member.email"

// newKey makes a regional key as an operator would.
func newKey() string {
	secret := make([]byte, 32)
	rand.Read(secret)
	return base64.StdEncoding.EncodeToString(secret)
}

func ring(t testing.TB, keys ...string) vault.Ring {
	t.Helper()
	r, err := vault.ParseRing("the test", keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func openVault(t testing.TB, d *db.DB, keys ...string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), d, ring(t, keys...))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// person makes a key for a subject and returns what seals with it.
func person(t testing.TB, v *vault.Vault, s inventory.Subject) *vault.Sealer {
	t.Helper()
	if err := v.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return key(t, v, s)
}

func key(t testing.TB, v *vault.Vault, s inventory.Subject) *vault.Sealer {
	t.Helper()
	sealer, err := v.Key(t.Context(), s)
	if err != nil {
		t.Fatalf("key of %s: %v", s, err)
	}
	return sealer
}

// reads checks that the sealer opens what was sealed.
func reads(t testing.TB, s *vault.Sealer, sealed []byte, want string) {
	t.Helper()
	if got, err := s.OpenText(mail, sealed); got != want || err != nil {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func code(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return fmt.Sprint(err)
}

func TestAKeyIsTheSameForEverybodyWhoOpensTheStore(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		regional := newKey()
		here, there := openVault(t, dbtest.Open(t, url), regional), openVault(t, dbtest.Open(t, url), regional)
		sealed := person(t, here, "ada").SealText(mail, "ada@mail.example")
		reads(t, person(t, there, "ada"), sealed, "ada@mail.example")
		if a, b := here.Lookup(mail, "ada@mail.example"), there.Lookup(mail, "ada@mail.example"); a != b || len(a) != 43 {
			t.Errorf("look-up hashes %q and %q, want the same", a, b)
		}
	})
}

func TestManyMakeTheSameKeyAtOnce(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		regional := newKey()
		vaults := []*vault.Vault{openVault(t, dbtest.Open(t, url), regional), openVault(t, dbtest.Open(t, url), regional)}
		var wg sync.WaitGroup
		sealed := make([][]byte, 16)
		for i := range sealed {
			wg.Go(func() {
				v := vaults[i%2]
				if err := v.Create(t.Context(), "ada"); err != nil {
					t.Error(err)
					return
				}
				s, err := v.Key(t.Context(), "ada")
				if err != nil {
					t.Error(err)
					return
				}
				sealed[i] = s.SealText(mail, "ada@mail.example")
			})
		}
		wg.Wait()
		for _, s := range sealed {
			reads(t, key(t, vaults[0], "ada"), s, "ada@mail.example")
		}
	})
}

func TestStoresThatStartAtOnceWithDifferentKeys(t *testing.T) {
	url := dbtest.Postgres(t) // a SQLite file has one program
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		d, r := dbtest.Open(t, url), ring(t, newKey())
		wg.Go(func() { _, errs[i] = vault.Open(t.Context(), d, r) })
	}
	wg.Wait()
	opened := 0
	for _, err := range errs {
		if err == nil {
			opened++
		} else if code(err) != "regional_key_missing" {
			t.Errorf("got %v, want that the regional key is missing", err)
		}
	}
	if opened != 1 {
		t.Errorf("%d opened it, want the first alone", opened)
	}
}

func TestAnotherRegionalKeyIsRefusedAtTheStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		first := ring(t, newKey())
		if _, err := vault.Open(t.Context(), d, first); err != nil {
			t.Fatal(err)
		}
		other := ring(t, newKey())
		_, err := vault.Open(t.Context(), d, other)
		if code(err) != "regional_key_missing" {
			t.Fatalf("got %v, want that the regional key is missing", err)
		}
		for _, id := range []vault.KeyID{first.Current(), other.Current()} {
			if !strings.Contains(fault.Text(err), string(id)) {
				t.Errorf("%q does not name the key %s", fault.Text(err), id)
			}
		}
	})
}

func TestNoKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := openVault(t, d, newKey())
		if _, err := v.Key(t.Context(), "nobody"); !errors.Is(err, vault.ErrNoKey) || fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v, want no key", err)
		}
		_, err := v.Key(t.Context(), "")
		for _, err := range []error{err, v.Create(t.Context(), ""), v.Destroy(t.Context(), "")} {
			if code(err) != "subject_empty" {
				t.Errorf("got %v, want that a subject is missing", err)
			}
		}
	})
}

func TestDestroyedIsForGood(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := openVault(t, d, newKey())
		now := time.UnixMilli(1_750_000_000_000).UTC()
		v.SetClock(func() time.Time { return now })
		person(t, v, "ada")
		grace := person(t, v, "grace").SealText(mail, "grace@mail.example")
		if at, err := v.Destroyed(t.Context(), "ada"); !at.IsZero() || err != nil {
			t.Errorf("destroyed %v (%v), want never", at, err)
		}
		for range 2 {
			if err := v.Destroy(t.Context(), "ada"); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Hour)
		}
		if at, err := v.Destroyed(t.Context(), "ada"); at != now.Add(-2*time.Hour) || err != nil {
			t.Errorf("destroyed %v (%v), want the first time", at, err)
		}
		if _, err := v.Key(t.Context(), "ada"); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("got %v, want that the key is destroyed", err)
		}
		if err := v.Create(t.Context(), "ada"); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("got %v, want no second key", err)
		}
		if err := v.Destroy(t.Context(), "never came"); err != nil {
			t.Error(err)
		}
		if err := v.Create(t.Context(), "never came"); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("got %v, want that a sign-up which comes late makes no key", err)
		}
		reads(t, key(t, v, "grace"), grace, "grace@mail.example")
	})
}

func TestDestroyingReachesOtherReplicasInTime(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		regional := newKey()
		here, there := openVault(t, dbtest.Open(t, url), regional), openVault(t, dbtest.Open(t, url), regional)
		now := time.UnixMilli(1_750_000_000_000)
		there.SetClock(func() time.Time { return now })
		person(t, here, "ada")
		key(t, there, "ada")
		if err := here.Destroy(t.Context(), "ada"); err != nil {
			t.Fatal(err)
		}
		now = now.Add(vault.CacheLife - time.Millisecond)
		key(t, there, "ada")
		now = now.Add(time.Millisecond)
		if _, err := there.Key(t.Context(), "ada"); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("got %v after the cache's life, want that the key is destroyed", err)
		}
	})
}

func TestTheStoreDoesNotSayWho(t *testing.T) {
	folder := t.TempDir()
	d := dbtest.Open(t, "sqlite:"+filepath.Join(folder, "keys.db"))
	v := openVault(t, d, newKey())
	person(t, v, "ada-of-the-analytical-engine")
	if holds(t, folder, []byte("ada-of-the")) != "" {
		t.Error("the subject stands in the key store in plain")
	}
}

func TestNoByteOfADestroyedKeyIsLeftInTheFiles(t *testing.T) {
	folder := t.TempDir()
	d := dbtest.Open(t, "sqlite:"+filepath.Join(folder, "keys.db"))
	v := openVault(t, d, newKey())
	var subjects []inventory.Subject
	for i := range 150 { // enough to split pages
		person(t, v, numbered(i))
		subjects = append(subjects, numbered(i))
	}
	keys := wrappedKeys(t, d)
	for _, k := range keys {
		if holds(t, folder, k[8:]) == "" {
			t.Fatal("a living key is not in the files; is the test looking at the right ones?")
		}
	}
	for _, s := range subjects {
		if err := v.Destroy(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for i, k := range keys {
		if file := holds(t, folder, k[8:]); file != "" {
			t.Errorf("destroyed key %d is still in %s", i, file)
		}
	}
}

// wrappedKeys reads all keys as they are stored.
func wrappedKeys(t *testing.T, d *db.DB) [][]byte {
	t.Helper()
	var keys [][]byte
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		keys, err = db.Rows(t.Context(), tx, func(row *sql.Rows) (b []byte, err error) { return b, row.Scan(&b) },
			`SELECT wrapped FROM subject_key`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// holds names a file of the folder that has the bytes, "" if none has.
func holds(t *testing.T, folder string, part []byte) string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files (%v), want the database and its log", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, part) {
			return f.Name()
		}
	}
	return ""
}

func TestLookupTellsFieldsValuesAndStoresApart(t *testing.T) {
	a, b := openVault(t, dbtest.Open(t, dbtest.SQLite(t)), newKey()), openVault(t, dbtest.Open(t, dbtest.SQLite(t)), newKey())
	seen := map[string]string{}
	for what, hash := range map[string]string{
		"a value":          a.Lookup(mail, "ada@mail.example"),
		"another value":    a.Lookup(mail, "grace@mail.example"),
		"another field":    a.Lookup("account.member.phone", "ada@mail.example"),
		"another store":    b.Lookup(mail, "ada@mail.example"),
		"nothing":          a.Lookup(mail, ""),
		"a shifted border": a.Lookup("account.member.emaila", "da@mail.example"),
	} {
		if other, twice := seen[hash]; twice {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[hash] = what
	}
	if a.Lookup(mail, "") != "" {
		t.Error("an empty value has a hash, want none")
	}
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := openVault(t, d, newKey())
		dbtest.Declared(t, d, v.Fields())
	})
}
