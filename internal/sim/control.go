package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"waypost/internal/fault"
)

// control mounts the simulator's own pages. They have no auth: the simulator
// listens on the loopback address.
//
//	GET    /_sim/                     sources, clock, faults, counters
//	GET    /_sim/stories?source=S&number=N   what happens to a number, past and future
//	POST   /_sim/stories              {"number", "unknown", "pieces", "steps": [{"after": "-36h", "kind", "city", "country", "zone", "text"}]}
//	POST   /_sim/faults               {"source", "kind", "number", "times", "for": "30s", "wait": "2s", "size", "tokens"}
//	DELETE /_sim/faults?source=S      ends them; without source all
//	POST   /_sim/limits               {"source", "calls", "per": "1m"}
//	POST   /_sim/clock                {"set": "2026-03-02T08:00:00Z", "advance": "6h", "speed": 300}, any of them
func (s *Server) control(mux *http.ServeMux) {
	handle := func(pattern string, serve func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := serve(r)
			status := http.StatusOK
			if err != nil {
				status, answer = http.StatusBadRequest, obj{"error": fault.Text(err)}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			out := json.NewEncoder(w)
			out.SetIndent("", "  ")
			if err := out.Encode(answer); err != nil {
				s.log.Warn("answer cut short", "err", err)
			}
		})
	}
	handle("GET /_sim/{$}", s.overview)
	handle("GET /_sim/stories", s.getStory)
	handle("POST /_sim/stories", s.postStory)
	handle("POST /_sim/faults", s.postFault)
	handle("DELETE /_sim/faults", func(r *http.Request) (any, error) {
		s.Heal(r.URL.Query().Get("source"))
		return s.overview(r)
	})
	handle("POST /_sim/limits", s.postLimit)
	handle("POST /_sim/clock", s.postClock)
}

// span is a duration as people write it: "36h", "-2m30s".
type span time.Duration

func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	return err
}

func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

var errBody = fault.New(fault.Invalid, "sim_body", "The body can't be read: %s.")

func decode(r *http.Request, v any) error {
	in := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return errBody.With(err)
	}
	return nil
}

func (s *Server) overview(*http.Request) (any, error) {
	sources := []obj{}
	stats := s.Stats()
	for _, name := range s.Sources() {
		d := s.desks[name]
		d.mu.Lock()
		limit := d.limit
		d.mu.Unlock()
		sources = append(sources, obj{
			"source": name, "account": d.account, "stats": stats[name], "limit": obj{"calls": limit.Calls, "per": span(limit.Per)},
		})
	}
	faults := []obj{}
	s.mu.Lock()
	for _, f := range s.faults {
		one := obj{"source": f.source, "kind": f.Kind, "number": f.Number, "tokens": f.Tokens, "wait": span(f.Wait), "size": f.Size}
		if f.left > 0 {
			one["requests_left"] = f.left
		}
		if !f.until.IsZero() {
			one["until"] = f.until
		}
		faults = append(faults, one)
	}
	s.mu.Unlock()
	return obj{
		"simulated": "Every answer of this server is invented.",
		"clock":     obj{"now": s.clock.Now(), "speed": s.clock.Speed()},
		"sources":   sources, "faults": faults, "fault_kinds": FaultKinds, "step_kinds": Kinds,
	}, nil
}

// A storyForm is a Story as the pages have it.
type storyForm struct {
	Number     string     `json:"number"`
	Plan       string     `json:"plan,omitempty"`
	Unknown    bool       `json:"unknown,omitempty"`
	Born       time.Time  `json:"born,omitzero"`
	Generation int        `json:"generation,omitempty"`
	Pieces     int        `json:"pieces,omitempty"`
	PhoneEnd   string     `json:"phone_end,omitempty"`
	From       *Place     `json:"from,omitempty"`
	To         *Place     `json:"to,omitempty"`
	Steps      []stepForm `json:"steps"`
}

type stepForm struct {
	At      time.Time `json:"at,omitzero"` // output only
	After   span      `json:"after"`
	Kind    Kind      `json:"kind"`
	City    string    `json:"city,omitempty"`
	Country string    `json:"country,omitempty"`
	Zone    string    `json:"zone,omitempty"`
	Text    string    `json:"text,omitempty"`
}

var errNoStory = fault.New(fault.NotFound, "sim_story", "The number isn't well-formed at this source, or there is no such source.")

func (s *Server) getStory(r *http.Request) (any, error) {
	number := r.URL.Query().Get("number")
	st, ok := s.Story(r.URL.Query().Get("source"), number)
	if !ok {
		return nil, errNoStory
	}
	form := storyForm{
		Number: number, Plan: st.Plan, Unknown: st.Unknown, Born: st.Born, Generation: st.Generation,
		Pieces: st.Pieces, PhoneEnd: st.PhoneEnd, From: &st.From, To: &st.To,
	}
	for _, step := range st.Steps {
		at := st.Born.Add(step.After).In(step.At.Location())
		form.Steps = append(form.Steps, stepForm{at, span(step.After), step.Kind, step.At.City, step.At.Country, step.At.Zone, step.Text})
	}
	return form, nil
}

func (s *Server) postStory(r *http.Request) (any, error) {
	var form storyForm
	if err := decode(r, &form); err != nil {
		return nil, err
	}
	if form.Number == "" {
		return nil, errBody.With(errors.New("number is missing"))
	}
	st := Story{Plan: form.Plan, Unknown: form.Unknown, Born: form.Born, Pieces: form.Pieces, PhoneEnd: form.PhoneEnd}
	if form.From != nil {
		st.From = *form.From
	}
	if form.To != nil {
		st.To = *form.To
	}
	for _, step := range form.Steps {
		at := Place{City: step.City, Country: step.Country, Zone: step.Zone}
		st.Steps = append(st.Steps, Step{time.Duration(step.After), step.Kind, at, step.Text})
	}
	s.Set(form.Number, st)
	return obj{"set": form.Number}, nil
}

func (s *Server) postFault(r *http.Request) (any, error) {
	var form struct {
		Source, Number string
		Kind           FaultKind
		Times, Size    int
		For, Wait      span
		Tokens         bool
	}
	if err := decode(r, &form); err != nil {
		return nil, err
	}
	err := s.Fail(form.Source, Fault{
		Kind: form.Kind, Number: form.Number, Times: form.Times, For: time.Duration(form.For),
		Wait: time.Duration(form.Wait), Size: form.Size, Tokens: form.Tokens,
	})
	if err != nil {
		return nil, err
	}
	return s.overview(r)
}

func (s *Server) postLimit(r *http.Request) (any, error) {
	var form struct {
		Source string
		Calls  int
		Per    span
	}
	if err := decode(r, &form); err != nil {
		return nil, err
	}
	if err := s.Limit(form.Source, Limit{form.Calls, time.Duration(form.Per)}); err != nil {
		return nil, err
	}
	return s.overview(r)
}

func (s *Server) postClock(r *http.Request) (any, error) {
	var form struct {
		Set     time.Time
		Advance span
		Speed   *float64
	}
	if err := decode(r, &form); err != nil {
		return nil, err
	}
	if !form.Set.IsZero() {
		s.clock.Set(form.Set)
	}
	s.clock.Advance(time.Duration(form.Advance))
	if form.Speed != nil {
		s.clock.SetSpeed(*form.Speed)
	}
	return s.overview(r)
}
