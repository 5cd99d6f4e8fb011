package member

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"waypost/internal/place"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// countries are all countries and territories, by language and in its order.
func countries(words []*ui.Words) map[string][]choice {
	all := map[string][]choice{}
	for _, w := range words {
		for _, c := range tell.Countries(w) {
			all[w.Lang] = append(all[w.Lang], choice{Value: c.Value, Label: c.Label})
		}
	}
	return all
}

// exists reports whether a code is a country's that an account can have.
func exists(code string) bool {
	found, ok := place.Country(code)
	return ok && found == code
}

// choices is the list with one of them chosen.
func (p *Pages) choices(reader ui.Reader, chosen string) []choice {
	list := slices.Clone(p.countries[reader.Lang])
	for i := range list {
		list[i].Chosen = list[i].Value == chosen
	}
	return list
}

// nearby is the country that somebody probably is in: what they chose before,
// else what their browser's first language names, else "".
func (p *Pages) nearby(r *http.Request) string {
	if code := p.door.Country(r); exists(code) {
		return code
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return ""
	}
	region, sure := tags[0].Region()
	if code := strings.ToUpper(region.String()); sure == language.Exact && exists(code) {
		return code
	}
	return ""
}
