package webhook

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// heldFor is how long an endpoint is left alone whose owner's data is restricted.
// When that is lifted Resume ends it.
const heldFor = time.Hour

// resumeIfLifted is for who was lifted while their endpoint was being put off: Resume
// came too early for it then.
func (d *drain) resumeIfLifted(ctx context.Context) error {
	restricted, err := d.all.o.Restricted.Is(ctx, d.Owner)
	if err != nil || restricted {
		return err
	}
	return d.Resume(ctx, d.Owner)
}

// Resume has delivered what waits for an owner's programs, because their data was
// restricted and is no more. Twice is once.
func (s *Store) Resume(ctx context.Context, owner inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Notify(topicDue)
		_, err := tx.ExecContext(ctx, `UPDATE webhook_endpoint SET due_ms = $1 WHERE owner = $2 AND state = 'on' AND due_ms > $1`, db.Ms(time.Now()), string(owner))
		return err
	})
	if err != nil {
		return fmt.Errorf("resume deliveries of %s: %w", owner, err)
	}
	return nil
}
