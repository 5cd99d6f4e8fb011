package track17

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/watch"
)

// A problem is what an answer says of a request or an item that can't be done.
type problem struct {
	code    int
	message string
}

func (p problem) Error() string { return strconv.Itoa(p.code) + " " + p.message }

// with fills the verbs of a problem's message in.
func (p problem) with(args ...any) problem {
	return problem{p.code, fmt.Sprintf(p.message, args...)}
}

// Problems by the numbers of the original's table of errors.
var (
	errAddress      = problem{-18010001, "Your address isn't among those that may use this key."}
	errKey          = problem{-18010002, "Invalid security key."}
	errInternal     = problem{-18010003, "Something went wrong here. Try again later."}
	errDisabled     = problem{-18010004, "The account is disabled."}
	errUnauthorised = problem{-18010005, "The key doesn't give access to this."}
	errMissing      = problem{-18010010, "The field '%s' is missing."}
	errValue        = problem{-18010011, "The value of '%s' is invalid."}
	errFormat       = problem{-18010012, "The format of '%s' is invalid."}
	errBody         = problem{-18010013, "Submitted data is invalid."}
	errForty        = problem{-18010014, "At most 40 numbers can be submitted at once."}
	errOne          = problem{errForty.code, "One number can be submitted at once."}
	errFieldValue   = problem{-18010015, "The value '%s' of the field '%s' is invalid."}
	errNotPostal    = problem{-18010016, "Only postal numbers can have a last-mile carrier."}
	errNeedsCountry = problem{-18010018, "This carrier needs a country and postal code (sample: US-90001)."}
	errNeedsPostal  = problem{-18010019, "This carrier needs a postal code (sample: 90001)."}
	errNeedsPhone   = problem{-18010020, "This carrier needs a phone number or its last four digits (sample: 5678)."}
	errNeedsMore    = problem{-18010022, "This carrier needs more information: %s."}
	errNoWebhook    = problem{-18010204, "No webhook is set, so nothing can be pushed."}
	errPush         = problem{-18010206, "The push failed."}

	errSeveralOld   = problem{-18019801, "The number is registered with several carriers. Say which with 'carrier_old'."}
	errNewCarrier   = problem{-18019802, "The value '%d' of 'carrier_new' is no carrier's key."}
	errSame         = problem{-18019803, "The new and the current carrier are the same."}
	errNoNew        = problem{-18019804, "'carrier_new' or 'final_carrier_new' must be given."}
	errOld          = problem{-18019805, "The number isn't registered with the carrier '%d'."}
	errChangeStop   = problem{-18019806, "The number is stopped. Retrack it before its carrier is changed."}
	errChanges      = problem{-18019807, "The carrier can be changed five times."}
	errPending      = problem{-18019808, "The last registration or change has no result yet. Wait for it."}
	errDuplicate    = problem{-18019809, "The number is registered with the carrier '%d' already."}
	errSeveral      = problem{-18019810, "The number is registered with several carriers. Say which with 'carrier'."}
	errNothing      = problem{-18019811, "There is nothing valid to change."}
	errTimedOut     = problem{-18019815, "The carrier didn't answer in time."}
	errNoAnswer     = problem{-18019816, "The carrier's interface failed; there is no result."}
	errNotAsked     = problem{-18019817, "Something went wrong here. The request isn't charged."}
	errNotSupported = problem{-18019818, "This carrier can't be asked in real time."}

	errRegistered   = problem{-18019901, "The number is registered already."}
	errUnregistered = problem{-18019902, "The number isn't registered. Register it first."}
	errUndetected   = problem{-18019903, "The carrier can't be detected. Give its key."}
	errRunning      = problem{-18019904, "Only stopped numbers can be retracked."}
	errRetracked    = problem{-18019905, "Each number can be retracked once."}
	errNotRunning   = problem{-18019906, "Only numbers that are tracked can be stopped."}
	errDaily        = problem{-18019907, "The daily limit is exceeded."}
	errQuota        = problem{-18019908, "The quota is used up."}
	errNoNews       = problem{-18019909, "There is no tracking information yet."}
	errCarrier      = problem{-18019910, "The value '%s' is no carrier's key."}
	errNotConnected = problem{-18019911, "Numbers of this carrier can't be registered at the moment."}
	errNotRealTime  = problem{-18019912, "The key may not be used for real-time queries."}
)

// said is what the rooms' errors are here, wherever they come from.
var said = []struct {
	err error
	problem
}{
	{watch.ErrNumberForm, errFormat},
	{watch.ErrFinalCarrier, errNotPostal},
	{watch.ErrRegistered, errRegistered},
	{watch.ErrNotRegistered, errUnregistered},
	{watch.ErrUndetected, errUndetected},
	{watch.ErrNotConnected, errNotConnected},
	{watch.ErrSeveral, errSeveral},
	{watch.ErrNotStopped, errRunning},
	{watch.ErrRetracked, errRetracked},
	{watch.ErrStopped, errNotRunning},
	{watch.ErrPending, errPending},
	{watch.ErrSameCarrier, errSame},
	{watch.ErrNoNewCarrier, errNoNew},
	{watch.ErrChanges, errChanges},
	{watch.ErrNoChange, errNothing},
	{quota.ErrDaily, errDaily},
	{quota.ErrUsedUp, errQuota},
	{ErrNoReceiver, errNoWebhook},
}

// itemly is what an error of one item is here. What nobody expects is an error of
// the whole request.
func itemly(err error, number string) (problem, bool) {
	if p, ok := errors.AsType[problem](err); ok {
		return p, true
	}
	if lacks, ok := errors.AsType[*watch.Lacking](err); ok {
		return lacking(lacks), true
	}
	for _, s := range said {
		if errors.Is(err, s.err) {
			if s.code == errFormat.code {
				return s.with(number), true
			}
			return s.problem, true
		}
	}
	return problem{}, false
}

// lacking says what a carrier wants to know.
func lacking(l *watch.Lacking) problem {
	has := func(n carrier.Need) bool { return slices.Contains(l.Needs, n) }
	switch {
	case has(carrier.PostalCode) && has(carrier.DestinationCountry):
		return errNeedsCountry
	case has(carrier.PostalCode):
		return errNeedsPostal
	case has(carrier.Phone) || has(carrier.PhoneLast4):
		return errNeedsPhone
	}
	return errNeedsMore.with(string(l.Needs[0]))
}

// wholly is what an error of a whole request is here, and the HTTP status that
// it is answered with.
func wholly(err error) (int, problem) {
	if p, ok := errors.AsType[problem](err); ok {
		return http.StatusOK, p
	}
	for _, s := range []struct {
		err error
		problem
	}{
		{quota.ErrKeyUnknown, errKey}, {quota.ErrKeyExpired, errKey}, {quota.ErrAddressRefused, errAddress},
		{quota.ErrAccountDisabled, errDisabled}, {quota.ErrRestricted, errDisabled}, {quota.ErrScope, errUnauthorised},
	} {
		if errors.Is(err, s.err) {
			return http.StatusUnauthorized, s.problem
		}
	}
	if fault.KindOf(err) == fault.Unavailable || errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, errInternal
	}
	return http.StatusInternalServerError, errInternal
}
