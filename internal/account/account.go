// Package account is who people are here: members with their addresses and
// ways of signing in, the devices they are signed in on, what they agreed to,
// and what was changed and can be undone. Personal fields are sealed with a
// key per person; each region's people live in that region's database, and
// there is no list of all of them.
//
// It knows nothing of HTTP and cookies, of the wording and the sending of
// messages (it adds a job, and says what is to be sent when asked), or of parcels.
package account

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/inventory"
	"waypost/internal/region"
)

// An ID names an account, and begins with the region it lives in: eu-018f….
type ID string

// Region is where the account lives, "" when id is none.
func (id ID) Region() string { return regionOf(string(id)) }

// Subject is the account as vault and rights know it.
func (id ID) Subject() inventory.Subject { return inventory.Subject(id) }

// newID makes an id of a region.
func newID(region string) string { return region + "-" + uuid.Must(uuid.NewV7()).String() }

// regionOf returns the region that an id begins with, "" when it is none.
func regionOf(id string) string { return region.Of(id) }

// A Token is a secret that a browser carries or that a message holds: it
// begins with its region, and only its hash is stored.
type Token string

// LogValue keeps slog from showing it.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// Region is where what the token stands for lives, "" when it is none.
func (t Token) Region() string {
	region, _, _ := strings.Cut(string(t), ".")
	return region
}

// A State is how an account stands.
type State string

// States.
const (
	Waiting     State = "waiting"     // a child's, until a guardian agrees
	Active      State = "active"      //
	Deactivated State = "deactivated" // by its owner; signing in takes it back
	Leaving     State = "leaving"     // by its owner, who wants it erased; signing in takes it back
	Erasing     State = "erasing"     // that can't be taken back any more
	Locked      State = "locked"      // by staff
)

// A Profile is what an account says of its owner.
type Profile struct {
	ID         ID
	State      State
	Age        Age
	Nickname   string
	Country    string // ISO 3166-1 alpha-2
	Language   string // BCP 47
	Company    string // "" none
	Picture    bool   // whether there is one
	Contacts   []Address
	Password   bool      // whether one is set
	Created    time.Time // UTC
	Restricted time.Time // UTC; since when its owner has it kept and shown to them only, zero it isn't
}

// An Address is a contact of an account. All of them are verified.
type Address struct {
	Contact
	Verified time.Time // UTC
	Main     bool      // where messages go
}

// Main returns where messages go; the zero Contact when there is no address.
func (p Profile) Main() Contact {
	for _, a := range p.Contacts {
		if a.Main {
			return a.Contact
		}
	}
	return Contact{}
}

// From is where a request comes from.
type From struct {
	Address  netip.Addr // counted by network: /24, or /48 of IPv6
	Browser  string     // by what the browser shows that it was here before; "" when it refuses
	Agent    string     // the header User-Agent
	Country  string     // that the browser prefers, ISO 3166-1 alpha-2; "" unknown
	Language string     // of the page, BCP 47; messages to who isn't signed in are in it
}

// A Factor is a way to show who one is.
type Factor string

// Factors.
const (
	ByPassword Factor = "password"
	ByCode     Factor = "code" // sent to a verified address
	ByApp      Factor = "totp"
	ByRecovery Factor = "recovery"
	ByPasskey  Factor = "passkey" // asks its owner for a PIN or finger: counts as two
	ByProvider Factor = "provider"
)

// A Step is what comes after an answer: somebody is signed in, or there is
// more to show.
type Step struct {
	Account     ID
	Session     Token     // once signed in; the browser carries it instead of what it had
	Flow        Token     // else: what the browser carries
	Need        []Factor  // one of these comes next
	Received    *Received // or an answer does to what a provider said: SignUpWith or Link
	NewPassword bool      // or a new password does
	Code        bool      // or another code does, which was sent to another address
	Waiting     bool      // or a guardian's answer does: the account is made, and nobody signed in
	Back        bool      // signed in to an account that had been deactivated, and is no more
}
