package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A seam is where something is done with people's data while they aren't there:
// what becomes of it for somebody whose data is restricted (GDPR, Article 18).
type seam struct {
	held string // the test that shows that it stops, "internal/x/y_test.go TestZ"; "" it goes on
	why  string // it goes on
}

func stops(test string) seam { return seam{held: test} }
func goesOn(why string) seam { return seam{why: why} }

// seams are the listeners and the periodic work of app, by their names, the rooms
// that hold something of people, and what is done with it at others' request.
// Policy and page say the same in words: restrict.* in web/ui/words.
var seams = map[string]seam{
	"message.parcel_changed":       stops("internal/message/alert_test.go TestWhoIsToldAndWhoIsNot"),
	"message.alerts_due":           stops("internal/message/alert_test.go TestWhatWaitsForWhoIsRestrictedIsDropped"),
	"webhook.parcel_changed":       stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"webhook.registrations_begun":  stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"webhook.registration_stopped": stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"webhook.account_restricted":   stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"account.hook_noticed":         stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"watch.account_restricted":     stops("internal/watch/restricted_test.go TestNothingIsWantedForWhoIsRestricted"),
	"watch.renew_":                 stops("internal/watch/restricted_test.go TestNothingIsWantedForWhoIsRestricted"),
	"mailbox.read_":                stops("internal/app/restricted_test.go TestAMailboxOfWhoIsRestrictedIsLeftAlone"),

	"watch.parcel_changed":         goesOn("how a parcel stands is written beside who keeps it, and shown to them"),
	"watch.stop_over_":             goesOn("registrations end by their rule, and nobody is told"),
	"message.account_code":         goesOn("somebody waits for it to get in"),
	"message.account_notice":       goesOn("their owner hears when a way in changes: it protects their rights"),
	"message.account_guardian":     goesOn("the law asks for a guardian's yes"),
	"message.account_invited":      goesOn("it goes to somebody else, whom a business account invites"),
	"message.account_announced":    goesOn("the law asks that a change of the policy is told"),
	"account.secret_made":          goesOn("their owner hears of a new way in for programs"),
	"quota.account_went_back":      goesOn("it revokes keys that a stranger made"),
	"rights.copy_asked":            goesOn("a right is being used"),
	"closing.keep_":                goesOn("who is told that the site ends has to hear of it"),
	"lawful.given":                 goesOn("the law asks that who it is about is told of what an authority was given"),
	"lawful.tell_":                 goesOn("the law asks that who it is about is told of what an authority was given"),
	"incident.declared":            goesOn("it tells the staff of an authority's time, and nobody's data"),
	"incident.remind":              goesOn("it tells the staff of an authority's time, and nobody's data"),
	"incident.looking":             goesOn("the law asks that whom an incident concerns is found"),
	"incident.approved":            goesOn("the law asks that whom an incident concerns is told"),
	"incident.tell":                goesOn("the law asks that whom an incident concerns is told"),
	"message.request_told":         goesOn("a right is being used"),
	"request.lapse_":               goesOn("a right is being used"),
	"recipient.erased":             goesOn("services outside are told to erase who was erased"),
	"recipient.tell_":              goesOn("services outside are told to erase who was erased"),
	"rights.erase_":                goesOn("a right is being used"),
	"policy.announce_":             goesOn("the law asks that a change of the policy is told"),
	"in expire.go":                 goesOn("what has been kept as long as it may is deleted"),
	"message.account_calling":      goesOn("somebody on the phone waits for it, to show who they are"),
	"message.account_training_due": goesOn("it goes to one of the staff, about themselves"),
	"account.training_":            goesOn("it is about the staff themselves"),

	"room account":   stops("internal/account/restrict_test.go TestMatesDontSeeWhoIsRestricted"),
	"room watch":     stops("internal/watch/restricted_test.go TestNothingIsWantedForWhoIsRestricted"),
	"room quota":     stops("internal/quota/enter_test.go TestKeysOfWhoIsRestrictedLetNobodyIn"),
	"room webhook":   stops("internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted"),
	"room message":   stops("internal/message/alert_test.go TestWhoIsToldAndWhoIsNot"),
	"room once":      goesOn("it is reached by keys only, which let nobody in"),
	"room hold":      goesOn("the law asks that the data stays"),
	"room recipient": goesOn("services outside are told to erase who was erased"),
	"room copies":    goesOn("a right is being used"),
	"room incident":  goesOn("the law asks that whom an incident concerns is found and told"),
	"room closing":   goesOn("who is told that the site ends has to hear of it"),
	"room lawful":    goesOn("what law compels to give isn't for its owner to stop"),
	"room request":   goesOn("a right is being used"),

	"learning":       stops("internal/watch/restricted_test.go TestNothingIsLearnedOfWhoIsRestrictedOrObjects"),
	"mates":          stops("internal/account/restrict_test.go TestMatesDontSeeWhoIsRestricted"),
	"staff":          stops("internal/account/restrict_test.go TestStaffSeeOfWhoIsRestrictedOnlyThat"),
	"own API":        stops("internal/app/restricted_test.go TestRestrictingHoldsEverywhere"),
	"compatible API": stops("internal/app/restricted_test.go TestRestrictingHoldsEverywhere"),
}

// Whatever app does with people's data while they aren't there is among the seams.
func TestEverySeamOfARestrictionIsDeclared(t *testing.T) {
	found := map[string]bool{}
	files, err := filepath.Glob("app/*.go")
	if err != nil {
		t.Fatal(err)
	}
	rooms := regexp.MustCompile(`room\{"(\w+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rooms.FindAllStringSubmatch(string(text), -1) {
			found["room "+r[1]] = true
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if name := listened(n, filepath.Base(file)); name != "" {
				found[name] = true
			}
			return true
		})
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if _, ok := seams[name]; !ok {
			t.Errorf("%q does something with people's data: add it to seams in internal/restricted_test.go, with the test that shows that it stops "+
				"for who has their data restricted (ask inventory.Restricted), or why it may go on", name)
		}
	}
	for name := range seams {
		if strings.ContainsAny(name, "._") || strings.HasPrefix(name, "room ") { // what is listed by hand has neither
			if !found[name] {
				t.Errorf("seams has %q, which isn't there", name)
			}
		}
	}
}

// listened is the name of the listener or the periodic work that a call adds, up
// to what is put together, or in which file that has another name for it; "" for
// anything else.
func listened(n ast.Node, file string) string {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return ""
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	name := call.Args[0]
	switch f.Sel.Name {
	case "On":
		name = call.Args[1]
	case "Every":
	default:
		return ""
	}
	text := "in " + file
	ast.Inspect(name, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && strings.HasPrefix(text, "in ") {
			text, _ = strconv.Unquote(l.Value)
		}
		return true
	})
	return text
}

// Each seam says what holds it or why it goes on, and what holds it is there.
func TestEverySeamOfARestrictionIsHeld(t *testing.T) {
	for name, s := range seams {
		if (s.held == "") == (s.why == "") {
			t.Errorf("%s: say which test shows that it stops, or why it goes on", name)
		}
		if file, test, ok := strings.Cut(s.held, " "); ok {
			if why := unfit(filepath.Join("..", file), test); why != "" {
				t.Errorf("%s is held by %s, which %s", name, s.held, why)
			}
		}
	}
}
