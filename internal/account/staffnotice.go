package account

import (
	"context"
	"fmt"

	"waypost/internal/db"
)

// TakeNotice writes down what a clerk is about to do with the notice by which a
// service is told of an erasure: see its letter, or take its confirmation. It comes
// before that. The notice's id says nothing of whom it is about.
func (t Staff) TakeNotice(ctx context.Context, c Clerk, notice string, did Deed, why Why) error {
	if err := c.may(TellErasures); err != nil {
		return err
	}
	if err := why.check(); err != nil {
		return err
	}
	s, err := t.home(ctx)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(TellErasures), of: notice, did: did, why: why})
	})
	if err != nil {
		return fmt.Errorf("write down who took notice %s: %w", notice, err)
	}
	return nil
}
