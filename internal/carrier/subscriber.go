package carrier

import (
	"context"
	"regexp"
	"time"
)

// A Subscriber has one source, with one account, send news of numbers by itself.
// The errors are those of a Connector. Safe for concurrent use.
type Subscriber interface {
	Terms() Terms
	// Subscribe makes or renews subscriptions. Every asked number comes back, in
	// the order asked.
	Subscribe(ctx context.Context, asks []Ask) ([]Subscription, error)
	// End ends subscriptions; those that there aren't are none to end.
	End(ctx context.Context, all []Subscription) error
}

// Terms are how a source takes subscriptions.
type Terms struct {
	Most  int            // numbers in one call, 1 or more
	Takes *regexp.Regexp // what numbers look like that it takes; nil any
	Lasts time.Duration  // how long one holds; 0 until it is ended
	Ends  bool           // they can be ended
}

// A Subscription is a number that a source sends news of by itself.
type Subscription struct {
	Number  string
	With    map[string]string // what the carrier's file gives a source that serves several
	Remote  string            // the source's own id of it, "" none
	Problem *Problem          // why it wasn't made; nil when it was
}
