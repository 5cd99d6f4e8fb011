// Package rehearse is the test carrier: parcels that move when a program says so.
// The fourth letter of their numbers says what will happen to them. No carrier is
// asked about them, so a program can be tried out from the first scan to the last
// within a minute. It knows nothing of who asks, or of how a number came to be kept.
package rehearse

import (
	"context"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/recognise"
)

// Carrier is the test carrier, whose file says how its numbers look.
const Carrier carrier.Code = "waypost-test"

const (
	source  carrier.SourceCode  = "waypost-test"
	account carrier.AccountCode = "waypost-test/test" // that no poller has, so nobody is asked
)

// Plan is whom to ask about a test number: somebody who tells of it by himself,
// when the parcel is moved. False says that it is none.
func Plan(n recognise.Number, chosen carrier.Code, given carrier.Given) (poll.Plan, bool) {
	story, ok := Of(n.Text)
	if !ok || chosen != "" && chosen != Carrier {
		return poll.Plan{}, false
	}
	p := poll.Plan{Key: parcel.Key{Number: n.Text}, Given: given.Of(story.Needs), Choice: parcel.Only}
	if lacks := given.Lacks(story.Needs); len(lacks) > 0 {
		p.Missing = []poll.Missing{{Why: poll.NeedsMore, Carrier: Carrier, Source: source, Needs: lacks}}
		return p, true
	}
	p.Askings = []parcel.Asking{{Account: account, Source: source, Carrier: Carrier, Number: n.Text, Role: parcel.Origin}}
	return p, true
}

// Parcels is what moving needs of the tracking core. *parcel.Store has it.
type Parcels interface {
	Find(ctx context.Context, keys ...parcel.Key) ([]parcel.Parcel, error)
	Mark(number string, given carrier.Given) parcel.Mark
	Hear(ctx context.Context, p parcel.Push) (parcel.Heard, error)
}

var (
	errNumber = fault.New(fault.NotFound, "test_number", "%q is no test number.")
	errUnkept = fault.New(fault.NotFound, "test_unkept", "Nobody keeps this test number, or it is kept with more than the number. Keep it or look it up first, and give the same here.")
	errEnd    = fault.New(fault.Conflict, "test_end", "The story of this test number is at its end.")
)

// Move lets the next event of a test parcel happen, and returns the parcel as it
// is then. Two who move it at the same time move it one step. It fails where
// nobody keeps the parcel, and where its story is at its end.
func Move(ctx context.Context, parcels Parcels, number string, given carrier.Given) (parcel.Parcel, error) {
	story, ok := Of(number)
	if !ok {
		return parcel.Parcel{}, errNumber.With(number)
	}
	key := parcel.Key{Number: number}
	if known := given.Of(story.Needs); len(known) > 0 {
		key.Mark = parcels.Mark(number, known)
	}
	p, err := find(ctx, parcels, key)
	if err != nil {
		return parcel.Parcel{}, err
	}
	done := len(p.History.Events)
	if done >= len(story.Steps) {
		return parcel.Parcel{}, errEnd
	}
	_, err = parcels.Hear(ctx, parcel.Push{Source: source, At: time.Now(), Next: never, Reports: []carrier.Report{{
		Number: number, Latest: true, Events: []carrier.Event{story.event(done, p.Created)},
	}}})
	if err != nil && fault.KindOf(err) != fault.Conflict { // then somebody else has moved it
		return parcel.Parcel{}, err
	}
	return find(ctx, parcels, key)
}

func find(ctx context.Context, parcels Parcels, key parcel.Key) (parcel.Parcel, error) {
	found, err := parcels.Find(ctx, key)
	if err != nil {
		return parcel.Parcel{}, err
	}
	if len(found) == 0 {
		return parcel.Parcel{}, errUnkept
	}
	return found[0], nil
}

// never is when a test parcel's carrier is asked.
func never(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Time{} }
