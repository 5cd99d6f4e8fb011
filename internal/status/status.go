// Package status is the vocabulary of a parcel's state: nine main statuses,
// thirty sub-statuses, nine milestones. It knows nothing of carriers' codes.
//
// Source of the words: the public documentation of 17TRACK's Tracking API
// (api.17track.net), so that clients of that API find the ones they know.
package status

import "strings"

// A Main is one of the nine statuses.
type Main string

// The nine statuses.
const (
	NotFound           Main = "NotFound"
	InfoReceived       Main = "InfoReceived"
	InTransit          Main = "InTransit"
	Expired            Main = "Expired"
	AvailableForPickup Main = "AvailableForPickup"
	OutForDelivery     Main = "OutForDelivery"
	DeliveryFailure    Main = "DeliveryFailure"
	Delivered          Main = "Delivered"
	Exception          Main = "Exception"
)

// Mains are the nine statuses in the order in which a parcel usually has them.
var Mains = []Main{
	NotFound, InfoReceived, InTransit, AvailableForPickup, OutForDelivery,
	DeliveryFailure, Delivered, Exception, Expired,
}

// A Sub is a sub-status: its main status, an underscore, and what kind of it.
// InfoReceived stands alone. The zero value says nothing is known.
type Sub string

// The sub-statuses.
const (
	NotFoundOther                 Sub = "NotFound_Other"
	NotFoundInvalidCode           Sub = "NotFound_InvalidCode"
	InfoReceivedOnly              Sub = "InfoReceived"
	InTransitPickedUp             Sub = "InTransit_PickedUp"
	InTransitOther                Sub = "InTransit_Other"
	InTransitDeparture            Sub = "InTransit_Departure"
	InTransitArrival              Sub = "InTransit_Arrival"
	InTransitCustomsProcessing    Sub = "InTransit_CustomsProcessing"
	InTransitCustomsReleased      Sub = "InTransit_CustomsReleased"
	InTransitCustomsRequiringInfo Sub = "InTransit_CustomsRequiringInformation"
	ExpiredOther                  Sub = "Expired_Other"
	AvailableForPickupOther       Sub = "AvailableForPickup_Other"
	OutForDeliveryOther           Sub = "OutForDelivery_Other"
	DeliveryFailureOther          Sub = "DeliveryFailure_Other"
	DeliveryFailureNoBody         Sub = "DeliveryFailure_NoBody"
	DeliveryFailureSecurity       Sub = "DeliveryFailure_Security"
	DeliveryFailureRejected       Sub = "DeliveryFailure_Rejected"
	DeliveryFailureInvalidAddress Sub = "DeliveryFailure_InvalidAddress"
	DeliveredOther                Sub = "Delivered_Other"
	ExceptionOther                Sub = "Exception_Other"
	ExceptionReturning            Sub = "Exception_Returning"
	ExceptionReturned             Sub = "Exception_Returned"
	ExceptionNoBody               Sub = "Exception_NoBody"
	ExceptionSecurity             Sub = "Exception_Security"
	ExceptionDamage               Sub = "Exception_Damage"
	ExceptionRejected             Sub = "Exception_Rejected"
	ExceptionDelayed              Sub = "Exception_Delayed"
	ExceptionLost                 Sub = "Exception_Lost"
	ExceptionDestroyed            Sub = "Exception_Destroyed"
	ExceptionCancel               Sub = "Exception_Cancel"
)

// Subs are all sub-statuses, in the order of the documentation.
var Subs = []Sub{
	NotFoundOther, NotFoundInvalidCode, InfoReceivedOnly, InTransitPickedUp, InTransitOther,
	InTransitDeparture, InTransitArrival, InTransitCustomsProcessing, InTransitCustomsReleased,
	InTransitCustomsRequiringInfo, ExpiredOther, AvailableForPickupOther, OutForDeliveryOther,
	DeliveryFailureOther, DeliveryFailureNoBody, DeliveryFailureSecurity, DeliveryFailureRejected,
	DeliveryFailureInvalidAddress, DeliveredOther, ExceptionOther, ExceptionReturning,
	ExceptionReturned, ExceptionNoBody, ExceptionSecurity, ExceptionDamage, ExceptionRejected,
	ExceptionDelayed, ExceptionLost, ExceptionDestroyed, ExceptionCancel,
}

var known = func() map[Sub]bool {
	m := make(map[Sub]bool, len(Subs))
	for _, s := range Subs {
		m[s] = true
	}
	return m
}()

// Known reports whether s is in the list.
func (s Sub) Known() bool { return known[s] }

// Main returns the status that s is a kind of, "" for the zero value.
func (s Sub) Main() Main {
	main, _, _ := strings.Cut(string(s), "_")
	return Main(main)
}

// Final reports whether nothing more is expected after s: delivered, back with
// the sender, destroyed, cancelled or given up.
func (s Sub) Final() bool {
	switch s {
	case DeliveredOther, ExceptionReturned, ExceptionDestroyed, ExceptionCancel, ExpiredOther:
		return true
	}
	return false
}

// A Milestone is a station that most parcels pass once.
type Milestone string

// Milestones, in the order in which they are always listed.
var Milestones = []Milestone{
	"InfoReceived", "PickedUp", "Departure", "Arrival", "AvailableForPickup",
	"OutForDelivery", "Delivered", "Returning", "Returned",
}

// Milestone returns the station that an event of sub-status s marks, "" if none.
func (s Sub) Milestone() Milestone {
	switch s {
	case InfoReceivedOnly, AvailableForPickupOther, OutForDeliveryOther, DeliveredOther:
		return Milestone(s.Main())
	case InTransitPickedUp:
		return "PickedUp"
	case InTransitDeparture:
		return "Departure"
	case InTransitArrival:
		return "Arrival"
	case ExceptionReturning:
		return "Returning"
	case ExceptionReturned:
		return "Returned"
	}
	return ""
}
