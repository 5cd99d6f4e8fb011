package engine

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// CheckFile says everything that is wrong with a carrier or source file: its
// fields, formats, expressions, and what its vectors become. The vectors'
// answers stand in a folder beside it, named after it.
func CheckFile(file string) []carrier.Mistake {
	text, err := os.ReadFile(file)
	if err != nil {
		return []carrier.Mistake{{File: file, Text: "can't be read"}}
	}
	_, source, mistakes := carrier.LoadFile(file, text)
	if len(mistakes) > 0 || source == nil {
		return mistakes
	}
	program, mistakes := Compile(source)
	if len(mistakes) > 0 {
		return mistakes
	}
	return CheckVectors(program, os.DirFS(strings.TrimSuffix(file, filepath.Ext(file))))
}

// CheckVectors runs a source's vectors, with their answers in folder, and says
// where what came differs from what was expected.
func CheckVectors(p *Program, folder fs.FS) []carrier.Mistake {
	var mistakes []carrier.Mistake
	for i, v := range p.source.Vectors {
		name := cmp.Or(v.Answer, v.Sends)
		if name == "" {
			continue
		}
		check := p.checkAnswer
		if v.Answer == "" {
			check = p.checkRequest
		}
		for _, difference := range check(v, folder) {
			mistakes = append(mistakes, p.source.Mistake(fmt.Sprintf("vectors[%d]", i), "%s: %s", name, difference))
		}
	}
	return mistakes
}

func (p *Program) checkAnswer(v carrier.Vector, folder fs.FS) []string {
	answer, err := fs.ReadFile(folder, v.Answer)
	if err != nil {
		return []string{"the answer's file can't be read"}
	}
	reports, err := p.Read(answer, cmp.Or(v.HTTP, 200), v.Asked)
	if err != nil {
		var problem *carrier.Problem
		if !errors.As(err, &problem) {
			return []string{err.Error()}
		}
		reports = []carrier.Report{{Problem: problem}}
		for range max(0, len(v.Is)-1) {
			reports = append(reports, reports[0])
		}
	}
	if len(reports) != len(v.Is) {
		return []string{fmt.Sprintf("%d parcels came, %d are expected", len(reports), len(v.Is))}
	}
	var all []string
	for i, want := range v.Is {
		got := reports[i]
		if want.Number != nil && len(v.Is) > 1 {
			if at := slices.IndexFunc(reports, func(r carrier.Report) bool { return r.Number == *want.Number }); at >= 0 {
				got = reports[at]
			}
		}
		all = append(all, differences(want, got)...)
	}
	return all
}

// differences are what is expected of a parcel and did not come.
func differences(want carrier.Expect, got carrier.Report) []string {
	var all []string
	differ := func(what string, want, got any) {
		all = append(all, fmt.Sprintf("%s is %v, expected %v", what, got, want))
	}
	var newest carrier.Event
	for _, e := range got.Events {
		if newest.Time.IsZero() || !before(e.Time, newest.Time) {
			newest = e
		}
	}
	problem := carrier.ProblemKind("")
	if got.Problem != nil {
		problem = got.Problem.Kind
	}
	legs := []string{}
	for _, l := range got.Legs {
		legs = append(legs, l.Number)
	}
	equal(differ, "number", want.Number, got.Number)
	equal(differ, "problem", want.Problem, problem)
	equal(differ, "events", want.Events, len(got.Events))
	equal(differ, "newest", want.Newest, newest.Time.ISO())
	equal(differ, "code", want.Code, newest.Code)
	equal(differ, "service", want.Service, got.Service)
	equal(differ, "words", want.Words, newest.Words)
	equal(differ, "place", want.Place, cmp.Or(newest.Place.City, newest.Place.Name))
	equal(differ, "eta", want.ETA, got.ETA.ISO())
	equal(differ, "status", want.Status, StatusOf(got))
	if want.Legs != nil && !slices.Equal(*want.Legs, legs) {
		differ("legs", *want.Legs, legs)
	}
	if want.Problem == nil && got.Problem != nil {
		all = append(all, fmt.Sprintf("there is a problem, %v", got.Problem))
	}
	if problem != "" {
		return all // nothing else was to be read
	}
	if len(got.Unknown) != want.Unknown {
		all = append(all, fmt.Sprintf("%d codes are unknown, expected %d: %v", len(got.Unknown), want.Unknown, got.Unknown))
	}
	if len(got.Faults) != want.Faults {
		all = append(all, fmt.Sprintf("%d fields failed, expected %d: %v", len(got.Faults), want.Faults, got.Faults))
	}
	return all
}

func equal[T comparable](differ func(what string, want, got any), what string, want *T, got T) {
	if want != nil && *want != got {
		differ(what, *want, got)
	}
}

func before(a, b carrier.Time) bool {
	if !a.UTC.IsZero() && !b.UTC.IsZero() {
		return a.UTC.Before(b.UTC)
	}
	return a.Local < b.Local
}

// StatusOf is what one report by itself says of the parcel: the carrier's own
// word, refined by the newest event that agrees with it; else the newest event
// with a status, with a delivery undone only by a return.
func StatusOf(r carrier.Report) status.Sub {
	if r.State != "" {
		for _, e := range slices.Backward(r.Events) {
			if e.Status.Main() == r.State.Main() {
				return e.Status
			}
		}
		return r.State
	}
	newest := status.Sub("")
	for _, e := range slices.Backward(r.Events) {
		switch {
		case e.Status == "":
		case newest == "":
			newest = e.Status
		case e.Status.Main() == status.Delivered && newest.Main() != status.Exception:
			return e.Status
		}
	}
	return newest
}

// checkRequest compares the request that would be sent with the one on file.
func (p *Program) checkRequest(v carrier.Vector, folder fs.FS) []string {
	want, err := fs.ReadFile(folder, v.Sends)
	if err != nil {
		want = nil
	}
	got, err := p.Request(v)
	if err != nil {
		return []string{err.Error()}
	}
	if strings.TrimSpace(string(want)) != strings.TrimSpace(got) {
		return []string{"the request is not the one on file; it is\n" + got}
	}
	return nil
}

// Request writes out the request that a vector describes: its line, its
// headers by name, an empty line, its body.
func (p *Program) Request(v carrier.Vector) (string, error) {
	account := map[string]any{}
	for _, name := range p.source.Account {
		account[name] = cmp.Or(v.Values[name], "the-"+strings.ReplaceAll(name, "_", "-"))
	}
	var asks []carrier.Ask
	for _, number := range v.Asked {
		asks = append(asks, carrier.Ask{Number: number, Params: v.Params, With: v.With, Lang: v.Lang})
	}
	unixMS := cmp.Or(v.UnixMS, time.Date(2026, 3, 2, 13, 11, 0, 0, time.UTC).UnixMilli())
	names := valuesOf(p.source, account, asks, unixMS, cmp.Or(v.ID, "7d3f0c1e9a8b4c2d8e6f5a4b3c2d1e0f"))
	names["token"] = "the-token"
	request, err := p.ask.build(p.source.Connect.Base, names)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return "", fmt.Errorf("read body: %w", err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", request.Method, request.URL.RequestURI())
	for _, name := range sortedKeys(request.Header) {
		fmt.Fprintf(&out, "%s: %s\n", name, request.Header.Get(name))
	}
	if len(body) > 0 {
		fmt.Fprintf(&out, "\n%s\n", body)
	}
	return out.String(), nil
}
