package inventory

import (
	"context"

	"waypost/internal/fault"
)

// ErrRestricted is for who has their data restricted: nothing is done with it.
var ErrRestricted = fault.New(fault.Conflict, "data_restricted", "Your data is restricted: it is kept, and nothing is done with it. On “My data” you lift that with one press.")

// A Restricted reports whether somebody's data is restricted (GDPR, Article 18):
// kept, shown to them, and used for nothing else. Rooms that do something with
// people's data ask it first. nil: nobody's is.
type Restricted func(ctx context.Context, who Subject) (bool, error)

// Is asks it.
func (r Restricted) Is(ctx context.Context, who Subject) (bool, error) {
	if r == nil {
		return false, nil
	}
	return r(ctx, who)
}

// Refuse is nil where something may be done with somebody's data, else ErrRestricted.
func (r Restricted) Refuse(ctx context.Context, who Subject) error {
	restricted, err := r.Is(ctx, who)
	if err == nil && restricted {
		err = ErrRestricted
	}
	return err
}
