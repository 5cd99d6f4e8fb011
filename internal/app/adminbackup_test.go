package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/policy"
	"waypost/internal/quota"
)

// lost loses all that is in a database.
func lost(t *testing.T, address string) {
	t.Helper()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		for _, rest := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(path + rest); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	d := dbtest.Open(t, address)
	for _, statement := range []string{"DROP SCHEMA " + schema + " CASCADE", "CREATE SCHEMA " + schema} {
		if _, err := d.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// subjects are all of whom any room holds something, by room.
func subjects(t *testing.T, s *server) map[string][]inventory.Subject {
	t.Helper()
	all := map[string][]inventory.Subject{}
	for _, r := range s.rooms() {
		page, err := r.Subjects(t.Context(), "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		all[r.name] = append(all[r.name], page...)
	}
	return all
}

// The drill: back up beside what runs, erase somebody, lose everything, restore.
// Everybody else is back; who was erased isn't.
func TestABackupBringsBackEverybodyButTheErased(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		cfg := settings(t, map[string]any{"url": "http://track.example", "database.parcels": address})
		log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
		s, err := newServer(t.Context(), cfg, log)
		if err != nil {
			t.Fatal(err)
		}
		beside(t, s)
		const number = "1Z4A7B2C0364182055"
		mia, noah := newMember(t, s, "mia@mail.example").Account.Subject(), newMember(t, s, "noah@mail.example").Account.Subject()
		for _, who := range []inventory.Subject{mia, noah} {
			keep(t, s, who, number, "a kettle")
			keys, err := s.people.quotas.Of(who)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := keys.Make(t.Context(), who, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, true); err != nil {
				t.Fatal(err)
			}
		}
		before := subjects(t, s)
		for _, room := range []string{"account", "watch", "quota"} {
			if !slices.Contains(before[room], mia) || !slices.Contains(before[room], noah) {
				t.Fatalf("%s holds %q", room, before[room])
			}
		}

		folder := filepath.Join(t.TempDir(), "backup")
		if code, out, errs := run(t, "", "admin", "backup", folder); code != exitOK {
			t.Fatalf("backup: %s %s", out, errs)
		}
		if code, _, errs := run(t, "", "admin", "backup", folder); code != exitFailed || !strings.Contains(errs, "already") {
			t.Errorf("over a backup: %d %s", code, errs)
		}
		for _, r := range s.rooms() {
			if err := r.Erase(t.Context(), mia); err != nil {
				t.Fatal(err)
			}
		}
		if code, _, errs := run(t, "", "admin", "restore", folder); code != exitFailed || !strings.Contains(errs, "nothing is written over") {
			t.Errorf("over what is there: %d %s", code, errs)
		}
		s.close()

		lost(t, address)
		code, out, errs := run(t, "", "admin", "restore", "--json", folder)
		var done restored
		if err := json.Unmarshal([]byte(out), &done); code != exitOK || err != nil || done.Erased != 1 {
			t.Fatalf("restore: %d %s %s", code, out, errs)
		}
		if s, err = newServer(t.Context(), cfg, log); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		for room, all := range subjects(t, s) {
			if slices.Contains(all, mia) {
				t.Errorf("%s holds somebody who was erased", room)
			}
			if slices.Contains(before[room], noah) && !slices.Contains(all, noah) {
				t.Errorf("%s lost somebody", room)
			}
		}
	})
}

// Only what was written is restored, and into databases that hold the same.
func TestADamagedBackupIsNotRestored(t *testing.T) {
	address := dbtest.SQLite(t)
	cfg := settings(t, map[string]any{"url": "http://track.example", "database.parcels": address})
	s, err := newServer(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	beside(t, s)
	folder := filepath.Join(t.TempDir(), "backup")
	if code, _, errs := run(t, "", "admin", "backup", folder); code != exitOK {
		t.Fatal(errs)
	}
	s.close()
	lost(t, address)

	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	m.Databases[0].Holds = []string{"parcels"}
	other := cfg.Database
	if _, err := m.restore(context.Background(), folder, other, db.Options{}); err == nil || !strings.Contains(err.Error(), "in one database") {
		t.Errorf("another shape: %v", err)
	}
	file, err := os.OpenFile(filepath.Join(folder, m.Databases[0].File), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(t, "", "admin", "restore", folder); code != exitFailed || !strings.Contains(errs, "SHA-256") {
		t.Errorf("damaged: %d %s", code, errs)
	}
	if code, _, errs := run(t, "", "admin", "restore", t.TempDir()); code != exitFailed || !strings.Contains(errs, "no backup") {
		t.Errorf("no backup: %d %s", code, errs)
	}
}

// A backup that was made before the days that the policy says goes with the next
// one; nothing else beside it does.
func TestBackupsAreKeptAsLongAsThePolicySays(t *testing.T) {
	s, _ := start(t, dbtest.SQLite(t), nil)
	beside(t, s)
	days := s.cfg.Policy.Backups
	if facts := must(policyFacts(s.cfg))(t); facts.Backups != time.Duration(days)*24*time.Hour {
		t.Errorf("the policy says %v, the configuration %d days", facts.Backups, days)
	}
	if text := must(json.Marshal(must(policy.Read())(t).Write("en", must(policyFacts(s.cfg))(t))))(t); !strings.Contains(string(text), fmt.Sprintf("kept for %d days at most", days)) {
		t.Error("the policy doesn't say how long backups are kept")
	}
	folder := t.TempDir()
	put := func(name string, age time.Duration) {
		text := must(json.Marshal(manifest{Made: time.Now().Add(-age), Databases: []backupPart{{}}}))(t)
		if err := errors.Join(os.Mkdir(filepath.Join(folder, name), 0o700), os.WriteFile(filepath.Join(folder, name, manifestName), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	kept := time.Duration(days) * 24 * time.Hour
	put("old", kept+time.Hour)
	put("young", kept-time.Hour)
	if err := os.Mkdir(filepath.Join(folder, "photographs"), 0o700); err != nil {
		t.Fatal(err)
	}
	told := tellsBefore{t: t, gone: filepath.Join(folder, "old")}
	var errs strings.Builder
	if code := Main([]string{"admin", "backup", "--prune", filepath.Join(folder, "new")}, Stdio{In: strings.NewReader(""), Out: &told, Err: &errs}); code != exitOK || told.written == 0 {
		t.Fatal(errs.String())
	}
	var left []string
	for _, e := range must(os.ReadDir(folder))(t) {
		left = append(left, e.Name())
	}
	if !slices.Equal(left, []string{"new", "photographs", "young"}) {
		t.Errorf("left are %v", left)
	}
}

// A tellsBefore is told something before a folder is gone.
type tellsBefore struct {
	t       *testing.T
	gone    string
	written int
}

func (w *tellsBefore) Write(text []byte) (int, error) {
	if _, err := os.Stat(w.gone); err != nil {
		w.t.Errorf("what a failure of pruning is not to hide comes after it: %s, %v", text, err)
	}
	w.written += len(text)
	return len(text), nil
}
