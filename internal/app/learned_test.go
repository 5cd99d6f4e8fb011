package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/memory"
)

// isolates are the marks around what has a direction of its own (Unicode's
// standard annex 9).
var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

// What carriers answered shifts the order on the page and at the command line,
// in every language, until it is forgotten.
func TestWhatWasLearnedShiftsTheOrder(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		beside(t, s)
		learned := func(args ...string) string {
			t.Helper()
			code, out, errs := run(t, "", append([]string{"carrier", "learned"}, args...)...)
			if code != exitOK {
				t.Fatalf("%v: exit %d: %s", args, code, errs)
			}
			return out
		}
		const next = "738192046537"
		first := func(args ...string) candidateJSON {
			t.Helper()
			_, out, errs := run(t, next, append([]string{"recognise", "--json"}, args...)...)
			var n numberJSON
			if err := json.NewDecoder(strings.NewReader(out)).Decode(&n); err != nil || len(n.Candidates) < 2 {
				t.Fatalf("%v in %s%s", err, out, errs)
			}
			return n.Candidates[0]
		}
		page := func(lang string) (choice string) {
			t.Helper()
			_, page := get(t, base+"/track?lang="+lang+"&nums="+next)
			_, choice, _ = strings.Cut(page, `name="of"`)
			return isolates.Replace(choice)
		}
		exchange := func() {
			t.Helper()
			if err := s.memory.Exchange(t.Context()); err != nil {
				t.Fatal(err)
			}
		}

		if out := learned(); !strings.Contains(out, "Nothing was learned yet") {
			t.Errorf("at first: %s", out)
		}
		for i := range 20 {
			s.memory.Learn(memory.Lesson{Number: fmt.Sprintf("73%010d", 1_000_003*i), Carrier: "yurtici-kargo", Country: "TR"})
		}
		exchange()
		if out := learned(); !strings.Contains(out, "############  TR       20       yurtici-kargo 20") {
			t.Errorf("it shows %s", out)
		}
		file := filepath.Join(t.TempDir(), "learned.json")
		if err := os.WriteFile(file, []byte(learned("--json")), 0o600); err != nil {
			t.Fatal(err)
		}
		if c := first(); c.Carrier == "yurtici-kargo" {
			t.Error("without the file it is first, too")
		}
		if c := first("--learned", file); c.Carrier != "yurtici-kargo" || !strings.Contains(fmt.Sprint(c.Reasons), "of 20 such numbers here, 20 were this carrier's") {
			t.Errorf("%s is first: %v", c.Carrier, c.Reasons)
		}
		for lang, want := range map[string]string{
			"en": "Of 20 such numbers here, 20 were this carrier’s.",
			"zh": "此处 20 个同类单号中，有 20 个属于该承运商。",
			"ar": "من بين 20 من الأرقام المشابهة هنا، كان 20 منها لهذه الشركة.",
		} {
			if choice := page(lang); !strings.Contains(choice, want) {
				t.Errorf("the choice in %s doesn't say %q: %s", lang, want, choice)
			}
		}

		if out := learned("--reset", "--json"); strings.TrimSpace(out) != "[]" {
			t.Errorf("after the reset there is %s", out)
		}
		exchange()
		if choice := page("en"); choice == "" || strings.Contains(choice, "such numbers") {
			t.Errorf("after the reset the choice is %s", choice)
		}
	})
}

func TestWhatWasNotLearnedIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "learned.json")
	if err := os.WriteFile(file, []byte(`{"learned": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(t, "738192046537", "recognise", "--learned", file); code != exitFailed || !strings.Contains(errs, "carrier learned --json") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
