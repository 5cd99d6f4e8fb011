package replay

import (
	"errors"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
)

// Numbers that no request holds by itself, of the usual form.
const (
	probe  = "ZX918273645QZ"
	probe2 = "ZX564738291QZ"
)

// A place is where numbers stand in a request.
type place struct {
	body   bool   // in its body; else in its address
	before string // what stands before the first
	sep    string // what stands between two, "" it has one only
}

// maxBefore is how much of what stands before a number is known again; the less,
// the less of it may differ from account to account.
const maxBefore = 16

// places finds where a source's requests have their numbers, by having the engine
// write one.
func places(program *engine.Program, v carrier.Vector, batch bool) ([]place, error) {
	one, err := written(program, v, probe)
	if err != nil {
		return nil, err
	}
	two := one
	if batch {
		if two, err = written(program, v, probe, probe2); err != nil {
			return nil, err
		}
	}
	var all []place
	for i, text := range one {
		at := strings.Index(text, probe)
		if at < 0 {
			continue
		}
		p := place{body: i == 1, before: text[max(0, at-maxBefore):at]}
		if _, rest, ok := strings.Cut(two[i], probe); ok {
			if sep, _, ok := strings.Cut(rest, probe2); ok {
				p.sep = sep
			}
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, errors.New("its request has no number")
	}
	return all, nil
}

// written is the address and the body of a request about numbers.
func written(program *engine.Program, v carrier.Vector, numbers ...string) ([2]string, error) {
	v.Asked = numbers
	text, err := program.Request(v)
	if err != nil {
		return [2]string{}, err
	}
	head, body, _ := strings.Cut(text, "\n\n")
	line, _, _ := strings.Cut(head, "\n")
	_, address, _ := strings.Cut(line, " ")
	return [2]string{address, strings.TrimSuffix(body, "\n")}, nil
}

// numbers are those that a request asks about.
func (s *Source) numbers(address, body string) []string {
	for _, p := range s.where {
		text := address
		if p.body {
			text = body
		}
		if found := p.in(text); len(found) > 0 {
			return found
		}
	}
	return nil
}

func (p place) in(text string) []string {
	for before := p.before; before != "" || p.before == ""; before = before[(len(before)+1)/2:] {
		if _, rest, ok := strings.Cut(text, before); ok {
			return run(rest, p.sep)
		}
		if len(before) < 2 {
			break
		}
	}
	return nil
}

// run are the numbers at the beginning of a text.
func run(text, sep string) (all []string) {
	for {
		end := strings.IndexFunc(text, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
		})
		if end < 0 {
			end = len(text)
		}
		if end == 0 {
			return all
		}
		all = append(all, text[:end])
		rest, more := strings.CutPrefix(text[end:], sep)
		if sep == "" || !more {
			return all
		}
		text = rest
	}
}
