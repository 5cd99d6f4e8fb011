package engine_test

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
)

// A shipped is a source that comes with the program.
type shipped struct {
	*engine.Program
	code    carrier.SourceCode
	format  string
	answers []saved
}

// A saved is an answer of one of a source's vectors.
type saved struct {
	file  string // carriers/ups/delivered.json
	body  []byte
	http  int
	asked []string // the numbers that it was asked for; where its vector names none, those that it names
}

// shippedSources are compiled once, since that takes a moment.
var shippedSources = sync.OnceValues(func() ([]shipped, []carrier.Mistake) {
	cat, mistakes := builtin.Catalogue()
	var all []shipped
	for _, s := range cat.Sources() {
		program, wrong := engine.Compile(s)
		mistakes = append(mistakes, wrong...)
		if program == nil {
			continue
		}
		if s.Asked {
			one := shipped{Program: program, code: s.Code, format: cmp.Or(s.Read.Format, "json")}
			one.answers = savedOf(s, program, &mistakes, func(v carrier.Vector) string { return v.Answer })
			all = append(all, one)
		}
		if pushes := program.Pushes(); pushes != nil { // as if it were a source of its own
			sent := shipped{Program: pushes, code: s.Code + "-push", format: cmp.Or(s.Push.Reading(s.Read).Format, "json")}
			sent.answers = savedOf(s, pushes, &mistakes, func(v carrier.Vector) string { return v.Push })
			all = append(all, sent)
		}
	}
	return all, mistakes
})

// savedOf reads the files of a source's vectors that the program reads.
func savedOf(s *carrier.Source, p *engine.Program, mistakes *[]carrier.Mistake, name func(carrier.Vector) string) []saved {
	var all []saved
	for _, v := range s.Vectors {
		if name(v) == "" {
			continue
		}
		file := filepath.Join(strings.TrimSuffix(s.File, ".yaml"), name(v))
		body, err := os.ReadFile(filepath.Join("../../..", file))
		if err != nil {
			*mistakes = append(*mistakes, carrier.Mistake{File: s.File, Text: err.Error()})
		}
		a := saved{file: file, body: body, http: cmp.Or(v.HTTP, 200), asked: v.Asked}
		if len(a.asked) == 0 {
			a.asked = namedIn(p, a)
		}
		all = append(all, a)
	}
	return all
}

func namedIn(p *engine.Program, a saved) []string {
	reports, _ := p.Read(a.body, a.http, nil)
	var all []string
	for _, r := range reports {
		if r.Number != "" {
			all = append(all, r.Number)
		}
	}
	return all
}

func shippedAnswers(t testing.TB) []shipped {
	t.Helper()
	all, mistakes := shippedSources()
	for _, m := range mistakes {
		t.Error(m)
	}
	if len(all) == 0 {
		t.Fatal("no source is shipped")
	}
	return all
}
