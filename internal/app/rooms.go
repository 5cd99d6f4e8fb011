package app

import (
	"slices"

	"waypost/internal/account"
	"waypost/internal/copies"
	"waypost/internal/health"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
	"waypost/internal/limit"
	"waypost/internal/memory"
	"waypost/internal/message"
	"waypost/internal/once"
	"waypost/internal/parcel"
	"waypost/internal/policy"
	"waypost/internal/quota"
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

// declarations are those of everything that is stored but keys.
func declarations() []inventory.Field {
	return slices.Concat(
		(*parcel.Store)(nil).Fields(), (*rhythm.Book)(nil).Fields(), (*memory.Book)(nil).Fields(), (*health.Book)(nil).Fields(),
		(*policy.Book)(nil).Fields(), (*limit.Counter)(nil).Fields(),
		(*account.Store)(nil).Fields(), (*watch.Store)(nil).Fields(), (*message.Store)(nil).Fields(), (*quota.Store)(nil).Fields(),
		(*once.Store)(nil).Fields(), (*copies.Store)(nil).Fields(), (*hold.Store)(nil).Fields(), (*lawful.Store)(nil).Fields(), (*retention.Book)(nil).Fields(), (*webhook.Store)(nil).Fields(),
	)
}

// keyDeclarations are those of a key store.
func keyDeclarations() []inventory.Field { return (*vault.Vault)(nil).Fields() }
