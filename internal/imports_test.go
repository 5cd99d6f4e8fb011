package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors lists the rooms from the ground up. A room may import what is on
// lower floors; on its own floor only what doors allows it.
var floors = [][]string{
	{"fault", "db", "job", "live", "inventory", "vault", "export", "purge", "figure", "outbound", "config", "dbtest", "sim", "mail", "mailtest", "oidctest", "sms", "outbox", "locale", "limit", "folder", "workday", "region"},
	{"status", "place", "gist", "carrier", "carrier/builtin", "carrier/engine", "carrier/replay", "promise", "recognise", "training", "carrier/kit"},
	{"parcel", "rhythm", "account", "account/provider", "message", "watch", "health", "memory", "policy", "quota", "webhook", "once", "copies", "recipient", "hold", "retention", "lawful", "closing", "incident", "request"},
	{"poll", "mailbox", "rehearse", "rights"},
	{"api/inbound", "api/track17", "api/v1", "web", "web/ui", "web/tell", "web/visit", "web/site", "web/legal", "web/member", "web/staff", "web/reference"},
	{"app"},
}

// doors are the imports allowed on one floor: who may enter whom.
var doors = map[string][]string{
	"db":              {"fault", "live"},
	"job":             {"fault", "db", "inventory", "live"},
	"limit":           {"fault", "db", "inventory", "purge"},
	"purge":           {"db", "inventory"},
	"live":            {"fault"},
	"figure":          {"fault"},
	"region":          {"fault", "db", "inventory"},
	"inventory":       {"fault"},
	"vault":           {"fault", "db", "inventory"},
	"export":          {"db", "inventory", "vault"},
	"outbound":        {"fault"},
	"config":          {"fault", "workday"},
	"mail":            {"fault", "inventory"},
	"outbox":          {"mail", "sms"},
	"sms":             {"fault", "inventory", "outbound"},
	"dbtest":          {"fault", "db", "inventory", "live"},
	"sim":             {"fault"},
	"carrier":         {"status", "place"},
	"carrier/builtin": {"carrier"},
	"carrier/engine":  {"carrier", "gist", "status", "place"},
	"gist":            {"status"},
	"carrier/replay":  {"carrier", "carrier/engine"},
	"carrier/kit":     {"carrier", "carrier/engine", "gist", "recognise", "status"},
	"recognise":       {"carrier", "place", "promise"},
	"account":         {"account/provider"},
	"incident":        {"account"},                               // who is on whose staff, and whom it concerns
	"request":         {"account"},                               // who the staff and members are, and the trail of what the staff do
	"message":         {"watch", "account", "parcel", "request"}, // of the last three their events' types and what they answer; it asks them through interfaces of its own
	"watch":           {"parcel"},
	"webhook":         {"watch", "parcel"},
	"web/visit":       {"web/ui"},
	"web/tell":        {"web/ui"},
	"web/site":        {"web/ui", "web/tell", "web/visit"},
	"web/member":      {"web/ui", "web/tell", "web/visit"},
	"web/legal":       {"web/ui"},
	"web/staff":       {"web/ui", "web/tell", "web/visit"},
	"rehearse":        {"poll"}, // how a plan is told
	"web/reference":   {"web/ui"},
	"api/v1":          {"web/ui"}, // its streams
}

// readers are who may read the carrier files, and their catalogue: app alone, so
// that everything else can be tested with files of its own.
var readers = map[string]string{"waypost/carriers": "carrier/builtin", "waypost/sources": "carrier/builtin", "waypost/internal/carrier/builtin": "app"}

func TestImportsGoDown(t *testing.T) {
	seen := 0
	walk := func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir // programs of others, which tests run
		}
		if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		seen++
		room := filepath.ToSlash(filepath.Dir(file))
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if floorOf(room) < 0 {
			t.Errorf("%s: room %q is on no floor; give it one in floors", file, room)
		}
		for _, spec := range parsed.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(room, target); why != "" {
				t.Errorf("%s imports %s: %s", file, target, why)
			}
		}
		return nil
	}
	if err := filepath.WalkDir(".", walk); err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("read %d files; is the test looking at the right folder?", seen)
	}
}

func TestForbiddenImportsAreSeen(t *testing.T) {
	for _, tc := range []struct{ room, target, want string }{
		{"parcel", "waypost/internal/carrier", ""},
		{"parcel", "waypost/internal/poll", "is on a higher floor"},
		{"status", "waypost/internal/carrier", "no door between them"},
		{"web/site", "waypost/internal/web/ui", ""},
		{"web/ui", "waypost/internal/web/site", "no door between them"},
		{"poll", "waypost/carriers", "only carrier/builtin reads it"},
		{"poll", "waypost/internal/carrier/builtin", "only app reads it"},
		{"db", "database/sql", ""},
	} {
		if got := forbidden(tc.room, tc.target); got != tc.want {
			t.Errorf("%s importing %s: got %q, want %q", tc.room, tc.target, got, tc.want)
		}
	}
}

// forbidden says why room may not import target, "" if it may.
func forbidden(room, target string) string {
	if reader := readers[target]; reader != "" && room != reader {
		return "only " + reader + " reads it"
	}
	name, ours := strings.CutPrefix(target, "waypost/internal/")
	if !ours || name == room {
		return ""
	}
	from, to := floorOf(room), floorOf(name)
	switch {
	case to < 0:
		return "is on no floor"
	case to > from:
		return "is on a higher floor"
	case to == from && !slices.Contains(doors[room], name):
		return "no door between them"
	}
	return ""
}

func floorOf(room string) int {
	return slices.IndexFunc(floors, func(rooms []string) bool { return slices.Contains(rooms, room) })
}
