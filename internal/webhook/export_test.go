package webhook

import (
	"context"
	"net/http"
	"time"

	"waypost/internal/db"
	"waypost/internal/outbound"
)

// SetCaller has receivers called in another way than over the network.
func (h *Hooks) SetCaller(do func(ctx context.Context, r *http.Request) (outbound.Answer, error)) {
	h.client = callerFunc(do)
}

type callerFunc func(context.Context, *http.Request) (outbound.Answer, error)

func (f callerFunc) Do(ctx context.Context, r *http.Request) (outbound.Answer, error) {
	return f(ctx, r)
}

// Fresh is how many events are kept as they are written for receivers.
func (h *Hooks) Fresh() int {
	h.fresh.mu.Lock()
	defer h.fresh.mu.Unlock()
	return len(h.fresh.all)
}

// Impersonal is a text without what looks like a person's.
var Impersonal = impersonal

// DueAt is when an endpoint is to be delivered to again.
func (s *Store) DueAt(ctx context.Context, id EndpointID) (due time.Time, err error) {
	var when int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT due_ms FROM webhook_endpoint WHERE id = $1`, string(id)).Scan(&when)
	})
	return db.At(when), err
}
