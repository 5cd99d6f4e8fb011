package member

import (
	"context"
	"net/http"

	"waypost/internal/watch"
	"waypost/internal/web/ui"
)

// serveNews serves GET /parcels/live with the query of a list: a stream that
// says "news" whenever the list may be no longer as it was. What it is now is
// on the page itself, so that a lost nudge costs nothing but time.
func (p *Pages) serveNews(w http.ResponseWriter, r *http.Request, s shelf) error {
	page, err := s.List(r.Context(), s.owner, listQuery(r.URL.Query()))
	if err != nil {
		return err
	}
	topics := []string{watch.Topic(s.owner)}
	for _, of := range page.Watches {
		if of.ParcelID != "" {
			topics = append(topics, "parcel:"+string(of.ParcelID))
		}
	}
	return p.streams.Serve(w, r, func(ctx context.Context, st *ui.Stream) {
		sub := p.live.Subscribe(topics...)
		defer sub.Close()
		for st.Wait(ctx, sub.C) && st.Write("event: news\ndata: {}\n\n") {
			continue
		}
	})
}

// Close ends the live pages; browsers come back when they can.
func (p *Pages) Close() { p.streams.Close() }
