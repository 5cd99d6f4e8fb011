package app

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
)

// newKey puts a new regional key before those of a file, which may not be there
// yet, and returns it.
func newKey(t *testing.T, file string) string {
	t.Helper()
	secret := make([]byte, 32)
	rand.Read(secret) //nolint:errcheck // it never fails
	key := base64.StdEncoding.EncodeToString(secret)
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte(key+"\n"), old...), 0o600); err != nil {
		t.Fatal(err)
	}
	return key
}

// The drill with two regions, as docs/operations.md has it: change the regional
// keys while everything runs, back up, erase somebody, lose all data, restore.
func TestTheDrillWithTwoRegions(t *testing.T) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(engine, func(t *testing.T) {
			folder := t.TempDir()
			files := map[string]string{"cn": filepath.Join(folder, "cn.key"), "us": filepath.Join(folder, "us.key"), "house": filepath.Join(folder, "house.key")}
			text := fmt.Sprintf("data: %q\nurl: http://track.example\ndatabase:\n  parcels: %q\n  people: {cn: %q, us: %q}\n  serves: {cn: [CN], us: ['*']}\npolicy: {countries: {cn: CN, us: US}}\ntransfers:\n"+
				"  countries: {CN: {level: lower, assessed: 2026-01-05, review: 2026-02-05}, US: {level: safeguarded, assessed: 2026-01-05, review: 2099-01-05}}\n"+
				"  grounds: [{from: cn, to: US, ground: consent}, {from: us, to: CN, ground: consent}]\nkeys:\n", folder, database(t), database(t), database(t))
			for name, file := range files {
				text += fmt.Sprintf("  %s: {store: %q, file: %q}\n", name, database(t), file)
				newKey(t, file)
			}
			file := filepath.Join(folder, "waypost.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("WAYPOST_CONFIG", file)
			cfg, err := config.Load(file, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
			open := func() *server {
				t.Helper()
				s, err := newServer(t.Context(), cfg, log)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			admin := func(args ...string) string {
				t.Helper()
				code, out, errs := run(t, "", append([]string{"admin"}, args...)...)
				if code != exitOK {
					t.Fatalf("%v: %s %s", args, out, errs)
				}
				return out
			}

			if code, out, errs := run(t, "", "policy", "transfers"); code != exitOK || !strings.Contains(out, "2026-02-05 (overdue)") || strings.Count(out, "teams") != 2 {
				t.Errorf("the transfers: %d %s %s", code, out, errs)
			}
			if _, out, _ := run(t, "", "policy", "check"); !strings.Contains(out, "transfers.countries.CN") || strings.Contains(out, "transfers.countries.US") {
				t.Errorf("what is overdue: %s", out)
			}

			s := open()
			mia, lian := newMemberOf(t, s, "mia@mail.example", "DE").Account, newMemberOf(t, s, "lian@mail.example", "CN").Account
			for _, who := range []inventory.Subject{mia.Subject(), lian.Subject()} {
				keep(t, s, who, "1Z4A7B2C0364182055", "a kettle")
			}
			s.close()

			newest := map[string]string{}
			for name, file := range files {
				newest[name] = newKey(t, file)
			}
			s = open() // with both keys, while the others' keys are wrapped
			if out := admin("key", "rewrap"); !strings.Contains(out, "cn: ") || !strings.Contains(out, "us: ") || !strings.Contains(out, "house: ") {
				t.Errorf("rewrap says %q", out)
			}
			for _, who := range []account.ID{mia, lian} {
				if p := must(must(s.people.members.Of(who))(t).Profile(t.Context(), who))(t); p.Nickname == "" {
					t.Errorf("%s can't be read meanwhile", who)
				}
			}
			for name, file := range files { // the older ones are thrown away
				if err := os.WriteFile(file, []byte(newest[name]+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var keys []keyJSON
			if err := json.Unmarshal([]byte(admin("key", "list", "--json")), &keys); err != nil || len(keys) != 3 || slices.ContainsFunc(keys, func(k keyJSON) bool { return !k.Current || !k.Held }) {
				t.Errorf("the keys are %+v, %v", keys, err)
			}

			backup := filepath.Join(folder, "backup")
			admin("backup", backup)
			if err := s.eraseWhole(t.Context(), mia.Subject()); err != nil {
				t.Fatal(err)
			}
			s.close()
			for _, address := range append([]config.Secret{cfg.Database.Parcels}, cfg.Database.People["cn"], cfg.Database.People["us"]) {
				lost(t, string(address))
			}
			var done restored
			if err := json.Unmarshal([]byte(admin("restore", "--json", backup)), &done); err != nil || done.Erased != 1 {
				t.Errorf("restored %+v, %v", done, err)
			}
			s = open()
			defer s.close()
			for room, all := range subjects(t, s) {
				if slices.Contains(all, mia.Subject()) {
					t.Errorf("%s holds somebody who was erased", room)
				}
			}
			store := must(s.people.members.Of(lian))(t)
			if p := must(store.Profile(t.Context(), lian))(t); p.Nickname != "lian" || len(p.Contacts) != 1 {
				t.Errorf("who wasn't erased is %+v", p)
			}
		})
	}
}
