package webhook

import (
	"context"
	"net/http"

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
