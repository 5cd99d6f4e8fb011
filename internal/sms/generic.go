package sms

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// Generic is a provider described by the operator. In URL and Body, {to} is
// the number (+41791234567), {digits} the same without its plus, {text} the
// words; each is escaped for where it stands.
type Generic struct {
	Method  string // GET, POST or PUT; "" is POST
	URL     string
	Headers map[string]string
	Body    string // by the Content-Type header: JSON (also when there is none), form, XML or plain text
	Success []int  // statuses of a message that was taken; none: 200 to 299
}

// NewGeneric makes a Sender of a description.
func NewGeneric(g Generic, client *outbound.Client, reg prometheus.Registerer) (*Service, error) {
	if g.Method == "" {
		g.Method = http.MethodPost
	}
	headers := http.Header{}
	for name, value := range g.Headers {
		headers.Set(name, value)
	}
	if g.Body != "" && headers.Get("Content-Type") == "" {
		headers.Set("Content-Type", "application/json")
	}
	p := &generic{Generic: g, headers: headers}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, g.Method) {
		return nil, errGeneric.With("the method is none of GET, POST, PUT")
	}
	if _, _, err := p.fill(Message{To: "+41790000000", Text: "\"words\""}); err != nil {
		return nil, err
	}
	return newService(p, client, reg), nil
}

var errGeneric = fault.New(fault.Invalid, "sms_generic", "The provider of text messages (sms.generic) is not usable: %s.")

type generic struct {
	Generic
	headers http.Header
}

func (g *generic) request(ctx context.Context, m Message) (*http.Request, error) {
	address, body, err := g.fill(m)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, g.Method, address, strings.NewReader(body))
	if err != nil {
		return nil, errGeneric.With("its address is none") // without the cause, which repeats it
	}
	r.Header = g.headers.Clone()
	return r, nil
}

// fill puts a message into the address and the body.
func (g *generic) fill(m Message) (address, body string, err error) {
	kind, _, err := mime.ParseMediaType(g.headers.Get("Content-Type"))
	if err != nil && g.Body != "" {
		return "", "", errGeneric.With("its Content-Type can't be read")
	}
	body = fill(g.Body, m, escaper(kind))
	if g.Body != "" && isJSON(kind) && !json.Valid([]byte(body)) {
		return "", "", errGeneric.With("its body is no JSON once it is filled in")
	}
	address = fill(g.URL, m, forURL)
	if _, err := url.Parse(address); err != nil {
		return "", "", errGeneric.With("its address is none")
	}
	return address, body, nil
}

func (g *generic) read(a outbound.Answer) error {
	taken := a.Status >= 200 && a.Status <= 299
	if len(g.Success) > 0 {
		taken = slices.Contains(g.Success, a.Status)
	}
	if taken {
		return nil
	}
	return byStatus(a.Status).Because(answered(a.Status, ""))
}

// fill puts a message into a template. What is put in is not looked at again.
func fill(template string, m Message, escape func(string) string) string {
	return strings.NewReplacer(
		"{to}", escape(m.To),
		"{digits}", escape(strings.TrimPrefix(m.To, "+")),
		"{text}", escape(m.Text),
	).Replace(template)
}

// escaper returns what makes a value safe in a body of a media type.
func escaper(kind string) func(string) string {
	switch {
	case isJSON(kind):
		return forJSON
	case kind == "application/x-www-form-urlencoded":
		return url.QueryEscape
	case kind == "application/xml" || kind == "text/xml" || strings.HasSuffix(kind, "+xml"):
		return forXML
	}
	return func(value string) string { return value }
}

func isJSON(kind string) bool { return kind == "application/json" || strings.HasSuffix(kind, "+json") }

// forURL escapes for a path as well as for a query.
func forURL(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

func forJSON(value string) string {
	quoted, _ := json.Marshal(value) // a string always has a JSON
	return string(quoted[1 : len(quoted)-1])
}

func forXML(value string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(value)) // a Builder takes everything
	return b.String()
}
