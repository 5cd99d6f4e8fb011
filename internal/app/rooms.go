package app

import (
	"slices"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/copies"
	"waypost/internal/health"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
	"waypost/internal/limit"
	"waypost/internal/memory"
	"waypost/internal/message"
	"waypost/internal/once"
	"waypost/internal/parcel"
	"waypost/internal/policy"
	"waypost/internal/quota"
	"waypost/internal/recipient"
	"waypost/internal/request"
	"waypost/internal/retention"
	"waypost/internal/rhythm"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// A room stores what is people's in one of the regions.
type room struct {
	name, region string
	inventory.Room
}

// rooms are all of them, in every region. What each declares stands in declarations, too.
func (s *server) rooms() []room {
	var all []room
	for _, r := range s.people.members.Stores() {
		all = append(all, room{"account", r.Region(), r})
	}
	for _, r := range s.watches.Stores() {
		all = append(all, room{"watch", r.Region(), r})
	}
	for _, r := range s.people.quotas.Stores() {
		all = append(all, room{"quota", r.Region(), r})
	}
	for _, r := range s.requests.Stores() {
		all = append(all, room{"once", r.Region(), r})
	}
	for _, r := range s.hooks.Stores() {
		all = append(all, room{"webhook", r.Region(), r})
	}
	for _, r := range s.copies.Stores() {
		all = append(all, room{"copies", r.Region.Name, r})
	}
	for _, r := range s.people.holds.Stores() {
		all = append(all, room{"hold", r.Region.Name, r})
	}
	for _, r := range s.people.closing.Stores() {
		all = append(all, room{"closing", r.Name, r})
	}
	for _, r := range s.incidents.Stores() {
		all = append(all, room{"incident", r.Region.Name, r})
	}
	for _, r := range s.dataRequests.Stores() {
		all = append(all, room{"request", r.Region.Name, r})
	}
	for _, r := range s.notices.Stores() {
		all = append(all, room{"recipient", r.Name, r})
	}
	for _, r := range s.messages.Stores() {
		all = append(all, room{"message", r.Region(), r})
	}
	if s.lawful != nil { // what it can give is what the others declare
		for _, r := range s.lawful.Stores() {
			all = append(all, room{"lawful", r.Name, r})
		}
	}
	return all
}

// declared are what each room declares of everything that is stored but keys. Its
// name is what the places of its sealed values begin with.
func declared() []struct {
	room   string
	fields []inventory.Field
} {
	return []struct {
		room   string
		fields []inventory.Field
	}{
		{"parcel", (*parcel.Store)(nil).Fields()},
		{"rhythm", (*rhythm.Book)(nil).Fields()},
		{"memory", (*memory.Book)(nil).Fields()},
		{"health", (*health.Book)(nil).Fields()},
		{"policy", (*policy.Book)(nil).Fields()},
		{"limit", (*limit.Counter)(nil).Fields()},
		{"account", (*account.Store)(nil).Fields()},
		{"watch", (*watch.Store)(nil).Fields()},
		{"message", (*message.Store)(nil).Fields()},
		{"quota", (*quota.Store)(nil).Fields()},
		{"once", (*once.Store)(nil).Fields()},
		{"copies", (*copies.Store)(nil).Fields()},
		{"recipient", (*recipient.Store)(nil).Fields()},
		{"incident", (*incident.Store)(nil).Fields()},
		{"request", (*request.Store)(nil).Fields()},
		{"hold", (*hold.Store)(nil).Fields()},
		{"lawful", (*lawful.Store)(nil).Fields()},
		{"closing", slices.Concat((*closing.Closing)(nil).Fields(), (*closing.Store)(nil).Fields())},
		{"retention", (*retention.Book)(nil).Fields()},
		{"webhook", (*webhook.Store)(nil).Fields()},
	}
}

// declarations are all of them.
func declarations() (all []inventory.Field) {
	for _, d := range declared() {
		all = append(all, d.fields...)
	}
	return all
}

// uses are what rooms do with people's data besides.
func uses() []inventory.Processing { return (*watch.Store)(nil).Uses() }

// keyDeclarations are those of a key store.
func keyDeclarations() []inventory.Field { return (*vault.Vault)(nil).Fields() }
