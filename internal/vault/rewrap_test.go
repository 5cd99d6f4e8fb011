package vault_test

import (
	"fmt"
	"sync"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

func TestRotationOnline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		older, newer := newKey(), newKey()
		before := openVault(t, d, older)
		sealed := person(t, before, "ada").SealText(mail, "ada@mail.example")
		hash := before.Lookup(mail, "ada@mail.example")
		person(t, before, "gone")
		if err := before.Destroy(t.Context(), "gone"); err != nil {
			t.Fatal(err)
		}

		both := openVault(t, d, newer, older)
		reads(t, key(t, both, "ada"), sealed, "ada@mail.example")
		person(t, both, "grace")
		for _, want := range []int{2, 0} { // Ada's and the store's own
			if n, err := both.Rewrap(t.Context()); n != want || err != nil {
				t.Fatalf("%d wrapped anew (%v), want %d", n, err, want)
			}
		}
		if _, err := vault.Open(t.Context(), d, ring(t, older)); code(err) != "regional_key_missing" {
			t.Errorf("got %v with the older key alone, want that the newer is missing", err)
		}

		after := openVault(t, d, newer)
		reads(t, key(t, after, "ada"), sealed, "ada@mail.example")
		key(t, after, "grace")
		if after.Lookup(mail, "ada@mail.example") != hash {
			t.Error("the rotation changed the look-up hash")
		}
		if at, err := after.Destroyed(t.Context(), "gone"); at.IsZero() || err != nil {
			t.Errorf("destroyed %v (%v), want the tombstone to outlive the rotation", at, err)
		}
	})
}

func TestRotationBesideEverythingElse(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		older, newer := newKey(), newKey()
		before := openVault(t, dbtest.Open(t, url), older, newer) // the newer key is known everywhere first
		const people = 40
		for i := range people {
			person(t, before, numbered(i))
		}
		after := openVault(t, dbtest.Open(t, url), newer, older)
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() {
				var err error
				switch i % 4 {
				case 0:
					err = after.Destroy(t.Context(), numbered(i))
				case 1:
					_, err = after.Key(t.Context(), numbered(i))
				case 2:
					err = after.Create(t.Context(), numbered(people+i))
				case 3:
					_, err = after.Rewrap(t.Context())
				}
				if err != nil {
					t.Errorf("person %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		alone := openVault(t, dbtest.Open(t, url), newer)
		for i := range people {
			if i%4 != 0 {
				key(t, alone, numbered(i))
			} else if _, err := alone.Key(t.Context(), numbered(i)); code(err) != "key_destroyed" {
				t.Errorf("got %v for person %d, want that the key is destroyed", err, i)
			}
		}
	})
}

func TestABrokenOffRotationGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		older, newer := newKey(), newKey()
		before := openVault(t, d, older)
		const people = vault.RewrapBatch*2 + 10
		for i := range people {
			if err := before.Create(t.Context(), numbered(i)); err != nil {
				t.Fatal(err)
			}
		}
		both := openVault(t, d, newer, older)
		name, good := nth(t, d, vault.RewrapBatch+5)
		wrap(t, d, name, []byte("not a key"))
		done, err := both.Rewrap(t.Context())
		if code(err) != "sealed_damaged" || done != vault.RewrapBatch {
			t.Fatalf("%d wrapped anew (%v), want one batch and then the damaged key", done, err)
		}
		openVault(t, d, older) // the store still insists on the key that the rest needs
		if _, err := vault.Open(t.Context(), d, ring(t, newer)); code(err) != "regional_key_missing" {
			t.Errorf("got %v without the older key, want that it is missing", err)
		}
		wrap(t, d, name, good)
		for i := range people {
			key(t, both, numbered(i))
		}
		if n, err := both.Rewrap(t.Context()); n != people+1-done || err != nil {
			t.Fatalf("%d wrapped anew (%v), want the rest", n, err)
		}
		after := openVault(t, d, newer)
		for i := range people {
			key(t, after, numbered(i))
		}
	})
}

func TestWrappedKeysDoNotOpenForSomebodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := openVault(t, d, newKey())
		for i := range 2 {
			if err := v.Create(t.Context(), numbered(i)); err != nil {
				t.Fatal(err)
			}
		}
		first, one := nth(t, d, 0)
		other, another := nth(t, d, 1)
		wrap(t, d, first, another)
		wrap(t, d, other, one)
		for i := range 2 {
			if _, err := v.Key(t.Context(), numbered(i)); code(err) != "sealed_damaged" {
				t.Errorf("got %v with the other's key, want that it is damaged", err)
			}
		}
	})
}

// nth returns a row of the store, by its place in the order of names.
func nth(t *testing.T, d *db.DB, n int) (name string, wrapped []byte) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT name, wrapped FROM subject_key ORDER BY name LIMIT 1 OFFSET $1`, n).Scan(&name, &wrapped)
	})
	if err != nil {
		t.Fatal(err)
	}
	return name, wrapped
}

// wrap puts other bytes in a wrapped key's place.
func wrap(t *testing.T, d *db.DB, name string, wrapped []byte) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE subject_key SET wrapped = $1 WHERE name = $2`, wrapped, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func numbered(i int) inventory.Subject { return inventory.Subject(fmt.Sprint("person ", i)) }
