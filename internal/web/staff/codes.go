package staff

import (
	"net/http"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/web/ui"
)

// A codeView is a code that a source sent and its file doesn't have.
type codeView struct {
	Words string
	Seen  string // how often, and when last
	Line  string // for the status map; "" where nothing can be proposed
}

// codesOf are the codes of one source, what came most often first.
func (p *Pages) codesOf(r *http.Request, reader ui.Reader, source carrier.SourceCode) ([]codeView, error) {
	all, err := p.codes(r.Context())
	if err != nil {
		return nil, err
	}
	var views []codeView
	for _, u := range all {
		if u.Source == source {
			views = append(views, codeView{
				Words: u.Words, Line: strings.TrimSpace(u.Line()),
				Seen: reader.Say("health.codes_seen", "n", u.Answers, "when", moment(reader, u.Last)),
			})
		}
	}
	return views, nil
}
