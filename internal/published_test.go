package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outward are the packages whose words and answers everybody reads. What they say is
// of parcels and carriers, which are nobody's, and of who asks; figures of many come
// through package figure alone.
var outward = []string{"web/site", "web/tell", "web/reference", "api/v1", "api/track17", "recognise"}

// counting are what rooms call that which counts over people. An outward package
// that needs such a figure declares it in package figure.
var counting = regexp.MustCompile(`^(Watchers|Keeping|Subjects|Counts|Entries)$`)

// telling are fields and words by which an answer could say who watches.
var telling = regexp.MustCompile(`(?i)^(watchers?|viewers?|followers?|watching|watched_?by|popular(ity)?|users?_?count|watch(es)?_?count)$`)

func TestFiguresOfManyGoOutThroughTheGateOnly(t *testing.T) {
	seen := 0
	for _, dir := range outward {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			seen++
			files := token.NewFileSet()
			parsed, err := parser.ParseFile(files, file, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					if counting.MatchString(n.Sel.Name) {
						t.Errorf("%s: %s counts over people: what is to be read by everybody is declared in internal/figure and passes its gate", files.Position(n.Pos()), n.Sel.Name)
					}
				case *ast.Field:
					for _, name := range n.Names {
						if telling.MatchString(name.Name) {
							t.Errorf("%s: %s would say who watches a parcel, or how many", files.Position(n.Pos()), name.Name)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("looked at %d files", seen)
	}
}
