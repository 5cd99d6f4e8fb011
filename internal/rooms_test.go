package internal_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var declares = regexp.MustCompile(`(?m)^func \((?:\w+ )?\*(\w+)\) Fields\(\) \[\]inventory\.Field`)

// What a room declares reaches the privacy policy and the comparison with the
// databases only through internal/app/rooms.go.
func TestEveryRoomsDeclarationsCount(t *testing.T) {
	list, err := os.ReadFile("app/rooms.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		content, err := os.ReadFile(file)
		for _, found := range declares.FindAllSubmatch(content, -1) {
			seen++
			if call := "(*" + path.Base(path.Dir(file)) + "." + string(found[1]) + ")(nil).Fields()"; !strings.Contains(string(list), call) {
				t.Errorf("%s declares fields that nobody reads: add %s to declarations in internal/app/rooms.go", file, call)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("found %d rooms; is the test looking at the right folder?", seen)
	}
}
