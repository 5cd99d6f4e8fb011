package health

import (
	"slices"
	"time"

	"waypost/internal/carrier"
)

// A State is how a source is doing.
type State struct {
	Source   carrier.SourceCode
	File     string // where it stands: carriers/ups.yaml
	Accounts []AccountState
	Changes  []ShapeChange // newest first
}

// An AccountState is how an account at a source is doing.
type AccountState struct {
	Account
	Code      carrier.AccountCode
	Open      time.Time // it is left alone until then, zero if it isn't
	Simulated bool      // the built-in simulator answers, not the carrier
	Trials    []Trial   // that were made for the operator's sake
	News      *News     // how it stands with subscriptions to the source's news; nil where none are made
}

// News is how it stands with an account's subscriptions.
type News struct {
	Held    int                 // the source sends news of so many numbers
	Wished  int                 // it is to be told of so many
	Refused int                 // it doesn't take so many
	Failing int                 // so many couldn't be made, renewed or ended last time
	Lapse   time.Time           // UTC; when the first of those held lapses, zero if none does
	Problem carrier.ProblemKind // of one that is failing
	Reason  string              // the same in words
}

// A Finding is something that an operator can do something about.
type Finding string

// The findings, the most urgent first.
const (
	Refused    Finding = "refused"    // credentials
	Changed    Finding = "changed"    // shape, in what is read
	Unreadable Finding = "unreadable" // answers
	Down       Finding = "down"       // no answers
	Limited    Finding = "limited"    // asked too often
	Lost       Finding = "lost"       // a canary
	Deaf       Finding = "deaf"       // subscriptions fail
	Unlisted   Finding = "unlisted"   // codes that the status map lacks
)

// Findings are all of them, the most urgent first.
var Findings = []Finding{Refused, Changed, Unreadable, Down, Limited, Lost, Deaf, Unlisted}

// Findings are what is to be done about a source, the most urgent first.
func (s State) Findings() []Finding {
	found := map[Finding]bool{Changed: slices.ContainsFunc(s.Changes, ShapeChange.Loud)}
	for _, a := range s.Accounts {
		for _, f := range a.findings() {
			found[f] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(Findings), func(f Finding) bool { return !found[f] })
}

// findings are what the last hour says of an account. What happens now and then
// to any carrier is none: less than one number in twenty.
func (a AccountState) findings() (all []Finding) {
	often := func(kind carrier.ProblemKind) bool { return 20*a.Hour.Of(string(kind)) > a.Hour.Asked() }
	for f, is := range map[Finding]bool{
		Refused:    a.Hour.Of(string(carrier.Auth)) > 0 || slices.ContainsFunc(a.Trials, Trial.refused),
		Unreadable: often(carrier.Unreadable),
		Down:       often(carrier.Unavailable),
		Limited:    often(carrier.LimitedKind),
		Lost:       slices.ContainsFunc(a.Trials, Trial.lost),
		Deaf:       a.News != nil && a.News.Failing > 0,
		Unlisted:   a.Day.Of(Unmapped) > 0,
	} {
		if is {
			all = append(all, f)
		}
	}
	return all
}

// Urgency orders sources: what is more urgent is less; what isn't at all is
// the number of findings there are.
func (s State) Urgency() int {
	found := s.Findings()
	if len(found) == 0 {
		return len(Findings)
	}
	return slices.Index(Findings, found[0])
}
