package vault_test

import (
	"bytes"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

func TestTheHouseSealsWhatIsNobodys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		old, young := newKey(), newKey()
		v := openVault(t, d, old)
		if has, err := v.HasHouse(t.Context()); has || err != nil {
			t.Fatalf("a new store has the installation's key: %v, %v", has, err)
		}
		house, err := v.House(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sealed := house.SealText(mail, "10117")
		if bytes.Contains(sealed, []byte("10117")) {
			t.Fatal("the value can be read")
		}
		if _, err := person(t, v, "eu-1").OpenText(mail, sealed); err == nil {
			t.Error("a person's key opens what is the installation's")
		}
		both := openVault(t, d, young, old)
		if _, err := both.Rewrap(t.Context()); err != nil {
			t.Fatal(err)
		}
		v = openVault(t, d, young)
		if has, err := v.HasHouse(t.Context()); !has || err != nil {
			t.Errorf("after a change of the regional key the store has the installation's key: %v, %v", has, err)
		}
		if house, err = v.House(t.Context()); err != nil {
			t.Fatal(err)
		}
		if plain, err := house.OpenText(mail, sealed); plain != "10117" || err != nil {
			t.Errorf("opened %q (%v), want 10117", plain, err)
		}
	})
}
