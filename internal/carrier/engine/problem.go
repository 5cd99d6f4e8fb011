package engine

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"waypost/internal/carrier"
)

// wholeProblem is what an answer's error codes mean, or its HTTP status where
// they say nothing. A good answer has none.
func (p *Program) wholeProblem(codes []string, httpStatus int, parcels bool) *carrier.Problem {
	byStatus, failed := problemOf(httpStatus)
	if kind, code, ok := p.kindOf(codes); ok {
		return &carrier.Problem{Kind: kind, Text: "error " + p.brief(code)}
	}
	switch {
	case len(codes) > 0 && failed:
		return &carrier.Problem{Kind: byStatus, Text: fmt.Sprintf("HTTP %d, error %s, which the file doesn't know", httpStatus, p.brief(codes[0]))}
	case len(codes) > 0:
		return p.notListed(codes[0])
	case failed && !parcels:
		return &carrier.Problem{Kind: byStatus, Text: fmt.Sprintf("HTTP %d", httpStatus)}
	}
	return nil
}

// ownProblem is what the codes of a parcel without events mean; nil where there
// are none. Standing says that its status is known all the same: then only a
// problem that the file lists counts.
func (p *Program) ownProblem(codes []string, standing bool) *carrier.Problem {
	if kind, code, ok := p.kindOf(codes); ok && (!standing || p.source.Problems[code] != "") {
		return &carrier.Problem{Kind: kind, Text: "error " + p.brief(code)}
	}
	if len(codes) > 0 && !standing {
		return p.notListed(codes[0])
	}
	return nil
}

func (p *Program) notListed(code string) *carrier.Problem {
	return &carrier.Problem{Kind: carrier.Unavailable, Text: fmt.Sprintf("error %s, which the file doesn't know", p.brief(code))}
}

// kindOf is the kind of the first code that the file lists; else of the first
// that says by itself what is wrong.
func (p *Program) kindOf(codes []string) (kind carrier.ProblemKind, code string, ok bool) {
	for _, code := range codes {
		if kind, listed := p.source.Problems[code]; listed {
			return kind, code, true
		}
	}
	for _, code := range codes {
		if kind, ok := plainKind(code); ok {
			return kind, codes[0], true
		}
	}
	return "", "", false
}

// plainKinds are what an error says in so many words, whoever's it is:
// "TOO.MANY.REQUESTS", "Quota limit exceeded", "resource_not_found".
var plainKinds = []struct {
	words *regexp.Regexp
	kind  carrier.ProblemKind
}{
	{regexp.MustCompile(`(?i)too.?many.?(requests|calls)|(rate|request|call).?limit|limit.{0,10}exceeded|quota|throttl`), carrier.LimitedKind},
	{regexp.MustCompile(`(?i)unauthori[sz]ed|not.?authori[sz]ed|forbidden|access.?denied|(invalid|expired|missing|wrong).{0,12}(token|credential|api.?key)`), carrier.Auth},
	{regexp.MustCompile(`(?i)not.?found`), carrier.Missing},
	{regexp.MustCompile(`(?i)unavailable|maintenance|internal.?(server.?)?error|time.?out`), carrier.Unavailable},
}

// maxError is how much of an error is read, in bytes.
const maxError = 300

// plainKind is what an error says by itself: as an HTTP status, or in words.
func plainKind(code string) (carrier.ProblemKind, bool) {
	code = code[:min(len(code), maxError)]
	if status, err := strconv.Atoi(code); err == nil && len(code) == 3 && status < 600 {
		return problemOf(status)
	}
	for _, p := range plainKinds {
		if p.words.MatchString(code) {
			return p.kind, true
		}
	}
	return "", false
}

// maxTexts bounds the texts that an answer without parcels is searched for.
const maxTexts = 30

// gatewayProblem is what an answer without parcels says in so many words, in
// whatever form: what stands before a carrier's API refuses in a form of its
// own. Only what the operator can act on: that it was asked too often, or that
// it refused the key.
func gatewayProblem(v any) (carrier.ProblemKind, bool) {
	words := allTexts(nil, v)
	if len(words) > maxTexts {
		return "", false
	}
	for _, w := range words {
		if kind, ok := plainKind(w); ok && (kind == carrier.LimitedKind || kind == carrier.Auth) {
			return kind, true
		}
	}
	return "", false
}

// allTexts appends the texts of a tree, a few more than maxTexts at most.
func allTexts(all []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(all, v)
	case []any:
		for _, one := range v {
			if all = allTexts(all, one); len(all) > maxTexts {
				return all
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if all = allTexts(all, v[key]); len(all) > maxTexts {
				return all
			}
		}
	}
	return all
}

// problemOf is what an HTTP status means by itself.
func problemOf(httpStatus int) (carrier.ProblemKind, bool) {
	switch {
	case httpStatus < 400:
		return "", false
	case httpStatus == http.StatusUnauthorized, httpStatus == http.StatusForbidden:
		return carrier.Auth, true
	case httpStatus == http.StatusNotFound:
		return carrier.Missing, true
	case httpStatus == http.StatusTooManyRequests:
		return carrier.LimitedKind, true
	case httpStatus >= 500:
		return carrier.Unavailable, true
	}
	return carrier.BadRequest, true
}

// ofNumbers are the problems that say something of the numbers asked; others
// are about the call.
var ofNumbers = []carrier.ProblemKind{carrier.Missing, carrier.BadNumber, carrier.NeedsPhone, carrier.NeedsPostcode, carrier.WrongValue}

// spread gives every asked number the answer's problem, if it is about numbers
// and there is no doubt whose.
func spread(asked []string, problem *carrier.Problem) ([]carrier.Report, error) {
	if len(asked) == 0 || !slices.Contains(ofNumbers, problem.Kind) {
		return nil, problem
	}
	reports := make([]carrier.Report, len(asked))
	for i, n := range asked {
		reports[i] = carrier.Report{Number: n, Problem: problem}
	}
	return reports, nil
}
