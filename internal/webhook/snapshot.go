package webhook

import (
	"encoding/json"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
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

// keep returns a parcel as an event keeps it.
func keep(p parcel.Parcel) keptParcel {
	kept := keptParcel{ID: p.ID, Carrier: p.Carrier, Generation: p.Generation, Found: p.Found, Choice: p.Choice, Revision: p.Revision, Created: p.Created}
	for _, a := range p.Asks {
		kept.Asks = append(kept.Asks, keptAsk{
			Source: a.Source, Carrier: a.Carrier, Number: a.Number, Role: a.Role, State: a.State,
			Asked: a.Asked, Answered: a.Answered, Pushed: a.Pushed, Failures: a.Failures, Problem: a.Problem,
		})
	}
	return kept
}

// parcel is the parcel of a number that keep was given, without its history.
func (k keptParcel) parcel(number string) parcel.Parcel {
	p := parcel.Parcel{
		ID: k.ID, Key: parcel.Key{Number: number, Carrier: k.Carrier}, Generation: k.Generation,
		Found: k.Found, Choice: k.Choice, Revision: k.Revision, Created: k.Created,
	}
	for i, a := range k.Asks {
		p.Asks = append(p.Asks, parcel.Ask{
			Asking: parcel.Asking{Source: a.Source, Carrier: a.Carrier, Number: a.Number, Role: a.Role, Rank: i},
			State:  a.State, Asked: a.Asked, Answered: a.Answered, Pushed: a.Pushed, Failures: a.Failures, Problem: a.Problem,
		})
	}
	return p
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
	if s.detail, err = k.SealJSON(fieldDetail, detail{e.Parcel.Number, keep(e.Parcel), e.Tags, e.Detail}); err != nil {
		return s, err
	}
	history, err := e.Parcel.History.Encode()
	if err != nil {
		return s, err
	}
	s.history = k.Seal(fieldHistory, history)
	return s, nil
}

// snapshot returns an event with no more of its parcel than is kept.
func (e Event) snapshot() Event {
	history := e.Parcel.History
	e.Parcel = keep(e.Parcel).parcel(e.Parcel.Number)
	e.Parcel.History = history
	return e
}

// bare returns an event without what is sealed.
func (e Event) bare() Event {
	e.Tags, e.Detail, e.Parcel = nil, nil, parcel.Parcel{}
	return e
}

// open returns what was sealed; e.Event has the rest.
func (e sealedEvent) open(k *vault.Sealer) (Event, error) {
	event := e.Event
	d, err := e.openDetail(k)
	if err != nil {
		return event, err
	}
	event.Tags, event.Detail = d.Tags, d.Said
	event.Parcel = d.Parcel.parcel(d.Number)
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
	if err := k.OpenJSON(fieldDetail, e.detail, &d); err != nil {
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
	e.At = db.At(made)
	return e, err
}

// stream is what is the same for all events that are delivered in order.
func (s *Store) stream(owner inventory.Subject, number string) string {
	return s.vault.Lookup(fieldStream, string(owner)+" "+number)
}
