package engine

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
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
	source, trials, mistakes := TryFile(file)
	for _, t := range trials {
		for _, d := range t.Differences {
			mistakes = append(mistakes, source.Mistake(fmt.Sprintf("vectors[%d]", t.At), "%s: %s", t.File, d))
		}
	}
	return mistakes
}

// TryFile reads a carrier or source file and runs its vectors. The source is
// nil where the file describes none, and where there are mistakes.
func TryFile(file string) (*carrier.Source, []Trial, []carrier.Mistake) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, []carrier.Mistake{{File: file, Text: "can't be read"}}
	}
	_, source, mistakes := carrier.LoadFile(file, text)
	if len(mistakes) > 0 || source == nil {
		return nil, nil, mistakes
	}
	program, mistakes := Compile(source)
	if len(mistakes) > 0 {
		return nil, nil, mistakes
	}
	return source, program.Try(os.DirFS(strings.TrimSuffix(file, filepath.Ext(file)))), nil
}

// A Trial is what came of one vector.
type Trial struct {
	At          int // in the source's vectors
	Vector      carrier.Vector
	File        string // its answer's, or its request's
	Differences []Difference
}

// Try runs a source's vectors, with their answers in folder. Those that only
// say why there can be none are left out.
func (p *Program) Try(folder fs.FS) []Trial {
	var trials []Trial
	for i, v := range p.source.Vectors {
		switch {
		case v.Answer != "":
			trials = append(trials, Trial{i, v, v.Answer, p.tryAnswer(v, folder)})
		case v.Push != "":
			trials = append(trials, Trial{i, v, v.Push, p.tryPush(v, folder)})
		case v.Subscribed != "":
			trials = append(trials, Trial{i, v, v.Subscribed, p.tryPush(v, folder)})
		case v.Sends+v.Subscribes+v.Ends != "":
			trials = append(trials, Trial{i, v, v.Sends + v.Subscribes + v.Ends, p.tryRequest(v, folder)})
		}
	}
	return trials
}

func (p *Program) tryAnswer(v carrier.Vector, folder fs.FS) []Difference {
	answer, err := fs.ReadFile(folder, v.Answer)
	if err != nil {
		return []Difference{{Text: "the answer's file can't be read"}}
	}
	reports, err := p.Read(answer, cmp.Or(v.HTTP, http.StatusOK), v.Asked)
	return expected(v, answer, reports, err)
}

// tryPush has the source send its file, signed as the vector says.
func (p *Program) tryPush(v carrier.Vector, folder fs.FS) []Difference {
	body, err := fs.ReadFile(folder, v.Push+v.Subscribed)
	if err != nil {
		return []Difference{{Text: "the file of what is sent can't be read"}}
	}
	if v.Subscribed != "" {
		return p.trySubscribed(v, body)
	}
	if p.push == nil {
		return []Difference{{Text: "the file doesn't say how what is sent is read (push:)"}}
	}
	if p.push.is == nil {
		reports, err := Pushed(p.push.reading, body)
		return expected(v, body, reports, err)
	}
	account := p.values(v)
	if got := p.push.signature(body, account); got != v.Signed {
		return []Difference{{Field: "signed", Want: v.Signed, Got: got}}
	}
	receiver := Receiver{p.push, account}
	reports, err := receiver.Receive(http.Header{http.CanonicalHeaderKey(p.push.header): {v.Signed}}, body)
	return expected(v, body, reports, err)
}

// expected compares what was read of an answer with what it must become.
func expected(v carrier.Vector, answer []byte, reports []carrier.Report, err error) []Difference {
	if err != nil {
		var problem *carrier.Problem
		if !errors.As(err, &problem) {
			return []Difference{{Text: err.Error()}}
		}
		reports = []carrier.Report{{Problem: problem}}
		for range max(0, len(v.Is)-1) {
			reports = append(reports, reports[0])
		}
	}
	if len(reports) != len(v.Is) {
		return []Difference{{Text: fmt.Sprintf("%d parcels came, %d are expected", len(reports), len(v.Is))}}
	}
	var all []Difference
	for i, want := range v.Is {
		got := reports[i]
		if want.Number != nil && len(v.Is) > 1 {
			if at := slices.IndexFunc(reports, func(r carrier.Report) bool { return r.Number == *want.Number }); at >= 0 {
				got = reports[at]
			}
		}
		all = append(all, placed(Compare(want, got), answer)...)
	}
	return all
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

// tryRequest compares the request that would be sent with the one on file.
func (p *Program) tryRequest(v carrier.Vector, folder fs.FS) []Difference {
	want, err := fs.ReadFile(folder, v.Sends+v.Subscribes+v.Ends)
	if err != nil {
		want = nil
	}
	got, err := p.Request(v)
	if err != nil {
		return []Difference{{Text: err.Error()}}
	}
	if strings.TrimSpace(string(want)) != strings.TrimSpace(got) {
		return []Difference{{Text: "the request is not the one on file; it is\n" + got}}
	}
	return nil
}

// values are a vector's account: what it names, else made-up ones.
func (p *Program) values(v carrier.Vector) map[string]any {
	names := p.source.Account
	if p.source.Push != nil {
		names = slices.Concat(names, p.source.Push.Account)
	}
	account := map[string]any{}
	for _, name := range names {
		account[name] = cmp.Or(v.Values[name], "the-"+strings.ReplaceAll(name, "_", "-"))
	}
	return account
}

func asksOf(v carrier.Vector) []carrier.Ask {
	var asks []carrier.Ask
	for _, number := range v.Asked {
		asks = append(asks, carrier.Ask{Number: number, Params: v.Params, With: v.With, Lang: v.Lang})
	}
	return asks
}

// vectorURL is where a vector's subscription has news sent, its remote ids are
// remote-1 and so on.
const vectorURL = "https://waypost.example/push/"

// Request writes out the request that a vector describes: its line, its
// headers by name, an empty line, its body.
func (p *Program) Request(v carrier.Vector) (string, error) {
	account := p.values(v)
	asks := asksOf(v)
	unixMS := cmp.Or(v.UnixMS, time.Date(2026, 3, 2, 13, 11, 0, 0, time.UTC).UnixMilli())
	names := valuesOf(p.source, account, asks, unixMS, cmp.Or(v.ID, "7d3f0c1e9a8b4c2d8e6f5a4b3c2d1e0f"))
	names["token"] = "the-token"
	build := p.ask
	if v.Subscribes+v.Ends != "" {
		if p.push == nil || p.push.subscribing == nil || v.Ends != "" && p.push.subscribing.end == nil {
			return "", errNoSubscription
		}
		build = p.push.subscribing.make
		names["push_url"] = vectorURL + string(p.source.Code) + "/main"
		var remote []any
		for i := range asks {
			remote = append(remote, fmt.Sprintf("remote-%d", i+1))
		}
		if v.Ends != "" {
			build, names["remote"] = p.push.subscribing.end, remote
		}
	}
	request, err := build.build(p.source.Connect.Base, names)
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
