package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/mail"
	"waypost/internal/sms"
	"waypost/internal/watch"
)

// logged are the attributes that log lines may have, and the labels of metrics,
// with what they hold. None holds a name, an address or a number of a person, or
// what they wrote.
var logged = map[string]string{
	"channel": "mail or sms", "words": "an unmapped code's words without what names a person", "api": "which of the APIs", "account": "the operator's account at a source", "accounts": "how many of them", "asks": "how many", "attempt": "how often a job was begun",
	"carrier": "a carrier's code", "carriers": "how many", "change": "how an answer changed", "changed": "how many", "class": "of a status, 4xx", "clerk": "one of the staff, by id", "codes": "how many", "done": "how many",
	"endpoint": "its id", "failed": "how many", "known": "how many", "err": "an error, whose text holds ids and no person's fields", "file": "of the program's own", "host": "a database server's, as the operator names it", "job": "a job's id", "kind": "of a job",
	"leg": "a carrier's part", "line": "of a file", "mailbox": "its name in the configuration", "mails": "how many", "matter": "what a quota is drawn for", "message": "which letter or alert it is, by its event or id", "mistake": "in a carrier's file", "numbers": "how many", "outcome": "a word of a closed set",
	"parcel": "its id", "parcels": "how many", "path": "to a field of a carrier's answer", "pause": "how long", "problem": "a word of a closed set", "region": "a region's name",
	"registration": "its id", "room": "a room's name", "route": "a route's pattern, never an address that was asked for", "rows": "how many", "saved": "how many", "seq": "a counter", "slips": "how many", "source": "a source's code",
	"status": "a parcel's", "told": "how many", "version": "the program's", "what": "a setting or a promise", "why": "words of the program's own",
}

// personal are what people's types call what is theirs. It is logged under no name.
var personal = []string{
	"Nickname", "Company", "Picture", "Contact", "Contacts", "Value", "Words", "Note", "Email", "Phone", "Guardian", "Password", "Token", "Profile", "Form", "URL", "RequestURI", "RemoteAddr",
}

// hidden are the types that hold people's fields. A log shows none of them, under
// whatever attribute they come.
var hidden = []slog.LogValuer{
	account.Contact{}, account.Profile{}, account.Application{}, watch.Words{}, watch.Watch{}, mail.Message{}, sms.Message{},
}

func TestPeoplesTypesHideInLogs(t *testing.T) {
	for _, one := range hidden {
		if got := one.LogValue().String(); got != "[personal]" {
			t.Errorf("a log shows %T as %q", one, got)
		}
	}
}

func TestLogsHaveDeclaredAttributesOnly(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, why := range unlogged(call) {
				t.Errorf("%s: %s", files.Position(call.Pos()), why)
			}
			seen += len(attributes(call))
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 40 {
		t.Fatalf("read %d attributes; is the test looking at the right calls?", seen)
	}
}

func TestWhatMayNotBeLoggedIsSeen(t *testing.T) {
	for source, want := range map[string]string{
		`s.log.Info("seen", "rows", n)`:                    "",
		`s.log.Info("seen", "nickname", p.name)`:           `"nickname" is no declared attribute`,
		`s.log.Info("seen", "rows", p.Nickname)`:           "Nickname is a person's",
		`o.Log.With("account", a.Contact.Value)`:           "Value is a person's",
		`slog.Error("seen", "who", x)`:                     `"who" is no declared attribute`,
		`log.Log(ctx, level, "seen", "err", err)`:          "",
		`log.Log(ctx, level, "seen", "err", r.RemoteAddr)`: "RemoteAddr is a person's",
		`s.log.Info("seen", name, n)`:                      "an attribute's name has to be written out",
		`s.log.Info("seen", slog.Int("who", 1))`:           `"who" is no declared attribute`,
		`prometheus.NewCounterVec(o, []string{"who"})`:     `"who" is no declared attribute`,
		`errGaps.With(n)`:                                  "",
	} {
		parsed, err := parser.ParseExpr(source)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				got = append(got, unlogged(call)...)
			}
			return true
		})
		if said := strings.Join(got, "; "); !strings.HasPrefix(said, want) || (said == "") != (want == "") {
			t.Errorf("%s: got %q, want %q", source, said, want)
		}
	}
}

// An attribute is what a call logs under a name.
type attribute struct{ name, value ast.Expr }

// unlogged says what a call may not log.
func unlogged(call *ast.CallExpr) (wrong []string) {
	for _, a := range attributes(call) {
		literal, ok := a.name.(*ast.BasicLit)
		if !ok {
			wrong = append(wrong, "an attribute's name has to be written out")
			continue
		}
		name, err := strconv.Unquote(literal.Value)
		if err != nil {
			continue
		}
		if logged[name] == "" {
			wrong = append(wrong, strconv.Quote(name)+" is no declared attribute: say in internal/logs_test.go what it holds, which may be nothing of a person's")
		}
		if a.value == nil {
			continue
		}
		ast.Inspect(a.value, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(personal, s.Sel.Name) {
				wrong = append(wrong, s.Sel.Name+" is a person's: log an id")
			}
			return true
		})
	}
	return wrong
}

// attributes are what a call logs, or the labels of the metric that it makes.
func attributes(call *ast.CallExpr) (all []attribute) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	name, of := method.Sel.Name, root(method.X)
	switch {
	case of == "prometheus" && strings.HasSuffix(name, "Vec") && len(call.Args) == 2:
		if list, ok := call.Args[1].(*ast.CompositeLit); ok {
			for _, label := range list.Elts {
				all = append(all, attribute{label, nil})
			}
		}
		return all
	case of == "slog" && slices.Contains([]string{"String", "Int", "Int64", "Bool", "Any", "Time", "Duration", "Float64"}, name) && len(call.Args) == 2:
		return []attribute{{call.Args[0], call.Args[1]}}
	case of != "slog" && !strings.EqualFold(of, "log"):
		return nil
	}
	from, ok := map[string]int{
		"With": 0, "Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "Log": 3,
		"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2, "LogAttrs": 3,
	}[name]
	if !ok {
		return nil
	}
	for i := from; i < len(call.Args); i += 2 {
		if _, made := call.Args[i].(*ast.CallExpr); made { // slog.Int("rows", n), which is seen by itself
			i--
			continue
		}
		if i+1 < len(call.Args) {
			all = append(all, attribute{call.Args[i], call.Args[i+1]})
		}
	}
	return all
}

// root is what a chain of calls begins with, or its last field: log in
// s.log.With("a", b).
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if s, ok := e.Fun.(*ast.SelectorExpr); ok {
			return root(s.X)
		}
	}
	return ""
}
