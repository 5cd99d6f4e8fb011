package v1

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/web/ui"
	"waypost/internal/webhook"
)

func (d *Door) streaming() {
	add(d, operation{
		route: "GET /v1/parcels/{parcel}/stream", id: "streamParcel", tag: "parcels", scope: quota.Read, stream: true,
		summary: "Follow a parcel", about: "Server-sent events: the parcel as it is, and again whenever it has changed, each by the name parcel. An event's id is the parcel's revision; " +
			"whoever comes back with it as Last-Event-ID is sent the parcel only if it has changed since. Streams end after half an hour; come back then.",
	}, d.streamParcel)
	add(d, operation{
		route: "GET /v1/events/stream", id: "streamEvents", tag: "events", scope: quota.Read, stream: true,
		summary: "Follow your events", about: "Server-sent events: what happens to the parcels that your account keeps, as GET /v1/events lists it, each by the name of its type. " +
			"An event's id is its sequence; whoever comes back with it as Last-Event-ID misses nothing. Streams end after half an hour; come back then.",
	}, d.streamEvents)
}

// A StreamOutput is an answer that goes on.
type StreamOutput struct{ Body func(huma.Context) }

// stream answers with what run writes, until one side hangs up.
func (d *Door) stream(run func(ctx context.Context, st *ui.Stream)) *StreamOutput {
	return &StreamOutput{func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if err := d.streams.Serve(w, r, run); err != nil {
			d.refuse(w, err)
		}
	}}
}

// send writes an event, and reports whether somebody is still there.
func (d *Door) send(st *ui.Stream, id int64, name string, v any) bool {
	data, err := json.Marshal(v)
	if err != nil {
		d.Log.Error("event can't be written", "kind", name, "err", err)
		return false
	}
	return st.Write("id: " + strconv.FormatInt(id, 10) + "\nevent: " + name + "\ndata: " + string(data) + "\n\n")
}

// LastEvent is where whoever was cut off goes on.
type LastEvent struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"20" pattern:"^[0-9]*$" doc:"The id of the last event that came; programs for server-sent events send it by themselves."`
}

type streamParcelInput struct {
	ParcelID
	LastEvent
}

func (d *Door) streamParcel(ctx context.Context, in *streamParcelInput) (*StreamOutput, error) {
	id := parcel.ID(in.Parcel)
	if found, err := d.Parcels.Get(ctx, id); err != nil || len(found) == 0 {
		return nil, orNone(err, errNoParcel)
	}
	seen := int64(-1)
	if in.LastEventID != "" {
		seen, _ = strconv.ParseInt(in.LastEventID, 10, 64) // one that is no revision is of none
	}
	return d.stream(func(ctx context.Context, st *ui.Stream) {
		news := d.Live.Subscribe(id.Topic())
		defer news.Close()
		for {
			found, err := d.Parcels.Get(ctx, id)
			if err != nil || len(found) == 0 {
				return // whoever comes back is told why
			}
			if p := found[0]; p.Revision != seen {
				if seen = p.Revision; !d.send(st, seen, "parcel", d.Knowledge().parcel(p)) {
					return
				}
			}
			if !st.Wait(ctx, news.C) {
				return
			}
		}
	}), nil
}

// orNone is err, or none where there is no error.
func orNone(err, none error) error {
	if err != nil {
		return err
	}
	return none
}

type streamEventsInput struct {
	LastEvent
	After string   `query:"after" maxLength:"20" pattern:"^[0-9]*$" doc:"Where to begin, for who has no Last-Event-ID: the sequence of the last event that you have. Without either, it begins now."`
	Item  []string `query:"item,explode" maxItems:"50" doc:"Watches or registrations, by id; none means all that the account keeps."`
}

func (d *Door) streamEvents(ctx context.Context, in *streamEventsInput) (*StreamOutput, error) {
	who := callerOf(ctx)
	store, err := d.Hooks.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	_, seq, err := store.Span(ctx, who.Owner)
	if err != nil {
		return nil, err
	}
	if from := cmp.Or(in.LastEventID, in.After); from != "" {
		if seq, err = sequence(from); err != nil {
			return nil, err
		}
		if _, err := store.After(ctx, who.Owner, seq, 1); err != nil { // said while a status can still be
			return nil, err
		}
	}
	return d.stream(func(ctx context.Context, st *ui.Stream) {
		news := d.Live.Subscribe(webhook.Topic(who.Owner))
		defer news.Close()
		for {
			more, ok := d.sendEvents(ctx, st, store, who, &seq, in.Item)
			if !ok || !more && !st.Wait(ctx, news.C) {
				return
			}
		}
	}), nil
}

// mostSent is how many events are read at once.
const mostSent = 100

// sendEvents sends what follows seq; more says that there may be more at once.
func (d *Door) sendEvents(ctx context.Context, st *ui.Stream, store *webhook.Store, who quota.Caller, seq *int64, items []string) (more, ok bool) {
	found, err := store.After(ctx, who.Owner, *seq, mostSent)
	if err != nil {
		return false, false // whoever comes back is told why
	}
	for _, e := range found {
		*seq = e.Seq
		if len(items) > 0 && !slices.Contains(items, e.Item.ID) {
			continue
		}
		h, err := d.Happening(e)
		if err != nil {
			d.Log.Error("event can't be written", "seq", e.Seq, "err", err)
			return false, false
		}
		if !d.send(st, e.Seq, h.Type, h) {
			return false, false
		}
	}
	return len(found) == mostSent, true
}

// sequence reads an event's number.
func sequence(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, inQuery("after", errCursor)
	}
	return n, nil
}
