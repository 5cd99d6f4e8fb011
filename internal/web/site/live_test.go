package site

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/web/ui"
)

// A message is one event of a stream.
type message struct{ event, id, data string }

// serving starts a server that ends after the streams that a test opens from it.
func serving(t *testing.T, s http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

// listen opens a stream and passes on its messages until it ends.
func listen(t *testing.T, server *httptest.Server, address, last string) (<-chan message, int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := server.Client().Do(r) //nolint:bodyclose // readMessages' goroutine closes it
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan message, 100)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		readMessages(answer.Body, out)
	}()
	return out, answer.StatusCode
}

func readMessages(body io.Reader, out chan<- message) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	var m message
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			m.event = value
		case "id":
			m.id = value
		case "data":
			m.data = value
		case "":
			if m.event != "" {
				out <- m
			}
			m = message{}
		}
	}
}

// next waits for a message; ok is false when the stream has ended.
func next(t *testing.T, stream <-chan message) (m message, ok bool) {
	t.Helper()
	select {
	case m, ok = <-stream:
		return m, ok
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came for ten seconds")
		return message{}, false
	}
}

// liveOf is the address of a list's stream, as its page says it.
func liveOf(t *testing.T, s http.Handler, address string) string {
	t.Helper()
	_, doc := get(t, s, address)
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && attr(n, "id") == "parcels" {
			return attr(n, "data-live")
		}
	}
	return ""
}

func delivered(p *parcel.Parcel) {
	zone := 1
	p.Found, p.Revision = "fjordpost", p.Revision+1
	p.History = parcel.History{
		Legs:   []parcel.Leg{{Source: "fjordpost", Carrier: "fjordpost", Number: "Nfjordpost", Role: parcel.Origin}},
		Events: told("fjordpost", &zone, happening{1, status.DeliveredOther, "Utlevert", oslo}),
	}
	p.Asks[0].State, p.Asks[0].Due, p.Asks[0].Asked = parcel.Done, time.Time{}, time.Now()
}

func TestALivePageShowsWhatChanges(t *testing.T) {
	w := newWorld()
	s := newSite(t, w)
	server := serving(t, s)
	address := liveOf(t, s, "/track?nums=FP1000000009,FP1000000002")
	stream, code := listen(t, server, address, "")
	if code != 200 {
		t.Fatalf("status %d", code)
	}
	awaitSubscribers(t, w, "FP1000000009", stream)

	w.change("FP1000000009", delivered)
	m, _ := next(t, stream)
	var card struct{ HTML, Say string }
	if err := json.Unmarshal([]byte(m.data), &card); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(card.HTML, `id="p-FP1000000009"`) || !strings.Contains(card.HTML, "Delivered on") || card.Say != "FP1000000009: Delivered" {
		t.Errorf("got %+v", card)
	}

	// The browser comes back with what it has seen: only what is new is sent.
	w.change("FP1000000002", func(p *parcel.Parcel) { p.Asks[0].Problem = carrier.Unavailable })
	if m, _ = next(t, stream); !strings.Contains(m.data, "FP1000000002") {
		t.Fatalf("the other parcel's change did not come: %+v", m)
	}
	last := m.id
	w.change("FP1000000002", func(p *parcel.Parcel) { p.Asks[0].Problem = "" })
	again, _ := listen(t, server, address, last)
	if m, _ = next(t, again); !strings.Contains(m.data, "FP1000000002") || strings.Contains(m.data, "could not be reached") {
		t.Errorf("after coming back: %+v", m)
	}
}

// awaitSubscribers changes a parcel until the stream is seen to listen.
func awaitSubscribers(t *testing.T, w *world, number string, stream <-chan message) {
	t.Helper()
	for i := range 100 {
		w.change(number, func(p *parcel.Parcel) { p.Asks[0].Due = time.Now().Add(time.Duration(i+2) * time.Hour) })
		select {
		case <-stream:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("the stream does not listen")
}

func TestALivePageEndsWhenNothingIsAwaited(t *testing.T) {
	w := newWorld()
	s := newSite(t, w)
	server := serving(t, s)
	stream, _ := listen(t, server, "/track/live?nums=FP1000000001", "")
	var events []string
	for {
		m, ok := next(t, stream)
		if !ok {
			break
		}
		events = append(events, m.event)
	}
	if got := strings.Join(events, " "); got != "card rest" {
		t.Errorf("got %q, want the card and then rest", got)
	}
	if got := liveOf(t, s, "/track?nums=FP1000000001"); got != "" {
		t.Errorf("the page of a delivered parcel goes on listening at %s", got)
	}
}

func TestLivePagesAreBoundedAndEndWithTheServer(t *testing.T) {
	w := newWorld()
	s := newSite(t, w)
	s.streams = ui.NewStreams(1)
	server := serving(t, s)
	first, code := listen(t, server, "/track/live?nums=FP1000000002", "")
	if code != 200 {
		t.Fatalf("status %d", code)
	}
	if _, code := listen(t, server, "/track/live?nums=FP1000000002", ""); code != 503 {
		t.Errorf("one too many answers %d, want 503", code)
	}
	s.Close()
	for range 5 {
		if _, ok := next(t, first); !ok {
			return
		}
	}
	t.Error("the stream goes on after Close")
}

func TestThePageKnowsWhatItShows(t *testing.T) {
	s := newSite(t, newWorld())
	address, err := url.Parse(liveOf(t, s, "/track?nums=FP1000000002,FP1000000009&lang=zh"))
	if err != nil {
		t.Fatal(err)
	}
	marks := strings.Split(address.Query().Get("since"), ".")
	if len(marks) != 2 || marks[0] == marks[1] || address.Query().Get("lang") != "zh" {
		t.Errorf("the stream's address is %s", address)
	}
}
