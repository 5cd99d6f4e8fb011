package site

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/recognise"
	"waypost/internal/web/ui"
)

// A query is what a list shows: numbers, each with the carrier that was named
// for it, if one was.
type query struct {
	items   []item
	ignored []recognise.Ignored
	unknown []string // carriers that were named and don't exist
	more    int      // numbers beyond the limit
	status  string   // the group that is shown; "" shows all
}

type item struct {
	recognise.Number
	named carrier.Code // "" leaves the choice to Waypost
}

// readQuery reads an address: nums=A,B and fc=KEY for all of them, or one fc
// for each, in the same order and parted by commas. A key is a carrier's code
// or its numeric one.
func readQuery(values url.Values, k Knowledge) query {
	q := query{status: values.Get("status")}
	named := strings.Split(values.Get("fc"), ",")
	place := 0
	seen := map[string]bool{}
	for _, typed := range strings.FieldsFunc(values.Get("nums"), parting) {
		fc := ""
		if len(named) == 1 {
			fc = named[0]
		} else if place < len(named) {
			fc = named[place]
		}
		place++
		code := q.carrier(fc, k)
		n := k.Index.Number(limited(typed), hints(code))
		switch {
		case n.Text == "" || seen[n.Text]:
		case len(q.items) == maxNumbers:
			q.more++
		default:
			seen[n.Text] = true
			q.items = append(q.items, item{n, code})
		}
	}
	return q
}

// parting reports whether r stands between two numbers of an address.
func parting(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' || r == '\t' }

// limited cuts what is far too long to be a number, so that nobody's novel
// ends up in an address again.
func limited(typed string) string {
	const most = 120
	if len(typed) > most {
		return strings.ToValidUTF8(typed[:most], "")
	}
	return typed
}

func hints(code carrier.Code) recognise.Hints {
	if code == "" {
		return recognise.Hints{Max: maxNumbers}
	}
	return recognise.Hints{Max: maxNumbers, Carriers: []carrier.Code{code}}
}

func (q *query) carrier(key string, k Knowledge) carrier.Code {
	key = strings.ToLower(strings.TrimSpace(key))
	if key == "" || key == "0" {
		return ""
	}
	if number, err := strconv.Atoi(key); err == nil {
		if c, ok := k.Catalogue.ByKey(number); ok {
			return c.Code
		}
	}
	if c, ok := k.Catalogue.Carrier(carrier.Code(key)); ok {
		return c.Code
	}
	if key = limited(key); !slices.Contains(q.unknown, key) {
		q.unknown = append(q.unknown, key)
	}
	return ""
}

// readText finds the numbers of a pasted text. A carrier that the text names
// beside a number goes into the address of the list, because the text doesn't.
func readText(text string, k Knowledge) query {
	found := k.Index.Text(text, hints(""))
	q := query{ignored: found.Ignored, more: found.More}
	for _, n := range found.Numbers {
		q.items = append(q.items, item{n, namedBeside(n)})
	}
	return q
}

func namedBeside(n recognise.Number) carrier.Code {
	if len(n.Candidates) == 0 || n.Problem != recognise.NoProblem {
		return ""
	}
	for _, r := range n.Candidates[0].Reasons {
		switch r.Code {
		case recognise.NamedByHost, recognise.NamedBySender, recognise.NamedByWord:
			return n.Candidates[0].Carrier
		}
	}
	return ""
}

// address is the list's canonical address.
func (q query) address(path string) string {
	v := url.Values{"nums": {q.nums()}}
	if fc := q.carriers(); fc != "" {
		v.Set("fc", fc)
	}
	if q.status != "" {
		v.Set("status", q.status)
	}
	return path + "?" + ui.Query(v)
}

func (q query) nums() string {
	nums := make([]string, len(q.items))
	for i, it := range q.items {
		nums[i] = it.Text
	}
	return strings.Join(nums, ",")
}

// carriers is the fc of the address: one when it is the same for all.
func (q query) carriers() string {
	same := true
	codes := make([]string, len(q.items))
	for i, it := range q.items {
		codes[i] = string(it.named)
		same = same && codes[i] == codes[0]
	}
	if same && len(codes) > 0 {
		return codes[0]
	}
	return strings.Join(codes, ",")
}

// choosing returns the list with another carrier for one of its numbers.
func (q query) choosing(number string, code carrier.Code) query {
	q.items = append([]item(nil), q.items...)
	for i := range q.items {
		if q.items[i].Text == number {
			q.items[i].named = code
		}
	}
	return q
}

// correcting returns the list with another number in the place of one.
func (q query) correcting(number, right string) query {
	q.items = append([]item(nil), q.items...)
	for i := range q.items {
		if q.items[i].Text == number {
			q.items[i].Text = right
		}
	}
	return q
}

// only returns the list of one of its numbers.
func (q query) only(it item) query { return query{items: []item{it}} }

// showing returns the list narrowed to a group.
func (q query) showing(group string) query {
	q.status = group
	return q
}
