package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// answerJSON is a parcel's history as `track` and `carrier read` print it.
type answerJSON struct {
	Number            string      `json:"number"`
	Status            status.Main `json:"status"`
	SubStatus         status.Sub  `json:"sub_status"`
	Service           string      `json:"service"`
	EstimatedDelivery string      `json:"estimated_delivery"`
	Mirrored          bool        `json:"mirrored,omitempty"` // several carriers tell this same history
	Events            []eventJSON `json:"events"`             // newest first
}

type eventJSON struct {
	Time        string      `json:"time"`     // ISO 8601, with offset where the zone is known
	TimeUTC     string      `json:"time_utc"` // "" where the zone is not known
	Status      status.Main `json:"status"`
	SubStatus   status.Sub  `json:"sub_status"`
	Code        string      `json:"code"`
	Description string      `json:"description"`
	FromWords   bool        `json:"from_words,omitempty"` // the status was read from the description
	Place       placeJSON   `json:"place"`

	Carriers []carrier.Code `json:"carriers,omitempty"` // who tells it, where several carriers know the parcel
}

type placeJSON struct {
	Raw        string `json:"raw"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

func answerOf(number string, h parcel.History, now time.Time) answerJSON {
	standing := h.Standing(now)
	a := answerJSON{
		Number:            number,
		Status:            standing.Status.Main(),
		SubStatus:         standing.Status,
		EstimatedDelivery: standing.ETA.ISO(),
		Mirrored:          h.Mirrored(),
		Events:            []eventJSON{},
	}
	for _, leg := range h.Legs {
		if leg.Service != "" {
			a.Service = leg.Service
			break
		}
	}
	tellings := h.Tellings()
	for i, e := range slices.Backward(h.Events) {
		told := tellings[i]
		line := eventJSON{
			Time: told.Time.ISO(), Status: e.Status.Main(), SubStatus: e.Status, Code: e.Code, Description: e.Words, FromWords: e.FromWords,
			Place: placeJSON{Raw: told.Place.Name, City: told.Place.City, State: told.Place.Region, PostalCode: told.Place.Postcode, Country: told.Place.Country},
		}
		if !told.Time.UTC.IsZero() {
			line.TimeUTC = told.Time.UTC.UTC().Format(time.RFC3339)
		}
		if len(h.Legs) > 1 {
			line.Carriers = told.Carriers
		}
		a.Events = append(a.Events, line)
	}
	return a
}

func printAnswersJSON(w io.Writer, answers []answerJSON) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(answers); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func printAnswer(w io.Writer, a answerJSON) {
	fmt.Fprintf(w, "%s  %s", a.Number, a.SubStatus)
	if a.Service != "" {
		fmt.Fprintf(w, "  (%s)", a.Service)
	}
	if a.EstimatedDelivery != "" {
		fmt.Fprintf(w, "  expected %s", a.EstimatedDelivery)
	}
	fmt.Fprintln(w)
	if a.Mirrored {
		fmt.Fprintf(w, "  All of it is told by each of: %s.\n", codes(a.Events[0].Carriers))
	}
	for _, e := range a.Events {
		fmt.Fprintf(w, "  %-25s  %s", e.Time, e.Description)
		if place := placeText(e.Place); place != "" {
			fmt.Fprintf(w, "  [%s]", place)
		}
		if len(e.Carriers) > 0 && !a.Mirrored {
			fmt.Fprintf(w, "  (%s)", codes(e.Carriers))
		}
		fmt.Fprintln(w)
	}
}

func codes(list []carrier.Code) string {
	var text []string
	for _, code := range list {
		text = append(text, string(code))
	}
	return strings.Join(text, ", ")
}

func placeText(p placeJSON) string {
	said := place.Place{Name: p.Raw, Country: p.Country}
	switch {
	case p.City != "" && p.Country != "":
		return p.City + ", " + p.Country
	case p.City == "" && p.Raw != "" && p.Country != "" && said.NameTells():
		return p.Raw + ", " + p.Country
	}
	return cmp.Or(p.City, p.Raw, p.Country)
}

// problemJSON is what a command prints to standard error instead of an answer.
type problemJSON struct {
	Error struct {
		Kind    string `json:"kind"`
		Message string `json:"message"`
	} `json:"error"`
}

// printProblem tells why there is no answer, and makes the exit code 3.
func printProblem(w io.Writer, kind, message string, asJSON bool) error {
	if !asJSON {
		fmt.Fprintf(w, "%s: %s\n", kind, message)
		return errCarrier
	}
	var p problemJSON
	p.Error.Kind, p.Error.Message = kind, message
	if err := json.NewEncoder(w).Encode(p); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return errCarrier
}
