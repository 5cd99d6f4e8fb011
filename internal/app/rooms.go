package app

import "waypost/internal/inventory"

// A room stores what is people's in one of the regions.
type room struct {
	name, region string
	inventory.Room
}

// rooms are all of them, in every region.
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
	for _, r := range s.messages.Stores() {
		all = append(all, room{"message", r.Region(), r})
	}
	return all
}
