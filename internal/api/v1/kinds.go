package v1

import (
	"net/http"

	"waypost/internal/fault"
)

// ErrorPath is where the pages about kinds of problems are; a kind's code follows.
const ErrorPath = "/developer/errors/"

// A Kind is one kind of problem: what a page about it says.
type Kind struct {
	Code   string // stable; the end of Problem.Type
	Status int
	Title  string
	Text   string // what it means, a sentence or two
	Help   string // what to do
}

// Kinds are all kinds of problems, by status; the first is what nobody expected.
var Kinds = []Kind{
	{"internal", 500, "Something failed here", "The request was fine, and Waypost failed. It is logged.", "Try again later. Repeat a request that changes something with the same Idempotency-Key."},
	{"malformed", 400, "The request can't be read", "The body isn't JSON, or is missing.", "Send a JSON body, and Content-Type: application/json."},
	{"no_key", 401, "No key", "The request has no key, or not as a bearer token.", "Send the header Authorization: Bearer and your key. Keys are made at /developer/keys."},
	{"key_unknown", 401, "Unknown key", "There is no such key. It was mistyped, or deleted.", "Check the key, or make a new one at /developer/keys."},
	{"key_expired", 401, "Expired key", "The key is over, as it was decided when it was rotated or made.", "Use the key that took its place."},
	{"address_refused", 403, "Not from this address", "The key may only be used from some addresses, and this is none of them.", "Call from an address on the key's list, or change the list at /developer/keys."},
	{"account_restricted", 403, "Data restricted", "The owner of the key has restricted their data: it is kept, and nothing is done with it.", "Its owner lifts that on their page My data."},
	{"account_disabled", 403, "Account not in use", "The account that the key belongs to is locked or about to be deleted.", "Sign in to the account to see why."},
	{"key_scope", 403, "The key may not do this", "The key lacks the scope that this needs.", "Use a key that has the scope that the detail names, or give it to this one at /developer/keys."},
	{"key_grant", 403, "More than the key has", "A key can't make a key, or be told the secret of one, that may do more than itself: more scopes, or from more addresses.", "Use a key that may do as much, or the page /developer/keys."},
	{"test_key", 403, "A key for tests", "The key was made for tests, and works with test numbers alone.", "Use a test number (POST /v1/test/numbers), or another key."},
	{"denied", 403, "Not allowed", "This may not be done.", "See what the detail says."},
	{"not_found", 404, "Not there", "There is no such thing, or it isn't your account's.", "Check the address and the id."},
	{"no_route", 404, "No such address", "Nothing of the API is at this address.", "See /v1/openapi.json for what there is."},
	{"method_not_allowed", 405, "Not by this method", "There is something at this address, but it isn't asked like this.", "Use one of the methods in the Allow header."},
	{"not_acceptable", 406, "No such form of the answer", "The Accept header lets no form through that Waypost writes.", "Accept application/json."},
	{"timeout", 408, "The request took too long", "The body didn't come within a few seconds.", "Send it again."},
	{"conflict", 409, "Not in this state", "What the request is about isn't in the state that this needs.", "Read it again, and decide anew."},
	{"events_forgotten", 410, "Too long ago", "Events are kept for 30 days, and some of those that follow yours are older.", "Read what you keep anew (GET /v1/watches), and go on without after."},
	{"test_end", 409, "The story is at its end", "All that happens to this test number has happened.", "Make another one (POST /v1/test/numbers)."},
	{"idempotency_key_busy", 409, "Still being answered", "A request with the same Idempotency-Key is being answered just now.", "Wait a moment and send it again."},
	{"too_large", 413, "Too large", "The body is larger than a megabyte.", "Send it in parts."},
	{"media_type", 415, "Not JSON", "The body is of a type that Waypost doesn't read.", "Send JSON, and Content-Type: application/json."},
	{"invalid", 422, "Something in the request is wrong", "The request can be read, but something in it can't be used as it is.", "Mend what errors points at."},
	{"idempotency_key_used", 422, "Used for something else", "The Idempotency-Key was used for another request within a day.", "Take a new key for a new request; repeat a request with the very same body."},
	{"cursor", 422, "No such place in the list", "The cursor is none that Waypost gave, or it is too old.", "Begin without it."},
	{"number", 422, "No usable tracking number", "The number can't be one of a carrier: its length, its form or its check digit is wrong.", "Check the number. Where no carrier's numbers look like it, name the carrier."},
	{"carrier", 422, "Unknown carrier", "No carrier has this code.", "Take a code from GET /v1/carriers."},
	{"given", 422, "No such value", "What was given besides the number can't be what it is given as.", "Write dates as 2026-03-31, countries as NO; of a phone number the last four digits are asked for."},
	{"needs_more", 422, "The carrier wants to know more", "The carrier answers only who knows more than the number.", "Give in given what the detail names."},
	{"carrier_unavailable", 422, "The carrier can't be asked", "This installation has no way to ask any carrier that the number can belong to, or the carrier isn't sure enough to be asked on a guess.", "Name the carrier, or ask the operator to connect it."},
	{"rate_limited", 429, "Too many requests", "The key has made more requests than it may in so short a time.", "Wait as long as Retry-After says. All replicas share the limit."},
	{"quota_daily", 429, "Used up for today", "The account has drawn all that it may draw on one day.", "Wait until midnight, UTC, or have the plan changed. GET /v1/account says how much is left."},
	{"quota_used_up", 429, "Used up", "The account has drawn all that its plan holds.", "Have the plan changed. GET /v1/account says how much is left."},
	{"limited", 429, "Too much", "There is no room for more, or it was done too often.", "See what the detail says."},
	{"unavailable", 503, "Not just now", "Something that this needs can't be reached.", "Try again after as many seconds as Retry-After says."},
}

var (
	byCode   = map[string]Kind{}
	byStatus = map[int]Kind{}
)

// generic are the kinds of errors that have none of their own.
var generic = map[fault.Kind]string{
	fault.Internal: "internal", fault.Invalid: "invalid", fault.NotFound: "not_found", fault.Conflict: "conflict",
	fault.Denied: "denied", fault.Limited: "limited", fault.Unavailable: "unavailable",
}

func init() {
	for _, k := range Kinds {
		byCode[k.Code] = k
	}
	for status, code := range map[int]string{
		http.StatusBadRequest: "malformed", http.StatusNotAcceptable: "not_acceptable", http.StatusRequestTimeout: "timeout",
		http.StatusRequestEntityTooLarge: "too_large", http.StatusUnsupportedMediaType: "media_type", http.StatusUnprocessableEntity: "invalid",
	} {
		byStatus[status] = byCode[code]
	}
}

// What the door itself refuses.
var (
	errRoute  = fault.New(fault.NotFound, "no_route", "There is nothing at %s %s.")
	errMethod = fault.New(fault.NotFound, "method_not_allowed", "%s isn't possible here; possible is %s.")
	errNoKey  = fault.New(fault.Denied, "no_key", "The request has no key. Send it as: Authorization: Bearer KEY")
	errType   = fault.New(fault.Invalid, "media_type", "The body isn't said to be JSON. Send Content-Type: application/json")
	errRate   = fault.New(fault.Limited, "rate_limited", "The key has made too many requests.")
	errCursor = fault.New(fault.Invalid, "cursor", "This is no place in the list.")
)
