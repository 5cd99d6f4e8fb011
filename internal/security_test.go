package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asvsCount are the requirements of levels 1 and 2 in the chapters V1 (27), V2
// (11), V6 (35), V7 (18) and V8 (7) of OWASP ASVS 5.0.0.
const asvsCount = 98

var (
	asvsID = regexp.MustCompile(`^V(?:1|2|6|7|8)\.\d+\.\d+$`)
	shown  = regexp.MustCompile("((?:`(?:Test|Fuzz)\\w+`(?:, )?)+) \\(`([^`]+)`\\)")
	quoted = regexp.MustCompile("`([^`]+)`")
)

// docs/security.md says which test and which file shows a requirement. It may
// name nothing that isn't there.
func TestTheSecurityPageNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) < 3 {
			continue
		}
		evidence := cells[len(cells)-1]
		checkEvidence(t, evidence)
		if !strings.HasPrefix(line, "| V") {
			continue
		}
		if len(cells) != 4 {
			t.Errorf("%d cells in %q, want 4", len(cells), line)
		}
		if !quoted.MatchString(evidence) && !strings.Contains(cells[2], "not applicable") {
			t.Errorf("nothing shows %q", line)
		}
		for id := range strings.SplitSeq(strings.TrimSpace(cells[0]), ", ") {
			if !asvsID.MatchString(id) || seen[id] {
				t.Errorf("%q is no requirement's id, or is there twice", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != asvsCount {
		t.Errorf("%d requirements are there, want %d", len(seen), asvsCount)
	}
}

// checkEvidence looks up the tests and files that a cell names.
func checkEvidence(t *testing.T, cell string) {
	t.Helper()
	for _, found := range shown.FindAllStringSubmatch(cell, -1) {
		source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(found[2])))
		if err != nil {
			t.Errorf("%s: %v", found[1], err)
		}
		for _, name := range quoted.FindAllStringSubmatch(found[1], -1) {
			if !strings.Contains(string(source), "func "+name[1]+"(") {
				t.Errorf("%s has no %s", found[2], name[1])
			}
		}
	}
	for _, name := range quoted.FindAllStringSubmatch(shown.ReplaceAllString(cell, ""), -1) {
		switch {
		case strings.HasPrefix(name[1], "Test"), strings.HasPrefix(name[1], "Fuzz"):
			t.Errorf("%s stands without its file", name[1])
		case strings.HasPrefix(name[1], "internal/"), strings.HasPrefix(name[1], "docs/"), name[1] == "Makefile", name[1] == "go.mod":
			if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(name[1]))); err != nil {
				t.Error(err)
			}
		}
	}
}
