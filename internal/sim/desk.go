package sim

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A wire is one source's API as its documentation describes it.
type wire struct {
	name    string
	base    string            // the part of its paths that documentation counts to the base address; may be left out
	account map[string]string // what it accepts, by the names of the account's values
	travels profile
	formed  func(number string) bool // is well-formed; only such numbers are known
	phone   bool                     // asks for the end of a phone number now and then
	tokens  map[string]func(*call)   // patterns of net/http that give out tokens
	asks    map[string]func(*call)   // patterns that answer about parcels
	admits  func(*call) bool         // the account is the right one; nil: open to all
	refuse  func(*call)              // says that it isn't
	limited func(*call, time.Duration)
}

// maxBody is the most that a request may bring.
const maxBody = 1 << 20

// A desk is a wire at work: its tokens, counters and limits.
type desk struct {
	wire
	sim       *Server
	tokenMux  *http.ServeMux
	askMux    *http.ServeMux
	mu        sync.Mutex
	given     map[string]time.Time // tokens and when they end, wall clock
	stats     Stats
	limit     Limit
	windowEnd time.Time
	inWindow  int
}

func newDesk(s *Server, w wire) *desk {
	d := &desk{wire: w, sim: s, given: map[string]time.Time{}, tokenMux: http.NewServeMux(), askMux: http.NewServeMux()}
	for pattern, handle := range w.tokens {
		d.tokenMux.HandleFunc(pattern, serve(handle))
	}
	for pattern, handle := range w.asks {
		d.askMux.HandleFunc(pattern, serve(handle))
	}
	return d
}

// serve makes a handler of handle; ServeHTTP hands it a call to write to.
func serve(handle func(*call)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := w.(*call)
		c.r = r // with the path's values, which the mux has put in
		handle(c)
	}
}

// story is what happens to number here, as it was set or as it follows from
// the number. It reports false for a number that the source can't have.
func (d *desk) story(number string, now time.Time) (Story, bool) {
	d.sim.mu.Lock()
	st, set := d.sim.set[number]
	d.sim.mu.Unlock()
	switch {
	case set:
		return st.at(d.travels.home), true
	case !d.formed(number):
		return Story{}, false
	}
	st = d.travels.story(d.name, number, now)
	if d.phone && roll("phone", number).chance(25) {
		st.PhoneEnd = fmt.Sprintf("%04d", roll("phone end", number).below(10_000))
	}
	return st, true
}

// A call is one request at a desk.
type call struct {
	http.ResponseWriter
	r       *http.Request
	desk    *desk
	now     time.Time // in the simulated world
	body    []byte
	faults  []Fault
	numbers int
	refused bool
}

// tell is what the source knows of number. It reports false when it knows
// nothing (yet), or the number isn't one of its own.
func (c *call) tell(number string) (telling, bool) {
	c.numbers++
	st, ok := c.desk.story(number, c.now)
	if !ok {
		return telling{}, false
	}
	t := tellStory(st, number, c.now)
	for _, f := range c.faults {
		f.twist(&t)
	}
	return t, t.known()
}

// fail notes that the call was refused.
func (c *call) fail() { c.refused = true }

// An obj is a JSON object, written as the documentation prints it.
type obj map[string]any

// json answers with v.
func (c *call) json(status int, v any) { c.jsonAs("application/json", status, v) }

func (c *call) jsonAs(contentType string, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic("sim: " + err.Error()) // the wires' own values always encode
	}
	c.answer(contentType, status, text)
}

// xml answers with v below an XML declaration.
func (c *call) xml(contentType string, status int, v any) {
	text, err := xml.Marshal(v)
	if err != nil {
		panic("sim: " + err.Error())
	}
	c.answer(contentType, status, append([]byte(xml.Header), text...))
}

func (c *call) answer(contentType string, status int, body []byte) {
	for _, f := range c.faults {
		body, contentType = f.garble(body, contentType)
	}
	c.Header().Set("Content-Type", contentType)
	c.WriteHeader(status)
	_, _ = c.Write(body) // a client that has gone away is no trouble of ours
}

// read decodes the request's JSON body into v.
func (c *call) read(v any) bool { return json.Unmarshal(c.body, v) == nil }

// basic reports whether the call brings the user and password of HTTP Basic.
func (c *call) basic(user, password string) bool {
	u, p, ok := c.r.BasicAuth()
	return ok && u == user && p == password
}

// grant makes a token that lasts for so long.
func (c *call) grant(lasts time.Duration) string {
	d := c.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stats.Tokens++
	token := fmt.Sprintf("simulated-%s-token-%d", d.name, d.stats.Tokens)
	token = base64.RawURLEncoding.EncodeToString([]byte(token))
	now := time.Now()
	for old, end := range d.given {
		if now.After(end) {
			delete(d.given, old)
		}
	}
	d.given[token] = now.Add(lasts)
	return token
}

// bearer reports whether the call brings a token that still holds.
func (c *call) bearer() bool {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	c.desk.mu.Lock()
	defer c.desk.mu.Unlock()
	end, ok := c.desk.given[token]
	return ok && time.Now().Before(end)
}

// ServeHTTP answers a request whose path begins behind the source's name.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.URL.Path = strings.TrimPrefix(r.URL.Path, d.base)
	r.URL.RawPath = ""
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := &call{ResponseWriter: w, r: r, desk: d, now: d.sim.clock.Now(), body: body}
	mux := d.askMux
	_, pattern := d.tokenMux.Handler(r)
	token := pattern != ""
	if token {
		mux = d.tokenMux
	}
	defer d.count(c, token)
	if d.sim.ready != nil && !token {
		d.sim.ready.serve(c, mux)
		return
	}
	c.faults = d.sim.strike(d.name, r, body, token)
	if c.stopped() {
		return
	}
	switch after, ok := d.allow(token); {
	case !ok:
		c.fail()
		d.limited(c, after)
	case !token && d.admits != nil && !d.admits(c):
		c.fail()
		d.refuse(c)
	default:
		mux.ServeHTTP(c, r)
	}
}
