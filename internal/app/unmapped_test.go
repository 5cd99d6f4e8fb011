package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/status"
)

// Codes that a running server noted are listed beside it, without those that the
// files have by now.
func TestCarrierUnmapped(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, base := start(t, "sqlite:"+filepath.Join(folder, "parcels.db"), nil)
	file := filepath.Join(folder, "waypost.yaml")
	text := fmt.Sprintf("data: %q\ndatabase: {parcels: %q}\n", s.cfg.Data, string(s.cfg.Database.Parcels))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list := func(args ...string) string {
		t.Helper()
		code, out, errs := run(t, "", append([]string{"carrier", "unmapped", "--config", file}, args...)...)
		if code != exitOK {
			t.Fatalf("exit %d: %s", code, errs)
		}
		return out
	}
	if out := list(); !strings.Contains(out, "has a meaning") {
		t.Errorf("nothing unmapped: %q", out)
	}
	for source, all := range map[carrier.SourceCode][]carrier.Unknown{
		"ups": {
			{Code: "QQ/7", Words: "Nobody home", Means: status.DeliveryFailureNoBody}, {Code: "QQ/7", Words: "Nobody home", Means: status.DeliveryFailureNoBody},
			{Code: "003", Words: "known by now"}, {Words: "Thank you"},
		},
		"gone": {{Code: "1"}},
	} {
		if err := s.store.NoteUnmapped(t.Context(), source, all); err != nil {
			t.Fatal(err)
		}
	}
	out := list()
	for _, want := range []string{"carriers/ups.yaml, status:", "# answers: 2, last on ", "Nobody home (by \"", "\n  'QQ/7': DeliveryFailure_NoBody  # Nobody home\n", "no proposal"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list doesn't hold %q:\n%s", want, out)
		}
	}
	var told []unmappedJSON
	if err := json.Unmarshal([]byte(list("--json")), &told); err != nil || len(told) != 2 {
		t.Fatalf("%+v, %v", told, err)
	}
	if err := s.store.NoteUnmapped(t.Context(), "inpost", []carrier.Unknown{{Code: "QQ/8", Words: "Left the <hub>"}}); err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}}
	if page := g.staffPage(account.Operator, "/staff/carriers/inpost"); !contains(page, "in one answer", "'QQ/8': note", "Left the <hub>") || contains(page, "QQ/7") {
		t.Errorf("the source's page doesn't show its codes, or another's:\n%s", page)
	}
	if u := told[0]; u.Source != "ups" || u.Code != "QQ/7" || u.Means != status.DeliveryFailureNoBody || u.Answers != 2 || u.First.IsZero() || u.Line == "" {
		t.Errorf("got %+v", u)
	}
}
