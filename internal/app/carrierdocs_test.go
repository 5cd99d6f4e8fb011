package app

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryCarrierHasAPage(t *testing.T) {
	t.Parallel()
	first, again := filepath.Join(t.TempDir(), "pages"), filepath.Join(t.TempDir(), "pages")
	for _, folder := range []string{first, again} {
		if code, _, errs := run(t, "", "carrier", "docs", "--to="+folder); code != exitOK {
			t.Fatalf("exit %d: %s", code, errs)
		}
	}
	link := regexp.MustCompile(`\]\(([^)]*)\)`)
	pages := 0
	err := fs.WalkDir(os.DirFS(first), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		pages++
		text := read(t, first, name)
		if text != read(t, again, name) {
			t.Errorf("%s is another the second time", name)
		}
		if strings.Contains(text, "<no value>") || !strings.HasPrefix(text, "# ") {
			t.Errorf("%s: %s", name, text)
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(first, path.Join(path.Dir(name), m[1]))); err != nil {
				t.Errorf("%s leads to %s: %v", name, m[1], err)
			}
		}
		return nil
	})
	if err != nil || pages < 445 {
		t.Errorf("%d pages, %v", pages, err)
	}
	for name, want := range map[string][]string{
		"README.md":         {"| [InPost](inpost.md) | PL | lockers | yes | [inpost](sources/inpost.md)", "| [Yamato"},
		"inpost.md":         {"| name, pl | InPost |", "| letter | `[A-Z]{2}\\d{9}PL` | s10 | standard | RR418709255PL |", "[inpost](sources/inpost.md)"},
		"sources/inpost.md": {"none: it is open to all", "| `taken_by_courier` |  | InTransit\\_PickedUp |", "| `claimed` |  | says nothing of the parcel |", "so it is unproven", "| `too_many_requests` | limited |", "| not\\_found | made | `not-found.json` |"},
		"dhl-express.md":    {"with service: express"},
	} {
		text := read(t, first, filepath.FromSlash(name))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", name, w, text)
			}
		}
	}
}
