package rehearse

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/place"
	"waypost/internal/status"
)

// A Story is what happens to a test parcel, one step at a time.
type Story struct {
	Name   string // one word
	About  string
	Steps  []Step
	Needs  []carrier.Need // what must be given besides the number
	letter byte
}

// A Step is one event of a story.
type Step struct {
	Status status.Sub
	Words  string
	Place  place.Place
}

var (
	hamburg = place.Place{City: "Hamburg", Country: "DE"}
	leipzig = place.Place{City: "Leipzig", Country: "DE"}
	oslo    = place.Place{City: "Oslo", Country: "NO"}

	arrived   = Step{status.InTransitArrival, "Arrived at sorting centre", oslo}
	out       = Step{status.OutForDeliveryOther, "Out for delivery", oslo}
	delivered = Step{status.DeliveredOther, "Delivered", oslo}
)

// Stories are all of them.
var Stories = []Story{
	{Name: "delivered", letter: 'D', About: "It is delivered.", Steps: begun(arrived, out, delivered)},
	{
		Name: "postal_code", letter: 'P', About: "It is delivered; its carrier answers only who knows the receiver's postal code.",
		Steps: begun(arrived, out, delivered), Needs: []carrier.Need{carrier.PostalCode},
	},
	{Name: "failed", letter: 'F', About: "It can't be delivered, lies ready to be picked up, and goes back.", Steps: begun(
		arrived, out, Step{status.DeliveryFailureNoBody, "Nobody was there", oslo}, Step{status.AvailableForPickupOther, "Ready for pick-up", oslo},
		Step{status.ExceptionReturning, "On its way back to the sender", oslo}, Step{status.ExceptionReturned, "Returned to the sender", hamburg},
	)},
	{Name: "customs", letter: 'C', About: "Customs want to know something; then it is delivered.", Steps: begun(
		Step{status.InTransitCustomsProcessing, "In customs", oslo}, Step{status.InTransitCustomsRequiringInfo, "Customs ask for information", oslo},
		Step{status.InTransitCustomsReleased, "Released by customs", oslo}, out, delivered,
	)},
	{Name: "lost", letter: 'L', About: "It is delayed, and lost.", Steps: begun(
		Step{status.ExceptionDelayed, "Delayed", leipzig}, Step{status.ExceptionLost, "Lost", leipzig},
	)},
	{Name: "not_found", letter: 'N', About: "No carrier ever knows it."},
}

// begun is a story that begins as most do.
func begun(steps ...Step) []Step {
	return append([]Step{
		{status.InfoReceivedOnly, "Shipment data received", hamburg},
		{status.InTransitPickedUp, "Picked up from the sender", hamburg},
		{status.InTransitDeparture, "Departed from sorting centre", leipzig},
	}, steps...)
}

// event is a step of a story. Its time follows from when the parcel was first
// asked about, an hour a step until then, so that the same step is the same event
// however often it is told.
func (s Story) event(step int, known time.Time) carrier.Event {
	at := known.UTC().Truncate(time.Minute).Add(time.Duration(step-len(s.Steps)) * time.Hour)
	this := s.Steps[step]
	return carrier.Event{
		Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: string(this.Status), Words: this.Words, Place: this.Place, Status: this.Status,
	}
}

// A test number is prefix, a story's letter, and digits, the last of them a check digit.
const (
	prefix = "WPT"
	digits = 12
)

var errStory = fault.New(fault.Invalid, "test_story", "There is no story %q.")

// Number makes a number of a story, which nobody has had before.
func Number(story string) (string, error) {
	at := slices.IndexFunc(Stories, func(s Story) bool { return s.Name == story })
	if at < 0 {
		return "", errStory.With(story)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e11)) // all digits but the last
	if err != nil {
		return "", fmt.Errorf("make a test number: %w", err)
	}
	text := fmt.Sprintf("%0*d", digits-1, n)
	return prefix + string(Stories[at].letter) + text + checkDigit(text), nil
}

// Of is the story of a test number; false says that it is none.
func Of(number string) (Story, bool) {
	rest, ok := strings.CutPrefix(number, prefix)
	if !ok || len(rest) != 1+digits || !right(rest[1:]) {
		return Story{}, false
	}
	at := slices.IndexFunc(Stories, func(s Story) bool { return s.letter == rest[0] })
	if at < 0 {
		return Story{}, false
	}
	return Stories[at], true
}

var right = func() func(string) bool {
	check, err := carrier.Check("luhn")
	if err != nil {
		panic(err) // the rule is package carrier's own
	}
	return check
}()

func checkDigit(text string) string {
	for d := range 10 {
		if digit := strconv.Itoa(d); right(text + digit) {
			return digit
		}
	}
	return "" // one of ten always fits
}
