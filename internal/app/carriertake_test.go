package app

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// What a source sent while nobody was there is taken in from files, without its
// secret: whoever runs the command could write to the database, too.
func TestFilesOfWhatASourceSentAreTakenIn(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		folder := t.TempDir()
		settings := filepath.Join(folder, "waypost.yaml")
		write := func(name, text string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("waypost.yaml", fmt.Sprintf("data: %[1]s\ndatabase: {parcels: %[2]q}\nkeys: {default: {store: 'sqlite:%[1]s/keys/default.db'}}\nlog: {level: error}\naccounts: {easypost: {main: {values: {api_key: in the test only}}}}\n", folder, address))
		if err := os.Mkdir(filepath.Join(folder, "missed"), 0o700); err != nil {
			t.Fatal(err)
		}
		write("missed/1.json", tracker(pushNumber, time.Hour, "in_transit", "out_for_delivery"))
		write("missed/2.json", "no JSON")
		write("missed/3.json", tracker("9405510898765432101248", 0, "delivered"))
		cfg, err := config.Load(settings, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := newServer(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.close() // it is beside all the while
		parcels, err := s.store.Want(t.Context(), []parcel.Want{{
			Key: parcel.Key{Number: pushNumber}, Until: time.Now().Add(time.Hour), Choice: parcel.Only,
			Askings: []parcel.Asking{{Account: "easypost/main", Source: "easypost", Carrier: "usps", Number: pushNumber, Role: parcel.Origin}},
		}})
		if err != nil {
			t.Fatal(err)
		}

		code, out, errs := run(t, "", "carrier", "take", "--config", settings, "easypost/main", filepath.Join(folder, "missed"))
		if code != exitFailed || !strings.Contains(out, "1.json: 1 parcel, 1 wanted, 1 changed") || !strings.Contains(out, "UNREAD") ||
			!strings.Contains(out, "3.json: 1 parcel, 0 wanted, 0 changed") || !strings.Contains(errs, "All others were taken in") {
			t.Errorf("exit %d, %s\n%s", code, errs, out)
		}
		got, err := s.store.Get(t.Context(), parcels[0].ID)
		if err != nil || got[0].Standing(time.Now()).Status != status.OutForDeliveryOther {
			t.Errorf("the parcel is %+v, %v", got, err)
		}
		for _, account := range []string{"easypost/other", "inpost/open"} {
			if code, _, errs := run(t, "", "carrier", "take", "--config", settings, account, settings); code != exitFailed || !strings.Contains(errs, strings.Split(account, "/")[0]) {
				t.Errorf("%s: exit %d, %s", account, code, errs)
			}
		}
	})
}
