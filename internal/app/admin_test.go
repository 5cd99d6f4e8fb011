package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/request"
)

// beside has the commands of a test work on a server's databases.
func beside(t *testing.T, s *server) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	text := fmt.Sprintf("data: %q\ndatabase: {parcels: %q}\nkeys: {default: {store: %q}}\n", s.cfg.Data, string(s.cfg.Database.Parcels), string(s.cfg.Keys["default"].Store))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("WAYPOST_CONFIG", file)
}

// The commands work on the databases of a server that runs meanwhile.
func TestAdminBesideAServer(t *testing.T) {
	s, _ := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	beside(t, s)
	admin := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := run(t, "", append([]string{"admin"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s %s", args, code, want, out, errs)
		}
		return out + errs
	}
	mia := newMember(t, s, "mia@mail.example")

	if out := admin(exitOK, "user", "find", "mia@mail.example", "--purpose", "ticket:T-1"); !strings.Contains(out, string(mia.Account)+" active") {
		t.Errorf("find: %q", out)
	}
	if out := admin(exitFailed, "user", "find", "mia@mail.example", "--purpose", "call:T-1"); !strings.Contains(out, "isn't needed for what you look for") {
		t.Errorf("a caller, whom nobody at the console hears: %q", out)
	}
	if out := admin(exitFailed, "user", "find", "mia@mail.example", "--purpose", "curiosity"); !strings.Contains(out, "like T-4711") {
		t.Errorf("without a purpose: %q", out)
	}
	admin(exitUsage, "user", "find", "mia@mail.example")
	if out := admin(exitFailed, "user", "find", "nobody@mail.example", "--purpose", "ticket:T-1"); !strings.Contains(out, "no such account") {
		t.Errorf("nobody: %q", out)
	}
	var shown userJSON
	if err := json.Unmarshal([]byte(admin(exitOK, "user", "show", string(mia.Account), "--purpose", "ticket:T-1", "--json")), &shown); err != nil || shown.Contacts[0].Address != "m…@mail.example" || shown.Nickname != "" {
		t.Errorf("show: %+v, %v", shown, err)
	}
	admin(exitOK, "user", "lock", "mia@mail.example", "--purpose", "ticket:I-1")
	store, err := s.people.members.Of(mia.Account)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := store.Profile(t.Context(), mia.Account); err != nil || p.State != account.Locked {
		t.Errorf("after the lock: %v, %v", p.State, err)
	}
	admin(exitOK, "user", "unlock", "mia@mail.example", "--purpose", "ticket:I-1")
	admin(exitOK, "user", "sign-out", "mia@mail.example", "--purpose", "ticket:I-1")
	looks, err := store.Looks(t.Context(), mia.Account)
	if err != nil || len(looks) != 8 || looks[0].Duty != account.AtConsole {
		t.Errorf("%d looks %+v, %v; want 8", len(looks), looks, err)
	}
	if out := admin(exitFailed, "user", "erase-child", "mia@mail.example", "--purpose", "ticket:R-2"); !strings.Contains(out, "--yes") {
		t.Errorf("erase without --yes: %q", out)
	}
	admin(exitOK, "user", "erase-child", "mia@mail.example", "--purpose", "ticket:R-2", "--yes")
	if _, err := store.Profile(t.Context(), mia.Account); err == nil {
		t.Error("she is still there")
	}

	first := admin(exitOK, "staff", "link")
	if !strings.Contains(first, "/staff/enter/default.") {
		t.Errorf("the first link: %q", first)
	}
	if out := admin(exitOK, "staff", "invite", "pavel@staff.example", "--role", "support"); !strings.Contains(out, "/staff/enter/") {
		t.Errorf("invite: %q", out)
	}
	if out := admin(exitFailed, "staff", "link"); !strings.Contains(out, "staff link ADDRESS") {
		t.Errorf("a first link although there is staff: %q", out)
	}
	admin(exitUsage, "staff", "role", "pavel@staff.example", "boss")
	admin(exitOK, "staff", "role", "pavel@staff.example", "privacy", "security")
	admin(exitOK, "staff", "lock", "pavel@staff.example")
	var list []colleagueJSON
	if err := json.Unmarshal([]byte(admin(exitOK, "staff", "list", "--json")), &list); err != nil || len(list) != 2 || list[1].State != "locked" || len(list[1].Duties) != 2 {
		t.Errorf("the staff: %+v, %v", list, err)
	}
	admin(exitOK, "staff", "remove", "pavel@staff.example")

	noah := newMember(t, s, "noah@mail.example")
	number := must(s.dataRequests.Raise(t.Context(), noah.Account, request.Wish{Kind: request.Object, Lang: "en", Text: "Don't count me."}))(t)
	if out := admin(exitOK, "request", "list"); !strings.Contains(out, string(number)+"  object  received") || strings.Contains(out, "count me") {
		t.Errorf("requests: %q", out)
	}
	if out := admin(exitOK, "request", "list", "--state", "done"); strings.TrimSpace(out) != "There are none." {
		t.Errorf("that no requests are done is told as %q", out)
	}
	if out := admin(exitOK, "request", "list", "--state", "done", "--json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("requests that are done: %q", out)
	}

	if out := admin(exitOK, "key", "list"); !strings.Contains(out, "default") {
		t.Errorf("keys: %q", out)
	}
	admin(exitOK, "key", "rewrap")
	if out := admin(exitOK, "role", "list"); !strings.Contains(out, "erase_child") || !strings.Contains(out, "own_team") {
		t.Errorf("roles: %q", out)
	}
}

func TestAdminGivesAnAccountAQuota(t *testing.T) {
	s, _ := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	beside(t, s)
	mia := newMember(t, s, "mia@mail.example")
	id := string(mia.Account)
	admin := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := run(t, "", append([]string{"admin", "quota"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s %s", args, code, want, out, errs)
		}
		return out + errs
	}
	if out := admin(exitOK, "show", id); !strings.Contains(out, "the configuration's") || !strings.Contains(out, "unlimited") {
		t.Errorf("show: %q", out)
	}
	if out := admin(exitOK, "set", "mia@mail.example", "--purpose", "ticket:T-1", "--total", "300", "--monthly", "--daily", "50"); !strings.Contains(out, "300 a month") || !strings.Contains(out, "its own") {
		t.Errorf("set: %q", out)
	}
	var shown quotaJSON
	if err := json.Unmarshal([]byte(admin(exitOK, "show", id, "--json")), &shown); err != nil || shown.Total == nil || *shown.Total != 300 || shown.Daily != 50 || !shown.Own {
		t.Errorf("show: %+v, %v", shown, err)
	}
	if out := admin(exitOK, "set", id, "--default"); !strings.Contains(out, "unlimited") {
		t.Errorf("set --default: %q", out)
	}
	if out := admin(exitOK, "set", id, "--total", "unlimited"); !strings.Contains(out, "its own") {
		t.Errorf("set --total unlimited: %q", out)
	}
	for _, args := range [][]string{{"set", id}, {"set", id, "--total", "3", "--default"}, {"show", "mia@mail.example"}, {"set", "default-0190d5a0-0000-7000-8000-00000000000f", "--total", "3"}} {
		admin(exitFailed, args...)
	}
	admin(exitUsage, "set", id, "--total", "lots")
}
