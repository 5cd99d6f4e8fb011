package site

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// Toll is what the pages need of the door so that abuse of them costs whoever
// abuses them. *visit.Door has it.
type Toll interface {
	Charge(r *http.Request, n int) (wait time.Duration, more bool, err error)
	Challenge() string
	Prove(w http.ResponseWriter, r *http.Request, challenge, answer string) error
}

type proofView struct {
	Wait      string // how long until it goes on by itself
	Prove     bool   // whether a proof helps
	Challenge string
	Bits      int
	Seconds   int // how long one waits who has no script
	Wrong     string
	Fields    []hidden // what was asked for, so that it is not lost
}

type hidden struct{ Name, Value string }

// maxCarried bounds the text that a page about a limit carries on.
const maxCarried = 64 << 10

// priced is what a list of n numbers counts.
func priced(n int) int { return 1 + n/4 }

// charged reports whether a list may be shown; else it has answered.
func (s *Site) charged(w http.ResponseWriter, r *http.Request, q query) (bool, error) {
	return s.chargedFor(w, r, len(q.items))
}

// chargedFor is charged for something that counts as a list of n numbers.
func (s *Site) chargedFor(w http.ResponseWriter, r *http.Request, n int) (bool, error) {
	if s.toll == nil {
		return true, nil
	}
	wait, more, err := s.toll.Charge(r, priced(n))
	if err != nil || wait == 0 {
		return err == nil, err
	}
	view := proofView{Prove: more, Fields: carried(r)}
	if more {
		view.Challenge = s.toll.Challenge()
	}
	return false, s.proofPage(w, r, http.StatusTooManyRequests, wait, view)
}

// carried is what a request asked for, as the fields of a form.
func carried(r *http.Request) []hidden {
	values := r.PostForm
	if values == nil {
		values = r.URL.Query()
	}
	var all []hidden
	add := func(name, value string) {
		if value != "" && len(value) <= maxCarried {
			all = append(all, hidden{name, value})
		}
	}
	for _, name := range []string{"text", "nums", "fc", "status"} {
		add(name, values.Get(name))
	}
	return all
}

func (s *Site) proofPage(w http.ResponseWriter, r *http.Request, status int, wait time.Duration, view proofView) error {
	reader := s.kit.Reader(r)
	minutes := int((max(wait, 1) + time.Minute - 1) / time.Minute)
	view.Wait = reader.Say("proof.wait", "n", minutes)
	view.Bits, view.Seconds = visit.ProofBits, int(visit.ProofWait/time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(max(int(wait/time.Second), 1)))
	head := ui.Head{Title: reader.Say("proof.title"), Here: "/", Private: true, Secret: true}
	if view.Prove {
		head.Scripts = []string{"proof.js"}
	}
	return s.proof.Reply(w, r, status, reader, head, view)
}

// serveProof serves POST /proof: challenge, answer, and what was asked for,
// which is shown when the proof is right. A browser that refuses the cookie
// sees that page, and is asked again for the next one.
func (s *Site) serveProof(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxText)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read the form: %w", asInvalid(err))
	}
	if s.toll == nil {
		return s.shown(w, r)
	}
	challenge := r.PostForm.Get("challenge")
	err := s.toll.Prove(w, r, challenge, r.PostForm.Get("answer"))
	if err == nil {
		return s.shown(w, r)
	}
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	view := proofView{Prove: true, Challenge: challenge, Fields: carried(r), Wrong: s.kit.Reader(r).Fault(err)}
	if e.Kind == fault.Invalid {
		view.Challenge = s.toll.Challenge()
	}
	return s.proofPage(w, r, ui.Status(err), time.Minute, view)
}

// shown answers with the list that a form carried on.
func (s *Site) shown(w http.ResponseWriter, r *http.Request) error {
	k := s.knowFor(r)
	if text := r.PostForm.Get("text"); text != "" {
		return s.show(w, r, k, readText(text, k), nil)
	}
	return s.show(w, r, k, readQuery(r.PostForm, k), nil)
}

var errOften = fault.New(fault.Limited, "live_often", "Too many live pages were opened from there.")

// chargedLive counts a live page.
func (s *Site) chargedLive(r *http.Request) error {
	if s.toll == nil {
		return nil
	}
	wait, _, err := s.toll.Charge(r, 1)
	if err == nil && wait > 0 {
		return errOften
	}
	return err
}
