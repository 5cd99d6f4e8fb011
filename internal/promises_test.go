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
		"this page. `make promises` runs the tests that it names, and for each promise with a\n" +
		"† switches off what keeps it and sees such a test fail. Sentences marked *if* are said\n" +
		"only where it is so.\n\n| promise | the policy says | declared in | held by |\n| --- | --- | --- | --- |\n")
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
		mark := ""
		if slices.ContainsFunc(switches, func(s switched) bool { return s.promise == t.Promise }) {
			mark = " †"
		}
		fmt.Fprintf(&b, "| %s%s | %s | `%s` | %s |\n", t.Promise, mark, said(t), p.Declared, strings.Join(held, ", "))
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

// A switched is a change of the program that turns off what keeps a promise.
type switched struct{ promise, file, on, off string }

// switches turn off what keeps promises, each so that a test that holds the
// promise has to fail.
var switches = []switched{
	{"declared", "account/fields.go", `{"state_ms", "since when"},`, ``},
	{"counted", "limit/limit.go", `Since: "ends_ms"}`, `Since: "ends_ms", Where: "1 = 0"}`},
	{"no-sale", "web/visit/gpc.go", `r.Header.Get("Sec-GPC") == "1"`, `false`},
	{"no-embeds", "web/ui/headers.go", `"default-src 'none'; `, `"default-src *; `},
	{"https", "web/ui/headers.go", `if k.https {`, `if false {`},
	{"expiry", "account/erase.go", `{Table: "notice", Since: "created_ms",`, `{Table: "notice", Since: "created_ms", Where: "1 = 0",`},
	{"holds", "app/expire.go", `p.Held, err = s.people.holds.All(ctx)`, `_, err = s.people.holds.All(ctx)`},
	{"backups", "app/adminbackup.go", `errors.Join(failed, os.RemoveAll(folder))`, `failed`},
	{"erasure", "account/erase.go", `return s.vault.Destroy(ctx, who)`, `return nil`},
	{"sealed", "account/signup.go", `k.SealText(fieldNickname, a.Nickname)`, `[]byte(a.Nickname)`},
	{"recipients", "recipient/erasure.go", `made_ms = $1, due_ms = $1 WHERE`, `made_ms = $1, due_ms = 0 WHERE`},
	{"figures", "figure/figure.go", `N: held / g.Group() * g.Group()`, `N: c.N`},
	{"place", "vault/seal.go", `return bind(string(f), string(s.subject))`, `return nil`},
	{"apart", "config/keys.go", `c.holdsData(k.Store)`, `c.holdsData(k.Store[:0])`},
	{"looks", "account/stafflog.go", `VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, `SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE 1 = 0`},
	{"purposes", "account/occasion.go", `slices.Contains(e.Duties, d) && slices.Contains(Occasions[at].Duties, d)`, `slices.Contains(e.Duties, d)`},
	{"caller", "account/look.go", `seen.Call.Proved.IsZero()`, `seen.Call.Tries == 0`},
	{"training", "account/training.go", `c.untrained = c.Due.IsZero()`, `c.untrained = false`},
	{"stays", "rights/stays.go", `if !f.Stays {`, `if f.Stays {`},
	{"restrict", "webhook/drain.go", `if d.held, err = d.all.o.Restricted.Is(ctx, d.Owner); err != nil {`, `if err != nil {`},
	{"object", "watch/usual.go", `err != nil || objected {`, `err != nil || objected && false {`},
	{"withdraw", "web/member/consents.go", `err = p.members.Unlink(r.Context(), v.Session, provider.Code(code), from(v.From, f))`, `_ = code`},
	{"ledger", "account/consent.go", `given != c.Given`, `given == c.Given`},
	{"children", "account/erase.go", `s.whole(ctx, e.who)`, `error(nil)`},
	{"announced", "policy/store.go", `len(v.Lessens) > 0 && v.Applies`, `len(v.Lessens) < 0 && v.Applies`},
	{"versions", "policy/diff.go", `if c.Sign != Same {`, `if false {`},
}

// Every switch finds what it switches off, and is of a promise.
func TestWhatIsSwitchedOffIsThere(t *testing.T) {
	for _, s := range switches {
		if !slices.ContainsFunc(policy.Promises, func(p policy.Promise) bool { return p.ID == s.promise }) {
			t.Errorf("there is no promise %s", s.promise)
		}
		source, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(source), s.on) != 1 {
			t.Errorf("%s hasn't %q once", s.file, s.on)
		}
	}
}

// With -promises every switch makes a test fail that holds its promise.
func TestASwitchedOffPromiseIsSeen(t *testing.T) {
	if !*promises {
		return
	}
	for _, s := range switches {
		t.Run(s.promise, func(t *testing.T) {
			at := slices.IndexFunc(policy.Promises, func(p policy.Promise) bool { return p.ID == s.promise })
			overlay := s.overlay(t)
			for _, one := range policy.Promises[at].Tests {
				file, name, _ := strings.Cut(one, " ")
				command := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-json", "-count=1", "-run", "^"+name+"$", "../"+path.Dir(file)) //nolint:gosec // names of our own
				out, err := command.Output()
				if ended := outcomes(out); err != nil && ended[name] == "fail" {
					return
				}
			}
			t.Errorf("with %s switched off, every test passes that is said to hold the promise, or none could be built", s.file)
		})
	}
}

// overlay has the go command build the file as if it were switched off.
func (s switched) overlay(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	from, err := filepath.Abs(s.file)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	to, list := filepath.Join(folder, "off.go"), filepath.Join(folder, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {from: to}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{to: []byte(strings.Replace(string(source), s.on, s.off, 1)), list: text} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return list
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
