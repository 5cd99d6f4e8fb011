package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A Farewell is what it takes to tell an endpoint, once its account is no more,
// that all about it is to be erased. It holds what a message is signed with.
type Farewell struct {
	ID     string `json:"id"` // of the message, the same in every attempt
	URL    string `json:"url"`
	Secret string `json:"secret"` // whsec_ and base64
}

// A farewell is what an endpoint is told.
type farewell struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // UTC, of the erasure
}

// Farewells are those of an account's endpoints that were told anything: one that
// is off or gone, too, because it keeps what it was told before. What is looked at
// only isn't called.
func (s *Store) Farewells(ctx context.Context, owner inventory.Subject) ([]Farewell, error) {
	endpoints, err := s.Endpoints(ctx, owner)
	if err != nil {
		return nil, err
	}
	var all []Farewell
	for _, e := range endpoints {
		if !e.Inspect {
			all = append(all, Farewell{newID(), e.URL, e.all[0].Value})
		}
	}
	return all, nil
}

// Bid tells an endpoint that its account was erased, as {"type": "account.erased"},
// signed by Standard Webhooks like any event. It fails with a fault of kind
// Unavailable unless the answer is a 2xx.
func (h *Hooks) Bid(ctx context.Context, f Farewell, erased time.Time) error {
	body, err := json.Marshal(farewell{"account.erased", erased.UTC()})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL, bytes.NewReader(body))
	if err != nil {
		return errFarewell.Because(err)
	}
	now := time.Now()
	stamp := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set(headerID, f.ID)
	r.Header.Set(headerTimestamp, stamp)
	r.Header.Set(headerSignature, newSigner(Endpoint{all: []Secret{{Value: f.Secret}}}, "").standard(f.ID, stamp, body, now))
	r.Header.Set("Content-Type", "application/json")
	answer, err := h.client.Do(ctx, r)
	if problem := problemOf(answer.Status, err); problem != NoProblem {
		return errFarewell.Because(fmt.Errorf("%s, status %d", problem, answer.Status)) // err would name its host
	}
	return nil
}

var errFarewell = fault.New(fault.Unavailable, "endpoint_farewell", "The receiver doesn't take that its account was erased.")
