// Package quota is what an account's programs may do: the keys that they call
// with, how much the account has left to draw, and how often each key may
// call. What was drawn is kept in a ledger, each line exactly once.
//
// It knows nothing of accounts beyond their ids (it asks whether one is
// usable), of HTTP, or of what a line of the ledger stands for.
package quota

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A KeyID names a key of an owner: a UUIDv7. It says nothing without the owner.
type KeyID string

// A Scope is something that a key may be used for.
type Scope string

// Scopes.
const (
	Read     Scope = "read"     // what is registered, and how it stands
	Write    Scope = "write"    // register, change, stop and delete
	RealTime Scope = "realtime" // have a carrier asked at once
)

// Scopes are all there are.
var Scopes = []Scope{Read, Write, RealTime}

// A Key is what an owner's programs call with. It has one secret, and for as
// long as they overlap those that it was rotated from.
type Key struct {
	ID    KeyID
	Owner inventory.Subject
	Settings
	Signs   bool      // its secret can be read again, to sign with
	Test    bool      // it works with test numbers alone
	Made    time.Time // UTC
	Revoked time.Time // UTC, zero it isn't; it can be restored until UndoFor later
	Secrets []Secret  // newest first
}

// Used is when a key was last called with, zero never; see Secret.Used.
func (k Key) Used() time.Time {
	var last time.Time
	for _, s := range k.Secrets {
		if s.Used.After(last) {
			last = s.Used
		}
	}
	return last
}

// Settings are what an owner decides about a key.
type Settings struct {
	Name   string  // 1 to 80 characters
	Scopes []Scope // one or more, in the order of Scopes
	From   []Range // addresses that may call with it, at most 100; none: all
}

// A SecretID names a secret of a key: a UUIDv7. It is no secret.
type SecretID string

// A Secret is one of a key's, of which only its last characters can be seen
// again.
type Secret struct {
	ID   SecretID
	Last string    // four characters
	Made time.Time // UTC
	Ends time.Time // UTC, zero never
	Used time.Time // UTC, up to ten minutes behind; zero never
}

// A Fresh is a key whose newest secret is told this once.
type Fresh struct {
	Key
	Secret string // REGION_ and 36 letters and digits
}

// A Caller is a program that has shown a key.
type Caller struct {
	Key    KeyID
	Owner  inventory.Subject
	Region string
	Scopes []Scope
	From   []Range // addresses that the key may be used from; none: all
	Test   bool    // it may work with test numbers alone
}

// Must is nil where the key has a scope, else ErrScope.
func (c Caller) Must(s Scope) error {
	if slices.Contains(c.Scopes, s) {
		return nil
	}
	return ErrScope.With(string(s))
}

// UndoFor is how long a revoked key can be restored.
const UndoFor = 15 * time.Minute

// Why somebody can't call. Callers tell them apart.
var (
	ErrKeyUnknown      = fault.New(fault.Denied, "key_unknown", "There is no such key. Make one, or look whether it was revoked.")
	ErrKeyExpired      = fault.New(fault.Denied, "key_expired", "This secret of the key has ended since the key was rotated. Use the newer one.")
	ErrAddressRefused  = fault.New(fault.Denied, "address_refused", "This key can't be used from the address %s. Its owner decides from which it can.")
	ErrAccountDisabled = fault.New(fault.Denied, "account_disabled", "The account of this key can't be used at the moment.")
	ErrRestricted      = fault.New(fault.Denied, "account_restricted", "The owner of this key has restricted their data: it is kept, and nothing is done with it. On “My data” they lift that with one press.")
	ErrScope           = fault.New(fault.Denied, "key_scope", "This key may not be used for that: it lacks the scope %q.")
)

// Why something isn't drawn. Callers tell them apart.
var (
	ErrDaily  = fault.New(fault.Limited, "quota_daily", "The daily limit is reached. It begins anew at midnight, UTC.")
	ErrUsedUp = fault.New(fault.Limited, "quota_used_up", "The quota is used up.")
)

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// scopesOf reads stored scopes.
func scopesOf(stored string) []Scope {
	var all []Scope
	for word := range strings.SplitSeq(stored, ",") {
		all = append(all, Scope(word))
	}
	return all
}

// storedScopes returns known scopes, each once and in their order, as they are stored.
func storedScopes(scopes []Scope) string {
	var words []string
	for _, s := range Scopes {
		if slices.Contains(scopes, s) {
			words = append(words, string(s))
		}
	}
	return strings.Join(words, ",")
}

// allows reports whether an address may call.
func allows(from []Range, a netip.Addr) bool {
	return len(from) == 0 || slices.ContainsFunc(from, func(r Range) bool { return r.Contains(a) })
}
