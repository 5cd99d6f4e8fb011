package kit

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"waypost/internal/carrier"
)

//go:embed index.md.tmpl carrier.md.tmpl source.md.tmpl
var pageTexts embed.FS

var pages = template.Must(template.New("pages").Funcs(template.FuncMap{
	"cell":     cell,
	"code":     func(text string) string { return "`" + strings.ReplaceAll(text, "|", "\\|") + "`" },
	"join":     func(list []string) string { return strings.Join(list, ", ") },
	"meanings": meanings,
	"problems": func(all map[string]carrier.ProblemKind) []string { return slices.Sorted(maps.Keys(all)) },
	"given":    given,
}).ParseFS(pageTexts, "*.tmpl"))

// cell is a text that fits into a table of Markdown and means itself there.
func cell(text any) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "*", "\\*", "_", "\\_").Replace(fmt.Sprint(text))
}

// Pages writes a page about every carrier and every source of a catalogue, and
// an index: Markdown by file name, with relative links. The same catalogue
// makes the same pages.
func Pages(catalogue *carrier.Catalogue) (map[string]string, error) {
	all := map[string]string{}
	write := func(file, name string, data any) error {
		var out strings.Builder
		if err := pages.ExecuteTemplate(&out, name, data); err != nil {
			return fmt.Errorf("write %s: %w", file, err)
		}
		all[file] = out.String()
		return nil
	}
	if err := write("README.md", "index.md.tmpl", catalogue); err != nil {
		return nil, err
	}
	serves := map[carrier.SourceCode][]*carrier.Carrier{}
	for _, c := range catalogue.Carriers() {
		if err := write(string(c.Code)+".md", "carrier.md.tmpl", c); err != nil {
			return nil, err
		}
		for _, via := range c.Via {
			serves[via.Source] = append(serves[via.Source], c)
		}
	}
	for _, s := range catalogue.Sources() {
		page := struct {
			*carrier.Source
			Carriers []*carrier.Carrier
		}{s, serves[s.Code]}
		if err := write("sources/"+string(s.Code)+".md", "source.md.tmpl", page); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// A meaning is one line of a source's status map.
type meaning struct{ Code, Words, Is string }

// meanings are a source's status map, in the order of its codes.
func meanings(s carrier.Statuses) []meaning {
	var lines []meaning
	add := func(code string, cases []carrier.Case) {
		if len(cases) == 0 {
			lines = append(lines, meaning{code, "", "says nothing of the parcel"})
		}
		for _, c := range cases {
			lines = append(lines, meaning{code, c.Words, string(c.Is)})
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.Codes)) {
		add(code, s.Codes[code])
	}
	if len(s.Words) > 0 {
		add("", s.Words)
	}
	return lines
}

// given is what a carrier gives a source that serves several.
func given(all map[string]string) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fields = append(fields, name+": "+cmp.Or(all[name], "nothing"))
	}
	return strings.Join(fields, ", ")
}
