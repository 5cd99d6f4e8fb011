package engine_test

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
)

// BenchmarkRead reads an answer through its file, beside the same by structs
// written by hand. The ratio is what the format costs.
func BenchmarkRead(b *testing.B) {
	b.Run("json", func(b *testing.B) { benchmarkRead(b, "fjordpost", "delivered.json", "FP2048173653", 12) })
	b.Run("json-by-hand", func(b *testing.B) { benchmarkByHand(b, "fjordpost/delivered.json", readFjordpost, 12) })
	b.Run("xml", func(b *testing.B) { benchmarkRead(b, "prairie", "delivered.xml", "7023210039414604", 8) })
	b.Run("xml-by-hand", func(b *testing.B) { benchmarkByHand(b, "prairie/delivered.xml", readPrairie, 8) })
}

// BenchmarkAnswers reads the answers of all shipped sources' vectors, as many times
// as there are operations. µs-an-answer is what one takes, of which µs-slowest is
// the source whose answers take longest.
func BenchmarkAnswers(b *testing.B) {
	type answer struct {
		body   []byte
		http   int
		asked  []string
		source int
	}
	cat, _ := builtin.Catalogue()
	var programs []*engine.Program
	var all []answer
	for _, s := range cat.Sources() {
		program, mistakes := engine.Compile(s)
		if len(mistakes) > 0 {
			b.Fatal(mistakes)
		}
		for _, v := range s.Vectors {
			if v.Answer == "" {
				continue
			}
			body, err := fs.ReadFile(s.Answers, v.Answer)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, answer{body, cmp.Or(v.HTTP, http.StatusOK), v.Asked, len(programs)})
		}
		programs = append(programs, program)
	}
	spent, count := make([]time.Duration, len(programs)), make([]int, len(programs))
	for b.Loop() {
		for _, a := range all {
			begun := time.Now()
			if _, err := programs[a.source].Read(a.body, a.http, a.asked); err != nil {
				var problem *carrier.Problem
				if !errors.As(err, &problem) {
					b.Fatal(err)
				}
			}
			spent[a.source] += time.Since(begun)
			count[a.source]++
		}
	}
	var total, slowest time.Duration
	for i, n := range count {
		if n > 0 {
			total, slowest = total+spent[i], max(slowest, spent[i]/time.Duration(n))
		}
	}
	b.ReportMetric(float64(len(programs)), "sources")
	b.ReportMetric(float64(total.Microseconds())/float64(b.N*len(all)), "µs-an-answer")
	b.ReportMetric(float64(slowest.Microseconds()), "µs-slowest")
}

func benchmarkRead(b *testing.B, source, answer, number string, events int) {
	program := compileFile(b, filepath.Join("testdata", source+".yaml"))
	body := readTestdata(b, source+"/"+answer)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		reports, err := program.Read(body, 200, []string{number})
		if err != nil || len(reports[0].Events) != events {
			b.Fatalf("%d reports, %v", len(reports), err)
		}
	}
}

func benchmarkByHand(b *testing.B, answer string, read func([]byte) ([]carrier.Event, error), events int) {
	body := readTestdata(b, answer)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		list, err := read(body)
		if err != nil || len(list) != events {
			b.Fatalf("%d events, %v", len(list), err)
		}
	}
}

// readFjordpost is what somebody would write for this carrier alone.
func readFjordpost(body []byte) ([]carrier.Event, error) {
	var answer struct {
		Shipments struct {
			Ref     string
			Parcels struct {
				Barcode, Phase string
				Product        struct{ Label string }
				Promise        struct{ Latest string }
				Partners       []struct{ Role, Key, Number string }
				Scans          []struct {
					When, Type, Text string
					Reason           *string
					Seq              int64
					Office           struct{ City, Zip, Country string }
				}
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var events []carrier.Event
	for _, s := range answer.Shipments.Parcels.Scans {
		e := carrier.Event{Code: s.Type, Words: s.Text, Order: s.Seq}
		e.Place.City, e.Place.Postcode, e.Place.Country = s.Office.City, s.Office.Zip, s.Office.Country
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "02.01.2006 15:04", time.DateOnly} {
			if t, err := time.Parse(layout, s.When); err == nil {
				e.Time = carrier.Time{Local: t.Format("2006-01-02T15:04:05"), UTC: t.UTC()}
				break
			}
		}
		events = append(events, e)
	}
	return events, nil
}

func readPrairie(body []byte) ([]carrier.Event, error) {
	var answer struct {
		Body struct {
			Track struct {
				Pieces []struct {
					Pin     string `xml:"pin"`
					Service string `xml:"service"`
					Events  []struct {
						ID       string `xml:"event-id"`
						Date     string `xml:"event-date"`
						Time     string `xml:"event-time"`
						Zone     string `xml:"time-zone"`
						Words    string `xml:"description"`
						Site     string `xml:"site"`
						Province string `xml:"province"`
					} `xml:"history>occurrence"`
				} `xml:"piece"`
			} `xml:"track-response"`
		} `xml:"Body"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var events []carrier.Event
	for _, p := range answer.Body.Track.Pieces {
		for _, o := range p.Events {
			t, err := time.Parse("20060102 1504", o.Date+" "+o.Time)
			if err != nil {
				return nil, err
			}
			e := carrier.Event{Code: o.ID, Words: o.Words, Time: carrier.Time{Local: t.Format("2006-01-02T15:04:05"), UTC: t}}
			e.Place.City, e.Place.Region, e.Place.Country = o.Site, o.Province, "CA"
			events = append(events, e)
		}
	}
	return events, nil
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// compileFile compiles the source that stands in a file.
func compileFile(t testing.TB, file string) *engine.Program {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, file, string(text))
}

func compile(t testing.TB, file, text string) *engine.Program {
	t.Helper()
	_, source, mistakes := carrier.LoadFile(file, []byte(text))
	if len(mistakes) > 0 {
		t.Fatalf("%v", mistakes)
	}
	program, mistakes := engine.Compile(source)
	if len(mistakes) > 0 {
		t.Fatalf("%v", mistakes)
	}
	return program
}
