package internal_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/internal/policy"
)

var (
	update   = flag.Bool("update", false, "write docs/promises.md anew")
	promises = flag.Bool("promises", false, "run every test that a promise names, and fail if one is skipped")
)

// docs/promises.md says of each sentence of the policy that promises something
// where the program declares it and which test holds it.
func TestThePageOfPromisesIsCurrent(t *testing.T) {
	p, err := policy.Read()
	if err != nil {
		t.Fatal(err)
	}
	want := promisesPage(p.Templates())
	if *update {
		if err := os.WriteFile("../docs/promises.md", want, 0o644); err != nil { //nolint:gosec // everybody may read it
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("../docs/promises.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/promises.md isn't what the policy says: go test ./internal -run TestThePageOfPromisesIsCurrent -update, and read what changed")
	}
}

func promisesPage(templates []policy.Template) []byte {
	var b bytes.Buffer
	b.WriteString("# Promises\n\n" +
		"What the privacy policy promises, where the program declares the same, and which\n" +
		"test holds it. `go test ./internal -run TestThePageOfPromisesIsCurrent -update` writes\n" +
		"this page; `make promises` runs the tests that it names. Sentences marked *if* are\n" +
		"said only where it is so.\n\n| promise | the policy says | declared in | held by |\n| --- | --- | --- | --- |\n")
	known := map[string]policy.Promise{}
	for _, p := range policy.Promises {
		known[p.ID] = p
	}
	for _, t := range templates {
		if t.Promise == "" {
			continue
		}
		p := known[t.Promise]
		var held []string
		for _, one := range p.Tests {
			file, name, _ := strings.Cut(one, " ")
			held = append(held, fmt.Sprintf("`%s` (`%s`)", name, file))
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", t.Promise, said(t), p.Declared, strings.Join(held, ", "))
	}
	b.WriteString("\n## Sentences that promise nothing\n\nEach was read and found to bind nobody to anything that a program could break, or to\nbe a person's to keep.\n\n| section | sentence |\n| --- | --- |\n")
	for _, t := range templates {
		if t.Promise == "" {
			fmt.Fprintf(&b, "| %s | %s |\n", t.Section, said(t))
		}
	}
	return b.Bytes()
}

// said is a sentence and what it depends on.
func said(t policy.Template) string {
	switch {
	case strings.HasPrefix(t.When, "!"):
		return "*unless " + t.When[1:] + ":* " + t.En
	case t.When != "":
		return "*if " + t.When + ":* " + t.En
	}
	return t.En
}

// Every test that holds a promise is there, and skips nothing by itself.
func TestWhatHoldsPromisesIsThere(t *testing.T) {
	for _, p := range policy.Promises {
		if _, err := os.Stat(filepath.Join("..", p.Declared)); err != nil {
			t.Errorf("%s is declared in %s, which isn't there", p.ID, p.Declared)
		}
		if len(p.Tests) == 0 {
			t.Errorf("%s is held by no test", p.ID)
		}
		for _, one := range p.Tests {
			file, name, _ := strings.Cut(one, " ")
			if why := unfit(filepath.Join("..", file), name); why != "" {
				t.Errorf("%s is held by %s, which %s", p.ID, one, why)
			}
		}
	}
}

// unfit says why a test can't hold a promise, "" when it can.
func unfit(file, name string) string {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return "can't be read: " + err.Error()
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != name {
			continue
		}
		why := ""
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(call.Sel.Name, "Skip") {
				why = "skips itself"
			}
			return true
		})
		return why
	}
	return "isn't there"
}

// With -promises every test that holds a promise is run, as `make promises` has it.
func TestPromisesAreHeld(t *testing.T) {
	if !*promises {
		return
	}
	byFolder := map[string][]string{}
	for _, p := range policy.Promises {
		for _, one := range p.Tests {
			file, name, _ := strings.Cut(one, " ")
			folder := "../" + path.Dir(file)
			if !slices.Contains(byFolder[folder], name) {
				byFolder[folder] = append(byFolder[folder], name)
			}
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		names := byFolder[folder]
		command := exec.CommandContext(t.Context(), "go", "test", "-json", "-count=1", "-run", "^("+strings.Join(names, "|")+")$", folder) //nolint:gosec // names of our own
		out, err := command.Output()
		if err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		ended := outcomes(out)
		for _, name := range names {
			if ended[name] != "pass" {
				t.Errorf("%s in %s ended with %q, want pass", name, folder, ended[name])
			}
		}
	}
}

// outcomes are how tests ended: "skip" where a part of one was skipped.
func outcomes(log []byte) map[string]string {
	ended := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct{ Action, Test string }
		if json.Unmarshal(lines.Bytes(), &e) != nil || !slices.Contains([]string{"pass", "fail", "skip"}, e.Action) {
			continue
		}
		name, _, _ := strings.Cut(e.Test, "/")
		if ended[name] != "skip" && ended[name] != "fail" {
			ended[name] = e.Action
		}
	}
	return ended
}
