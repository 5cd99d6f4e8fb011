package app

import (
	"waypost/internal/policy"
	"waypost/internal/rights"
)

// openRights makes what people may ask of what is held of them.
func (s *server) openRights() (err error) {
	if s.policy, err = policy.Read(); err != nil {
		return err
	}
	var rooms []rights.Room
	for _, r := range s.rooms() {
		rooms = append(rooms, rights.Room{Name: r.name, Room: r.Room})
	}
	s.rights, err = rights.New(rooms, s.policy)
	return err
}
