package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strings"
	"time"

	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/web/ui"
)

// How a stream behaves.
const (
	heartbeat   = 20 * time.Second // proxies close what is silent for longer
	gather      = 100 * time.Millisecond
	streamFor   = 30 * time.Minute // then the browser comes back by itself
	writeWithin = 15 * time.Second
)

var errStreams = fault.New(fault.Unavailable, "streams", "Too many live pages are open.")

// serveLive serves GET /track/live?nums=A,B&fc=KEY: a stream of the list's
// cards, each when it is no longer what the browser shows. What the browser
// shows is in since, and after a lost connection in Last-Event-ID: one mark a
// card, in the list's order.
func (s *Site) serveLive(w http.ResponseWriter, r *http.Request) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return errStreams
	}
	values := r.URL.Query()
	shown := values.Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		shown = last
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	l, err := s.open(ctx, w, s.kit.Reader(r), readQuery(values, s.know()), strings.Split(shown, "."))
	if err != nil {
		return err
	}
	return l.run(ctx)
}

// A stream is one live page.
type stream struct {
	site   *Site
	w      http.ResponseWriter
	reader ui.Reader
	list   query
	rows   []row
	marks  []string // of what the browser shows
}

func (s *Site) open(ctx context.Context, w http.ResponseWriter, reader ui.Reader, q query, marks []string) (*stream, error) {
	rows := plan(s.know(), q)
	keys := make([]parcel.Key, len(rows))
	for i := range rows {
		keys[i] = rows[i].key()
	}
	parcels, err := s.parcels.Find(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("find parcels: %w", err)
	}
	fill(rows, parcels)
	for len(marks) < len(rows) {
		marks = append(marks, "")
	}
	return &stream{s, w, reader, q, rows, marks[:len(rows)]}, nil
}

// run sends what is new until nothing is awaited, the reader leaves, or the
// server stops. A nudge only says that something changed; what it is comes
// from the rows, so that a lost nudge costs nothing but time.
func (l *stream) run(ctx context.Context) error {
	sub := l.site.live.Subscribe(l.topics()...)
	defer sub.Close()
	h := l.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it back
	l.w.WriteHeader(http.StatusOK)
	if !l.write("retry: 3000\n\n") {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		more, ok := l.refresh(ctx)
		if !more || !ok {
			return nil
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-l.site.closed:
				return nil
			case <-beat.C:
				if !l.write(":\n\n") {
					return nil
				}
			case _, open := <-sub.C:
				if !open {
					return nil
				}
				waiting = false
			}
		}
		settle(ctx, sub.C)
	}
}

// settle takes the nudges that come together as one.
func settle(ctx context.Context, nudges <-chan string) {
	quiet := time.NewTimer(gather)
	defer quiet.Stop()
	for {
		select {
		case <-nudges:
		case <-quiet.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (l *stream) topics() []string {
	var topics []string
	for _, row := range l.rows {
		if row.parcel != nil {
			topics = append(topics, "parcel:"+string(row.parcel.ID))
		}
	}
	return topics
}

// refresh reads the parcels again and sends the cards that look different now.
// more is false when nothing is awaited any longer.
func (l *stream) refresh(ctx context.Context) (more, ok bool) {
	if err := l.read(ctx); err != nil {
		if ctx.Err() == nil {
			l.site.log.Warn("live page can't read its parcels", "err", err)
		}
		return false, false // the browser comes back and tries again
	}
	desk := newDesk(l.reader, l.site.know(), l.list)
	for i, row := range l.rows {
		c := desk.card(row)
		more = more || c.Awaited
		html, err := l.site.results.Part(l.reader, "card", c)
		if err != nil {
			l.site.log.Error("live card failed", "err", err)
			return false, false
		}
		mark := markOf(html)
		if mark == l.marks[i] {
			continue
		}
		l.marks[i] = mark
		if !l.send(html, l.reader.Say("card.said", "number", c.Number, "status", c.Label)) {
			return false, false
		}
	}
	if !more {
		l.write("event: rest\ndata: {}\n\n")
	}
	return more, true
}

func (l *stream) read(ctx context.Context) error {
	var ids []parcel.ID
	for _, row := range l.rows {
		if row.parcel != nil {
			ids = append(ids, row.parcel.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	parcels, err := l.site.parcels.Get(ctx, ids...)
	if err != nil {
		return fmt.Errorf("get parcels: %w", err)
	}
	fill(l.rows, parcels)
	return nil
}

func (l *stream) send(html, say string) bool {
	data, err := json.Marshal(map[string]string{"html": html, "say": say})
	if err != nil {
		return false
	}
	return l.write("event: card\nid: " + strings.Join(l.marks, ".") + "\ndata: " + string(data) + "\n\n")
}

// write reports whether the reader is still there.
func (l *stream) write(text string) bool {
	control := http.NewResponseController(l.w)
	if err := control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := l.w.Write([]byte(text)); err != nil {
		return false
	}
	return control.Flush() == nil
}

// markOf is a short name of what a card shows: equal marks, equal cards.
func markOf(html string) string {
	h := fnv.New32a()
	h.Write([]byte(html)) //nolint:errcheck // never fails
	return fmt.Sprintf("%08x", h.Sum32())
}

func (s *Site) mark(reader ui.Reader, c card) (string, error) {
	c.Hidden = false
	html, err := s.results.Part(reader, "card", c)
	return markOf(html), err
}

// liveAddress is where a list's stream is, and what the page shows already.
func liveAddress(q query, marks []string) string {
	return q.showing("").address("/track/live") + "&since=" + url.QueryEscape(strings.Join(marks, "."))
}
