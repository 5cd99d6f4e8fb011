package engine

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"waypost/internal/carrier"
)

// A request is one HTTP request of a file, compiled.
type request struct {
	method  string
	path    template
	query   map[string]template
	headers map[string]template
	basic   template
	let     []binding
	json    *gojq.Code
	form    map[string]template
	text    template
	each    template
	next    *gojq.Code
	pages   int
	first   *first1
}

// first1 is a request made before, and what is taken from its answer.
type first1 struct {
	*request
	take []binding
}

// A binding is a name and the expression that gives it its value.
type binding struct {
	name string
	code *gojq.Code
}

// A login is how a token is had.
type login struct {
	*request
	base         string // "" is where the source is
	token, lasts *gojq.Code
}

// A template is a text with names in braces.
type template []part

type part struct {
	text string
	name string // of what is filled in; "" for text
}

// An escape writes a value for where it stands.
type escape func(string) (string, error)

var brace = regexp.MustCompile(`\{([a-z_][a-z0-9_.]*)\}`)

// values are what requests can name.
type values map[string]any

// texts are a name's value: a list's items are put in with commas between.
func (v values) texts(name string) ([]string, bool) {
	var at any = map[string]any(v)
	for _, key := range strings.Split(name, ".") {
		fields, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		at = fields[key]
	}
	if list, ok := at.([]any); ok {
		return texts(list), true
	}
	return []string{scalar(at)}, at != nil
}

// fill writes the template out. It reports false when a name has no value.
func (t template) fill(v values, how escape) (string, bool, error) {
	var out strings.Builder
	for _, p := range t {
		if p.name == "" {
			out.WriteString(p.text)
			continue
		}
		texts, ok := v.texts(p.name)
		if !ok {
			return "", false, nil
		}
		for i, text := range texts {
			escaped, err := how(text)
			if err != nil {
				return "", false, fmt.Errorf("{%s}: %w", p.name, err)
			}
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(escaped)
		}
	}
	return out.String(), true, nil
}

func inPath(s string) (string, error) { return url.PathEscape(s), nil }
func asIs(s string) (string, error)   { return s, nil }
func inXML(s string) (string, error) {
	var out bytes.Buffer
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}

func inHeader(s string) (string, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", fmt.Errorf("a header can't hold a line break")
	}
	return s, nil
}

// asking compiles how a source is asked.
func (c *compiler) asking() (*request, *login) {
	s := c.source
	known := c.known()
	auth := s.Connect.Auth
	ask := s.Connect.Ask
	if auth.Basic != "" {
		ask.Basic = auth.Basic
	}
	r := c.request("connect.ask", ask, known)
	if s.Batch > 1 && r.onlyOne() {
		c.wrong("connect.ask.numbers", "is %d, but the request has room for one {number}", s.Batch)
	}
	switch {
	case auth.OAuth2 != nil:
		r.bearer()
		return r, c.oauth2(*auth.OAuth2)
	case auth.Login != nil:
		return r, c.login("connect.auth.login", *auth.Login, known)
	}
	return r, nil
}

// known are the names that a request of the source can fill in.
func (c *compiler) known() map[string]bool {
	s := c.source
	known := map[string]bool{"number": true, "numbers": true, "lang": true, "id": true, "unix_ms": true, "token": true, "each": true}
	for _, a := range s.Account {
		known["account."+a] = true
	}
	for _, n := range []carrier.Need{carrier.PostalCode, carrier.PhoneLast4, carrier.Phone, carrier.ShipDate, carrier.Account, carrier.DestinationCountry} {
		known[string(n)] = true
	}
	return known
}

// bearer adds the token to the request, unless the file says how it is sent.
func (r *request) bearer() {
	if _, own := r.headers["Authorization"]; !own {
		r.headers["Authorization"] = template{{text: "Bearer "}, {name: "token"}}
	}
}

// oauth2 is the client-credentials grant, as a login.
func (c *compiler) oauth2(o carrier.OAuth2) *login {
	grant := map[string]string{"grant_type": "client_credentials"}
	if o.Scope != "" {
		grant["scope"] = o.Scope
	}
	l := carrier.Login{Base: o.Base, Token: ".access_token", Lasts: ".expires_in"}
	l.Post = o.Post
	known := map[string]bool{"account.client_id": true, "account.client_secret": true}
	for name := range known {
		if !slices.Contains(c.source.Account, strings.TrimPrefix(name, "account.")) {
			c.wrong("connect.account", "oauth2 takes client_id and client_secret")
		}
	}
	switch o.Client {
	case "basic", "":
		l.Basic = "{account.client_id}:{account.client_secret}"
		l.Form = grant
	case "form":
		l.Form = grant
		l.Form["client_id"], l.Form["client_secret"] = "{account.client_id}", "{account.client_secret}"
	case "json":
		l.JSON = `{grant_type: "client_credentials", client_id: .account.client_id, client_secret: .account.client_secret}`
	default:
		c.wrong("connect.auth.oauth2.client", "%q is none of basic, form, json", o.Client)
	}
	return c.login("connect.auth.oauth2", l, known)
}

func (c *compiler) login(path string, l carrier.Login, known map[string]bool) *login {
	if l.Token == "" {
		c.wrong(path+".token", "is missing: it says where the token stands in the answer")
	}
	return &login{c.request(path, l.Request, known), l.Base, c.code(path+".token", l.Token), c.code(path+".lasts", l.Lasts)}
}

func (c *compiler) request(path string, q carrier.Request, known map[string]bool) *request {
	known = maps.Clone(known)
	r := &request{method: http.MethodGet, query: map[string]template{}, headers: map[string]template{}, pages: q.Pages}
	if r.pages == 0 {
		r.pages = 10
	}
	if q.First != nil {
		r.first = &first1{request: c.request(path+".first", q.First.Request, known)}
		for _, name := range sortedKeys(q.First.Take) {
			r.first.take = append(r.first.take, binding{name, c.code(path+".first.take."+name, q.First.Take[name])})
			known[name] = true
		}
	}
	for _, pair := range q.Let {
		for _, name := range sortedKeys(pair) {
			r.let = append(r.let, binding{name, c.code(path+".let."+name, pair[name])})
			known[name] = true
		}
	}
	where := q.Get
	if q.Post != "" {
		r.method, where = http.MethodPost, q.Post
	}
	if q.Delete != "" {
		r.method, where = http.MethodDelete, q.Delete
	}
	if !strings.HasPrefix(where, "/") {
		c.wrong(path, "the path %q does not begin with /; scheme and host stand in connect.base only", where)
	}
	r.path = c.template(path, where, known)
	r.basic = c.template(path+".basic", q.Basic, known)
	for name, text := range q.Query {
		r.query[name] = c.template(path+".query."+name, text, known)
	}
	for name, text := range q.Headers {
		r.headers[http.CanonicalHeaderKey(name)] = c.template(path+".headers."+name, text, known)
	}
	c.body(path, q, known, r)
	r.next = c.code(path+".next", q.Next)
	return r
}

func (c *compiler) body(path string, q carrier.Request, known map[string]bool, r *request) {
	bodies := 0
	for _, there := range []bool{q.JSON != "", q.Form != nil, q.XML != "", q.Text != ""} {
		if there {
			bodies++
		}
	}
	if bodies > 1 {
		c.wrong(path, "has more than one body; it is json, form, xml or text")
	}
	kind := ""
	switch {
	case q.JSON != "":
		r.json = c.code(path+".json", q.JSON)
		kind = "application/json"
	case q.Form != nil:
		r.form = map[string]template{}
		for name, text := range q.Form {
			r.form[name] = c.template(path+".form."+name, text, known)
		}
		kind = "application/x-www-form-urlencoded"
	case q.XML != "":
		r.text = c.template(path+".xml", q.XML, known)
		kind = "text/xml; charset=utf-8"
	case q.Text != "":
		r.text = c.template(path+".text", q.Text, known)
		kind = "text/plain; charset=utf-8"
	}
	r.each = c.template(path+".each", q.Each, known)
	if _, own := r.headers["Content-Type"]; !own && kind != "" {
		r.headers["Content-Type"] = template{{text: kind}}
	}
}

// template takes a text apart at its names.
func (c *compiler) template(path, text string, known map[string]bool) template {
	var t template
	at := 0
	for _, m := range brace.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		if !known[name] && !strings.HasPrefix(name, "with.") {
			c.wrong(path, "{%s} is not known here", name)
		}
		if m[0] > at {
			t = append(t, part{text: text[at:m[0]]})
		}
		t = append(t, part{name: name})
		at = m[1]
	}
	if at < len(text) {
		t = append(t, part{text: text[at:]})
	}
	return t
}

// code compiles an expression over the names; nil if there is none.
func (c *compiler) code(path, text string) *gojq.Code {
	if text == "" {
		return nil
	}
	if err := parse(text); err != nil {
		c.wrong(path, "%v", err)
		return nil
	}
	code, err := compile(text)
	if err != nil {
		c.wrong(path, "%v", err)
		return nil
	}
	return code
}

// onlyOne reports whether the request has no place but {number}.
func (r *request) onlyOne() bool {
	if r.json != nil || len(r.let) > 0 || len(r.each) > 0 {
		return false
	}
	uses := func(t template) bool {
		return slices.ContainsFunc(t, func(p part) bool { return p.name == "numbers" })
	}
	all := slices.Concat(slices.Collect(maps.Values(r.query)), slices.Collect(maps.Values(r.form)), []template{r.path, r.text})
	return !slices.ContainsFunc(all, uses)
}

// evaluate runs an expression over the names.
func evaluate(code *gojq.Code, over any) (any, error) {
	v, ok := code.Run(over).Next()
	if !ok {
		return nil, nil
	}
	if err, failed := v.(error); failed {
		return nil, err
	}
	return v, nil
}

// build writes the request out for base.
func (r *request) build(base string, v values) (*http.Request, error) {
	v = maps.Clone(v)
	for _, b := range r.let {
		value, err := evaluate(b.code, map[string]any(v))
		if err != nil {
			return nil, fmt.Errorf("let %s: %w", b.name, err)
		}
		v[b.name] = value
	}
	path, ok, err := r.path.fill(v, inPath)
	if err != nil || !ok {
		return nil, fmt.Errorf("path lacks a value: %w", err)
	}
	if query, err := fillAll(r.query, v); err != nil {
		return nil, err
	} else if len(query) > 0 {
		path += "?" + query.Encode()
	}
	body, err := r.fillBody(v)
	if err != nil {
		return nil, err
	}
	out, err := http.NewRequest(r.method, strings.TrimSuffix(base, "/")+path, bytes.NewReader(body)) //nolint:noctx // outbound gives it one
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for name, t := range r.headers {
		text, ok, err := t.fill(v, inHeader)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		if ok {
			out.Header.Set(name, text)
		}
	}
	if len(r.basic) > 0 {
		text, ok, err := r.basic.fill(v, asIs)
		if err != nil || !ok {
			return nil, fmt.Errorf("basic lacks a value: %w", err)
		}
		user, password, _ := strings.Cut(text, ":")
		out.SetBasicAuth(user, password)
	}
	return out, nil
}

func (r *request) fillBody(v values) ([]byte, error) {
	switch {
	case r.json != nil:
		value, err := evaluate(r.json, map[string]any(v))
		if err != nil {
			return nil, fmt.Errorf("json: %w", err)
		}
		return gojq.Marshal(value)
	case r.form != nil:
		form, err := fillAll(r.form, v)
		return []byte(form.Encode()), err
	case len(r.text) > 0:
		return r.fillText(v)
	}
	return nil, nil
}

// fillText writes a text or XML body, with the fragment each once a number.
func (r *request) fillText(v values) ([]byte, error) {
	var fragments strings.Builder
	numbers, _ := v["numbers"].([]any)
	for _, n := range numbers {
		one := maps.Clone(v)
		one["number"] = n
		text, _, err := r.each.fill(one, inXML)
		if err != nil {
			return nil, err
		}
		fragments.WriteString(text)
	}
	var out strings.Builder
	for _, p := range r.text {
		if p.name == "each" {
			out.WriteString(fragments.String())
			continue
		}
		text, _, err := template{p}.fill(v, inXML)
		if err != nil {
			return nil, err
		}
		out.WriteString(text)
	}
	return []byte(out.String()), nil
}

// fillAll fills fields in; one whose name has no value is left out.
func fillAll(fields map[string]template, v values) (url.Values, error) {
	out := url.Values{}
	for name, t := range fields {
		text, ok, err := t.fill(v, asIs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if ok {
			out.Set(name, text)
		}
	}
	return out, nil
}

// decode reads the answer of a login or a first request, which is XML where it
// begins so, whatever the source answers otherwise.
func decode(body []byte) (any, error) {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return tree("xml", body)
	}
	return tree("json", body)
}
