package kit

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/status"
)

// KindOf is the kind of vector that a report makes; "" where it is none of the
// kinds that each source shows.
func KindOf(r carrier.Report) carrier.VectorKind {
	if r.Problem != nil {
		switch r.Problem.Kind {
		case carrier.Missing:
			return "not_found"
		case carrier.NeedsPhone, carrier.NeedsPostcode, carrier.WrongValue:
			return "needs_more"
		case carrier.LimitedKind, carrier.TooMany:
			return "limited"
		case carrier.Unreadable:
			return "broken"
		}
		return ""
	}
	switch engine.StatusOf(r).Main() {
	case status.Delivered:
		return "delivered"
	case status.Exception, status.DeliveryFailure:
		return "exception"
	}
	return "in_transit"
}

// AddVectors writes vectors into the text of a carrier or source file, in its
// house style. One whose kind the file says it cannot show takes that line's
// place; the others are added behind the last.
func AddVectors(file string, vectors ...carrier.Vector) (string, error) {
	lines := strings.Split(strings.TrimRight(file, "\n"), "\n")
	begin := slices.Index(lines, "vectors:")
	if begin < 0 {
		return "", errors.New("the file has no list of vectors to add to")
	}
	end := begin + 1
	for end < len(lines) && (lines[end] == "" || strings.HasPrefix(lines[end], " ")) {
		end++
	}
	for lines[end-1] == "" {
		end--
	}
	for _, v := range vectors {
		written := written(v)
		at, past := end, end
		if v.Kind != "" {
			excuse := regexp.MustCompile(`^  - \{kind: ` + regexp.QuoteMeta(string(v.Kind)) + `, cannot: .*\}$`)
			if i := slices.IndexFunc(lines[begin:end], excuse.MatchString); i >= 0 {
				at, past = begin+i, begin+i+1
			}
		}
		lines = slices.Replace(lines, at, past, written...)
		end += len(written) - (past - at)
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// written is a vector as a file has it.
func written(v carrier.Vector) []string {
	var lines []string
	field := func(name, value string) {
		if value == "" {
			return
		}
		mark := "    "
		if len(lines) == 0 {
			mark = "  - "
		}
		lines = append(lines, mark+name+": "+value)
	}
	field("kind", string(v.Kind))
	field("proof", string(v.Proof))
	field("answer", v.Answer)
	field("sends", v.Sends)
	if v.HTTP != 0 && v.HTTP != 200 {
		field("http", fmt.Sprint(v.HTTP))
	}
	var asked []string
	for _, number := range v.Asked {
		asked = append(asked, quoted(number))
	}
	field("asked", "["+strings.Join(asked, ", ")+"]")
	field("params", params(v.Params))
	if len(v.Is) == 1 {
		field("is", expectation(v.Is[0]))
	} else if len(v.Is) > 1 {
		lines = append(lines, "    is:")
		for _, is := range v.Is {
			lines = append(lines, "      - "+expectation(is))
		}
	}
	return lines
}

func params(all map[carrier.Need]string) string {
	var fields []string
	for name, value := range all {
		fields = append(fields, fmt.Sprintf("%s: %s", name, quoted(value)))
	}
	if len(fields) == 0 {
		return ""
	}
	slices.Sort(fields)
	return "{" + strings.Join(fields, ", ") + "}"
}

func expectation(e carrier.Expect) string {
	var fields []string
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	text := func(name string, value *string) {
		if value != nil {
			add(name, quoted(*value))
		}
	}
	text("number", e.Number)
	if e.Problem != nil {
		add("problem", string(*e.Problem))
	}
	if e.Status != nil && *e.Status != "" {
		add("status", string(*e.Status))
	}
	if e.Events != nil {
		add("events", fmt.Sprint(*e.Events))
	}
	text("newest", e.Newest)
	text("code", e.Code)
	text("service", e.Service)
	text("place", e.Place)
	text("eta", e.ETA)
	if e.Unknown > 0 {
		add("unknown", fmt.Sprint(e.Unknown))
	}
	if e.Faults > 0 {
		add("faults", fmt.Sprint(e.Faults))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

var bare = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// quoted is a text in YAML, on one line: bare where that is no other type.
func quoted(text string) string {
	if bare.MatchString(text) && !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(text)) {
		return text
	}
	return "'" + strings.ReplaceAll(strings.NewReplacer("\r", " ", "\n", " ").Replace(text), "'", "''") + "'"
}
