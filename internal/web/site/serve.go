package site

import (
	"fmt"
	"net/http"
	"strconv"

	"waypost/internal/web/ui"
)

// ServeHTTP answers every address of the site; what no route knows gets a page
// that helps.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refusal, pattern := s.routes.Handler(r)
	if pattern != "" {
		s.routes.ServeHTTP(w, r)
		return
	}
	var seen refused
	refusal.ServeHTTP(&seen, r)
	if allow := seen.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
	}
	s.Fail(w, r, seen.status)
}

// Routes are the patterns that the site serves.
func (s *Site) Routes() []string { return s.served }

// Close ends the live pages; browsers come back when they can.
func (s *Site) Close() { s.streams.Close() }

// handle serves pattern with h, and answers what h returns as an error.
func (s *Site) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	s.served = append(s.served, pattern)
	s.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		status := ui.Status(err)
		if status >= http.StatusInternalServerError {
			s.log.Error("page failed", "route", pattern, "err", err)
		}
		s.Fail(w, r, status)
	})
}

type failureView struct {
	Status      int
	Title, Text string
	Box         box
}

// Fail answers with a page that says what went wrong and what to do about it.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, status int) {
	reader := s.kit.Reader(r)
	code := strconv.Itoa(status)
	if !reader.Has("error.title." + code) {
		code = "500"
	}
	view := failureView{
		Status: status,
		Title:  reader.Say("error.title." + code),
		Text:   reader.Say("error.text."+code, "n", maxText>>10),
		Box:    box{Rows: 3},
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "10")
	}
	head := ui.Head{Title: view.Title, Here: "/", Private: true}
	if err := s.failure.Reply(w, r, status, reader, head, view); err != nil {
		s.log.Error("the page about a failure failed", "err", err)
		http.Error(w, fmt.Sprint(status), status)
	}
}

// refused takes the answer that a route list gives to an address it doesn't
// serve, for its status and its Allow header.
type refused struct {
	header http.Header
	status int
}

func (w *refused) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}
func (w *refused) WriteHeader(status int)      { w.status = status }
func (w *refused) Write(b []byte) (int, error) { return len(b), nil }
