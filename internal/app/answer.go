package app

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"waypost/internal/parcel"
	"waypost/internal/status"
)

// answerJSON is a parcel's history as `track` and `carrier read` print it.
type answerJSON struct {
	Number            string      `json:"number"`
	Status            status.Main `json:"status"`
	SubStatus         status.Sub  `json:"sub_status"`
	Service           string      `json:"service"`
	EstimatedDelivery string      `json:"estimated_delivery"`
	Events            []eventJSON `json:"events"` // newest first
}

type eventJSON struct {
	Time        string      `json:"time"`     // ISO 8601, with offset where the zone is known
	TimeUTC     string      `json:"time_utc"` // "" where the zone is not known
	Status      status.Main `json:"status"`
	SubStatus   status.Sub  `json:"sub_status"`
	Code        string      `json:"code"`
	Description string      `json:"description"`
	Place       placeJSON   `json:"place"`
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
		Events:            []eventJSON{},
	}
	for _, leg := range h.Legs {
		if leg.Service != "" {
			a.Service = leg.Service
			break
		}
	}
	for _, e := range slices.Backward(h.Events) {
		line := eventJSON{
			Time: e.Time.ISO(), Status: e.Status.Main(), SubStatus: e.Status, Code: e.Code, Description: e.Words,
			Place: placeJSON{Raw: e.Place.Name, City: e.Place.City, State: e.Place.Region, PostalCode: e.Place.Postcode, Country: e.Place.Country},
		}
		if !e.Time.UTC.IsZero() {
			line.TimeUTC = e.Time.UTC.UTC().Format(time.RFC3339)
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
	for _, e := range a.Events {
		fmt.Fprintf(w, "  %-25s  %s", e.Time, e.Description)
		if place := placeText(e.Place); place != "" {
			fmt.Fprintf(w, "  [%s]", place)
		}
		fmt.Fprintln(w)
	}
}

func placeText(p placeJSON) string {
	text := p.City
	if text == "" {
		text = p.Raw
	}
	if p.Country != "" && text != "" {
		return text + ", " + p.Country
	}
	return text + p.Country
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
