package app

import (
	"time"

	"waypost/internal/account"
)

// trainingEvery is how often it is looked up whose training lapses.
const trainingEvery = time.Hour

// remind has those of the staff told, who are kept in a region, whose training lapses.
func (s *server) remind(r *account.Store) {
	s.people.queueOf(r.Region()).Every("account.training_"+r.Region(), trainingEvery, r.RemindTraining)
}
