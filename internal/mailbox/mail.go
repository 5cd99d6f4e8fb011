package mailbox

import (
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/recognise"
	"waypost/internal/watch"
)

// mostNumbers are taken from one mail.
const mostNumbers = 100

// Parcelled are the parcels that a mail's source names. A mail is full of
// numbers, so one must be beyond doubt: told to programs, of a form that leaves
// none, or with its carrier named beside it or by the mail's sender.
func Parcelled(index *recognise.Index, source []byte) []watch.New {
	found := index.Text(string(source), recognise.Hints{Max: mostNumbers, Size: maxMail, Day: time.Now()})
	var news []watch.New
	for _, n := range found.Numbers {
		named := namedIn(n)
		if n.Problem != recognise.NoProblem || len(n.Candidates) == 0 || !n.Declared && named == "" && n.Candidates[0].Score < recognise.Certain {
			continue
		}
		of := watch.New{Number: n.Text, Carrier: named}
		if n.Expected != "" {
			of.Expected = watch.Expected{Day: n.Expected, By: found.Sender}
		}
		news = append(news, of)
	}
	return news
}

// namedIn is the carrier that the mail names of a number's candidates, "" none.
func namedIn(n recognise.Number) carrier.Code {
	for _, c := range n.Candidates {
		if slices.ContainsFunc(c.Reasons, func(r recognise.Reason) bool {
			return r.Code == recognise.NamedByHost || r.Code == recognise.NamedBySender || r.Code == recognise.NamedByWord
		}) {
			return c.Carrier
		}
	}
	return ""
}
