package visit

import (
	"context"
	"net/http"
	"sync"

	"waypost/internal/account"
)

// mostHeard bounds how many accounts are remembered whose refusal is written down.
const mostHeard = 10_000

// refusesSale reports whether the browser says that its owner's data may not be
// sold or shared: Global Privacy Control (https://www.w3.org/TR/gpc/, 3.1).
func refusesSale(r *http.Request) bool { return r.Header.Get("Sec-GPC") == "1" }

// heard are the accounts whose refusal is in the ledger already.
type heard struct {
	mu   sync.Mutex
	seen map[account.ID]bool
}

func (h *heard) has(id account.ID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[id]
}

func (h *heard) add(id account.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil || len(h.seen) >= mostHeard {
		h.seen = map[account.ID]bool{}
	}
	h.seen[id] = true
}

// hear writes down once that a member's browser refuses.
func (d *Door) hear(ctx context.Context, v Visit) {
	id := v.Session.Account
	if d.heard.has(id) {
		return
	}
	store, err := d.members.Of(id)
	if err == nil {
		_, err = store.Decide(ctx, id, account.Consent{Purpose: account.ForSale, Wording: "Sec-GPC: 1", How: account.ByBrowser})
	}
	if err != nil {
		d.log.Warn("a refusal can't be written down, will try again", "err", err)
		return
	}
	d.heard.add(id)
}
