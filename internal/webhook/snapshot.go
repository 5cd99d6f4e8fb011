package webhook

import (
	"encoding/json"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
)

// A keptParcel is a parcel as an event keeps it, beside its history. Names stay:
// events of an earlier release are read.
type keptParcel struct {
	ID         parcel.ID     `json:"id"`
	Carrier    carrier.Code  `json:"carrier,omitempty"`
	Generation int           `json:"generation,omitempty"`
	Found      carrier.Code  `json:"found,omitempty"`
	Choice     parcel.Choice `json:"choice,omitempty"`
	Revision   int64         `json:"revision"`
	Created    time.Time     `json:"created,omitzero"`
	Asks       []keptAsk     `json:"asks,omitempty"`
}

type keptAsk struct {
	Source   carrier.SourceCode  `json:"source"`
	Carrier  carrier.Code        `json:"carrier"`
	Number   string              `json:"number"`
	Role     parcel.Role         `json:"role"`
	State    parcel.State        `json:"state"`
	Asked    time.Time           `json:"asked,omitzero"`
	Answered time.Time           `json:"answered,omitzero"`
	Pushed   time.Time           `json:"pushed,omitzero"`
	Failures int                 `json:"failures,omitempty"`
	Problem  carrier.ProblemKind `json:"problem,omitempty"`
}

// A detail is what an event keeps sealed, beside the parcel's history.
type detail struct {
	Number string          `json:"number"`
	Parcel keptParcel      `json:"parcel"`
	Tags   []string        `json:"tags,omitempty"`
	Said   json.RawMessage `json:"said,omitempty"` // Item.Detail
}

// A sealedEvent is an event as it stands in the database.
type sealedEvent struct {
	Event
	detail, history []byte
}

// seal returns an event as it is kept.
func (e Event) seal(k *vault.Sealer) (s sealedEvent, err error) {
	s.Event = e
	p := e.Parcel
	kept := keptParcel{ID: p.ID, Carrier: p.Carrier, Generation: p.Generation, Found: p.Found, Choice: p.Choice, Revision: p.Revision, Created: p.Created}
	for _, a := range p.Asks {
		kept.Asks = append(kept.Asks, keptAsk{
			Source: a.Source, Carrier: a.Carrier, Number: a.Number, Role: a.Role, State: a.State,
			Asked: a.Asked, Answered: a.Answered, Pushed: a.Pushed, Failures: a.Failures, Problem: a.Problem,
		})
	}
	if s.detail, err = sealJSON(k, fieldDetail, detail{p.Number, kept, e.Tags, e.Detail}); err != nil {
		return s, err
	}
	history, err := p.History.Encode()
	if err != nil {
		return s, err
	}
	s.history = k.Seal(fieldHistory, history)
	return s, nil
}

// open returns what was sealed; e.Event has the rest.
func (e sealedEvent) open(k *vault.Sealer) (Event, error) {
	event := e.Event
	d, err := e.openDetail(k)
	if err != nil {
		return event, err
	}
	event.Tags, event.Detail = d.Tags, d.Said
	event.Parcel = parcel.Parcel{
		ID: d.Parcel.ID, Key: parcel.Key{Number: d.Number, Carrier: d.Parcel.Carrier}, Generation: d.Parcel.Generation,
		Found: d.Parcel.Found, Choice: d.Parcel.Choice, Revision: d.Parcel.Revision, Created: d.Parcel.Created,
	}
	for i, a := range d.Parcel.Asks {
		event.Parcel.Asks = append(event.Parcel.Asks, parcel.Ask{
			Asking: parcel.Asking{Source: a.Source, Carrier: a.Carrier, Number: a.Number, Role: a.Role, Rank: i},
			State:  a.State, Asked: a.Asked, Answered: a.Answered, Pushed: a.Pushed, Failures: a.Failures, Problem: a.Problem,
		})
	}
	history, err := k.Open(fieldHistory, e.history)
	if err == nil {
		event.Parcel.History, err = parcel.Decode(history)
	}
	if err != nil {
		return event, fmt.Errorf("history of event %d: %w", e.Seq, err)
	}
	return event, nil
}

func (e sealedEvent) openDetail(k *vault.Sealer) (d detail, err error) {
	if err := openJSON(k, fieldDetail, e.detail, &d); err != nil {
		return d, fmt.Errorf("event %d: %w", e.Seq, err)
	}
	return d, nil
}

const eventColumns = `e.owner, e.seq, e.id, e.kind, e.item, e.source, e.detail, e.history, e.made_ms`

// columns are the places that eventColumns are read into, after which at fills in
// when it happened.
func (e *sealedEvent) columns(made *int64) []any {
	return []any{&e.Owner, &e.Seq, &e.ID, &e.Kind, &e.Item.ID, &e.Source, &e.detail, &e.history, made}
}

func scanEvent(rows scanner) (e sealedEvent, err error) {
	var made int64
	err = rows.Scan(e.columns(&made)...)
	e.At = at(made)
	return e, err
}

// stream is what is the same for all events that are delivered in order.
func (s *Store) stream(owner inventory.Subject, number string) string {
	return s.vault.Lookup(fieldStream, string(owner)+" "+number)
}
