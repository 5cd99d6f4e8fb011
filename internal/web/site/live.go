package site

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strings"

	"waypost/internal/parcel"
	"waypost/internal/web/ui"
)

// serveLive serves GET /track/live?nums=A,B&fc=KEY: a stream of the list's
// cards, each when it is no longer what the browser shows. What the browser
// shows is in since, and after a lost connection in Last-Event-ID: one mark a
// card, in the list's order.
func (s *Site) serveLive(w http.ResponseWriter, r *http.Request) error {
	if err := s.chargedLive(r); err != nil {
		return err
	}
	values := r.URL.Query()
	shown := values.Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		shown = last
	}
	l, err := s.open(r, readQuery(values, s.knowFor(r)), strings.Split(shown, "."))
	if err != nil {
		return err
	}
	return s.streams.Serve(w, r, l.run)
}

// A stream is one live page.
type stream struct {
	*ui.Stream
	site   *Site
	reader ui.Reader
	list   query
	rows   []row
	of     keeping
	marks  []string // of what the browser shows
}

func (s *Site) open(r *http.Request, q query, marks []string) (*stream, error) {
	rows, known := plan(s.know(), q), s.marksOf(r)
	var keys []parcel.Key
	for _, row := range rows {
		key := row.key()
		keys = append(keys, key)
		if key.Mark = known[row.Text]; key.Mark != "" {
			keys = append(keys, key)
		}
	}
	parcels, err := s.parcels.Find(r.Context(), keys...)
	if err != nil {
		return nil, fmt.Errorf("find parcels: %w", err)
	}
	mark(rows, parcels)
	fill(rows, parcels)
	of, err := s.keeping(r, rows)
	if err != nil {
		return nil, err
	}
	for len(marks) < len(rows) {
		marks = append(marks, "")
	}
	return &stream{site: s, reader: s.kit.Reader(r), of: of, list: q, rows: rows, marks: marks[:len(rows)]}, nil
}

// run sends what is new until nothing is awaited, the reader leaves, or the
// server stops. A nudge only says that something changed; what it is comes
// from the rows, so that a lost nudge costs nothing but time.
func (l *stream) run(ctx context.Context, st *ui.Stream) {
	l.Stream = st
	sub := l.site.live.Subscribe(l.topics()...)
	defer sub.Close()
	for {
		more, ok := l.refresh(ctx)
		if !more || !ok || !st.Wait(ctx, sub.C) {
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
	desk := newDesk(l.reader, l.site.know(), l.list, l.of)
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
		l.Write("event: rest\ndata: {}\n\n")
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
	return l.Write("event: card\nid: " + strings.Join(l.marks, ".") + "\ndata: " + string(data) + "\n\n")
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
