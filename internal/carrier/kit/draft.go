package kit

import (
	_ "embed"
	"fmt"
	"net/url"
	"strings"
	"text/template"

	"waypost/internal/carrier"
	"waypost/internal/gist"
)

// A Draft is what somebody says of a new carrier.
type Draft struct {
	Code    carrier.Code
	Name    string // in English
	Country string // "" if it is of no one country
	Kind    carrier.Kind
	Site    string
	Link    string
	Formats []carrier.Format
	API     *API // nil where it is only recognised
}

// An API is how a new carrier is asked, and what its answers mean.
type API struct {
	Base   string
	Auth   string // as Auths spells them
	Ask    string // path and query, with {number}
	Guess  Guess
	Zone   string            // of times without an offset; "" unknown
	Status map[string]string // code → sub-status, or note; a code that is missing isn't known yet
	Errors map[string]string // code → kind of problem
}

// Auths are the ways to show who asks.
var Auths = []string{"none", "header NAME", "query NAME", "bearer", "basic", "oauth2 PATH"}

// Propose is the sub-status that an event's words speak for, "" where they don't.
func Propose(words string) string { return string(gist.Of(words).Is) }

//go:embed draft.yaml.tmpl
var draftText string

var draft = template.Must(template.New("draft").Funcs(template.FuncMap{
	"q":     quoted,
	"jq":    func(expression string) string { return "'" + strings.ReplaceAll(expression, "'", "''") + "'" },
	"texts": func(list []string) string { return "[" + strings.Join(quotedAll(list), ", ") + "]" },
	"kinds": func() []carrier.VectorKind { return carrier.VectorKinds },
}).Parse(draftText))

// File is the carrier's file, with a comment wherever something is left to do.
func (d Draft) File() (string, error) {
	var out strings.Builder
	if err := draft.Execute(&out, d); err != nil {
		return "", fmt.Errorf("write the draft: %w", err)
	}
	return out.String(), nil
}

func quotedAll(list []string) []string {
	all := make([]string, len(list))
	for i, text := range list {
		all[i] = quoted(text)
	}
	return all
}

// Host is the host of the carrier's site, "" if none is named.
func (d Draft) Host() string {
	u, err := url.Parse(d.Site)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// Param is the field of the tracking page's address that holds the number.
func (d Draft) Param() string {
	u, err := url.Parse(d.Link)
	if err != nil {
		return ""
	}
	for name, values := range u.Query() {
		if values[0] == "{number}" {
			return name
		}
	}
	return ""
}

// Path is where the API is asked, without the query.
func (a API) Path() string {
	path, _, _ := strings.Cut(a.Ask, "?")
	return path
}

// Query are the fields behind the path, and the key if it is one of them.
func (a API) Query() []string {
	_, query, _ := strings.Cut(a.Ask, "?")
	var fields []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			fields = append(fields, name+": "+quoted(value))
		}
	}
	if way, name, _ := strings.Cut(a.Auth, " "); way == "query" {
		fields = append(fields, name+": '{account.api_key}'")
	}
	return fields
}

// Headers are those that show who asks.
func (a API) Headers() string {
	switch way, name, _ := strings.Cut(a.Auth, " "); way {
	case "header":
		return name + ": '{account.api_key}'"
	case "bearer":
		return "Authorization: 'Bearer {account.api_key}'"
	}
	return ""
}

// Account are the values that the operator supplies.
func (a API) Account() []string {
	switch way, _, _ := strings.Cut(a.Auth, " "); way {
	case "header", "query", "bearer":
		return []string{"api_key"}
	case "basic":
		return []string{"user", "password"}
	case "oauth2":
		return []string{"client_id", "client_secret"}
	}
	return nil
}

// SignIn is how a session or a token is had, "" where none is.
func (a API) SignIn() string {
	switch way, path, _ := strings.Cut(a.Auth, " "); way {
	case "basic":
		return "{basic: '{account.user}:{account.password}'}"
	case "oauth2":
		return "{oauth2: {post: " + path + ", client: basic}}"
	}
	return ""
}

// At is the time of an event, as a file spells it.
func (a API) At() string { return timeSpec(a.Guess.At, a.Guess.AtForm, a.Zone) }

// ETA is the time of delivery, as a file spells it; "" where there is none.
func (a API) ETA() string {
	if a.Guess.ETA == "" {
		return ""
	}
	return timeSpec(a.Guess.ETA, a.Guess.ETAForm, "")
}

func timeSpec(from, form, zone string) string {
	quote := "'" + strings.ReplaceAll(from, "'", "''") + "'"
	if form == "iso" {
		form = ""
	}
	if form == "" && zone == "" {
		return quote
	}
	fields := "from: " + quote
	if form != "" {
		fields += ", as: " + form
	}
	if zone != "" {
		fields += ", zone: " + zone
	}
	return "{" + fields + "}"
}
