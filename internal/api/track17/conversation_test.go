package track17_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waypost/internal/api/track17"
	"waypost/internal/carrier"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/watch"
)

var update = flag.Bool("update", false, "write the answers into the conversations")

// TestConversations plays testdata/<version>/<endpoint>.txt against a server, to
// the byte but for white space that makes answers readable there:
//
//	! told LX900112236CN        what happens in the world
//	POST /track/v2.4/register   a request
//	17token: none               with a header
//	> [{"number": "12"}]        and a body
//	200                         the answer's status
//	{…}                         and its body
//
// Time stands still, at the first of January 2000.
func TestConversations(t *testing.T) {
	long := parcel.History{Legs: []parcel.Leg{{Service: strings.Repeat("x", 5000)}}}
	must(parcel.Decode(must(long.Encode())(t)))(t) // its encoder belongs to no test's time
	for _, version := range track17.Versions {
		for _, endpoint := range track17.Endpoints() {
			t.Run(string(version)+"/"+endpoint, func(t *testing.T) {
				file := filepath.Join("testdata", string(version), endpoint+".txt")
				dbtest.EachURL(t, func(t *testing.T, url string) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, dbtest.Open(t, url), roomy, quota.Plan{Total: 30, Daily: 20})
						w.play(file)
					})
				})
			})
		}
	}
}

// play plays a conversation; with -update it writes the answers.
func (w *world) play(file string) {
	w.t.Helper()
	text := must(os.ReadFile(file))(w.t)
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		switch {
		case strings.HasPrefix(line, "! "):
			w.happen(strings.TrimPrefix(line, "! "))
			fmt.Fprintln(&out, line)
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
		default:
			said := []string{line}
			for ; i < len(lines) && (strings.HasPrefix(lines[i], "> ") || strings.HasPrefix(lines[i], "17token:")); i++ {
				said = append(said, lines[i])
			}
			var want []string
			for ; i < len(lines) && lines[i] != "" && !strings.HasPrefix(lines[i], "! ") && !strings.HasPrefix(lines[i], "#"); i++ {
				want = append(want, lines[i])
			}
			got := w.say(said)
			if !*update && got.compact() != compact(want) {
				w.t.Errorf("%s\n%s\ngot\n%s\nwant\n%s", file, strings.Join(said, "\n"), got.readable(), strings.Join(want, "\n"))
			}
			fmt.Fprintln(&out, strings.Join(said, "\n"))
			fmt.Fprint(&out, got.readable())
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A heard is an answer.
type heard struct {
	status int
	header http.Header
	body   []byte
}

func (h heard) compact() string { return strconv.Itoa(h.status) + "\n" + string(h.body) }

func (h heard) readable() string {
	var b bytes.Buffer
	if json.Indent(&b, h.body, "", "  ") != nil {
		b.Write(h.body)
	}
	return strconv.Itoa(h.status) + "\n" + b.String() + "\n"
}

// compact is an answer as it stands in a conversation.
func compact(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b bytes.Buffer
	text := strings.Join(lines[1:], "\n")
	if json.Compact(&b, []byte(text)) != nil {
		return lines[0] + "\n" + text
	}
	return lines[0] + "\n" + b.String()
}

// say sends a request.
func (w *world) say(said []string) heard {
	w.t.Helper()
	method, path, _ := strings.Cut(said[0], " ")
	secret, body := w.secret, ""
	for _, line := range said[1:] {
		if token, ok := strings.CutPrefix(line, "17token:"); ok {
			secret = w.token(strings.TrimSpace(token))
		} else {
			body += strings.TrimPrefix(line, "> ") + "\n"
		}
	}
	return w.send(method, path, secret, strings.TrimSuffix(body, "\n"))
}

// token is the secret that a word of a conversation stands for.
func (w *world) token(word string) string {
	switch word {
	case "readonly":
		return w.key(mia, quota.Read)
	case "noah":
		return w.key(noah, quota.Scopes...)
	}
	return word
}

func (w *world) send(method, path, secret, body string) heard {
	w.t.Helper()
	r := must(http.NewRequestWithContext(w.t.Context(), method, w.base+path, strings.NewReader(body)))(w.t)
	r.Header.Set("17token", secret)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	return heard{answer.StatusCode, answer.Header, must(io.ReadAll(answer.Body))(w.t)}
}

// happen does what a line of a conversation says.
func (w *world) happen(what string) {
	w.t.Helper()
	word, rest, _ := strings.Cut(what, " ")
	number, more, _ := strings.Cut(rest, " ")
	s := w.watches.Stores()[0]
	switch word {
	case "told":
		w.answer(number, parcel.Origin, history(time.Now()))
	case "silent":
		w.answer(number, parcel.Origin, nil)
	case "delivered":
		events := history(time.Now())
		at := time.Now().Add(-time.Hour)
		w.answer(number, parcel.Origin, append(events, carrier.Event{
			Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at.UTC()}, Status: status.DeliveredOther,
			Words: "Delivered", Place: place.Place{City: "Utrecht", Country: "NL"},
		}))
	case "onward":
		w.answer(number, parcel.Origin, history(time.Now()), carrier.Leg{Number: number, Carrier: "postnl"})
		w.answer(number, parcel.Destination, []carrier.Event{{
			Time:   carrier.Time{Local: "1999-12-31T12:00:00", UTC: time.Date(1999, 12, 31, 11, 0, 0, 0, time.UTC)},
			Status: status.InTransitArrival, Words: "Arrived in the Netherlands", Place: place.Place{Country: "NL"},
		}})
	case "pushed":
		r := must(s.Find(w.t.Context(), mia, watch.Reference{Number: number}))(w.t)[0][0]
		code := must(strconv.Atoi(more))(w.t)
		status := watch.PushTaken
		if code != http.StatusOK {
			status = watch.PushFailed
		}
		must(struct{}{}, s.Pushed(w.t.Context(), mia, r.ID, watch.Push{At: time.Now(), Status: status, Code: code}))(w.t)
	case "quota":
		must(struct{}{}, w.keys.Stores()[0].SetPlan(w.t.Context(), mia, quota.Plan{
			Total: int64(must(strconv.Atoi(number))(w.t)), Daily: int64(must(strconv.Atoi(more))(w.t)),
		}))(w.t)
	default:
		w.t.Fatalf("nobody knows how to make that happen: %s", what)
	}
}
