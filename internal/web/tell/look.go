package tell

import "waypost/internal/status"

// Groups beside the nine statuses.
const (
	Checking = "checking" // asked about, and nobody has answered yet
	Stuck    = "stuck"    // nothing can be asked until somebody does something
)

// A Look is how a group is shown beside its words.
type Look struct{ Icon, Tone string }

// LookOf is the look of a main status, or of a group beside them.
func LookOf(group string) Look {
	switch status.Main(group) {
	case status.Delivered:
		return Look{"st-delivered", "good"}
	case status.InTransit:
		return Look{"st-intransit", "move"}
	case status.InfoReceived:
		return Look{"st-inforeceived", "move"}
	case status.OutForDelivery:
		return Look{"st-outfordelivery", "near"}
	case status.AvailableForPickup:
		return Look{"st-availableforpickup", "near"}
	case status.DeliveryFailure:
		return Look{"st-deliveryfailure", "warn"}
	case status.Exception:
		return Look{"st-exception", "bad"}
	case status.Expired:
		return Look{"st-expired", "calm"}
	case Checking:
		return Look{"st-checking", "calm"}
	case Stuck:
		return Look{"st-stuck", "warn"}
	}
	return Look{"st-notfound", "calm"}
}
