package watch

import (
	"context"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
)

// SetClock gives the watches another clock than time.Now.
func (w *Watches) SetClock(now func() time.Time) { w.now = now }

// SetMost gives owners room for fewer watches.
func (w *Watches) SetMost(n int) { w.most = n }

// ReadTable reads a file's cells.
func ReadTable(content []byte) ([][]string, error) {
	t, err := readTable(content)
	return t.Cells, err
}

// DecodeText reads text of any alphabet.
var DecodeText = decodeText

// SetLedger has registrations draw on a ledger.
func (w *Watches) SetLedger(l Ledger) { w.ledger = l }

// SetJobs has those told who want to hear of changes in every region.
func (w *Watches) SetJobs(j Jobs) {
	for _, s := range w.Stores() {
		s.jobs = j
	}
}

// Usual are the carriers that an owner's parcels usually come with.
func Usual(ctx context.Context, s *Store, owner inventory.Subject) ([]carrier.Code, error) {
	return s.usual(ctx, owner)
}
