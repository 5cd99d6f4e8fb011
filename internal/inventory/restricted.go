package inventory

import "context"

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
