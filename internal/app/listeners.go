package app

import "waypost/internal/job"

// listen is who is told what. Every process that adds work has all of them,
// because what it adds goes to those it has.
func (s *server) listen() {
	for _, q := range s.people.queues {
		job.On(q, "message.account_code", s.messages.Code)
		job.On(q, "message.account_notice", s.messages.Notice)
		job.On(q, "message.account_guardian", s.messages.Guardian)
		job.On(q, "message.account_invited", s.messages.Invitation)
	}
	for _, room := range s.people.members.Stores() {
		s.expire("account", room.Region(), room)
	}
}
