package app

import (
	"context"
	"slices"

	"waypost/internal/job"
	"waypost/internal/parcel"
)

// listen is who is told what. Every process that adds work has all of them,
// because what it adds goes to those it has.
func (s *server) listen() {
	parcels := s.people.queues[s.databases.Parcels]
	job.On(parcels, "watch.parcel_changed", func(ctx context.Context, c parcel.Changed) error { return s.watches.ParcelChanged(ctx, c.Parcel) })
	job.On(parcels, "message.parcel_changed", s.messages.ParcelChanged)
	job.On(parcels, "webhook.parcel_changed", s.hooks.ParcelChanged)
	s.store.Tell(parcels)

	for _, q := range s.people.queues {
		job.On(q, "message.account_code", s.messages.Code)
		job.On(q, "message.account_notice", s.messages.Notice)
		job.On(q, "message.account_guardian", s.messages.Guardian)
		job.On(q, "message.account_invited", s.messages.Invitation)
		job.On(q, "message.account_announced", s.messages.Announcement)
		job.On(q, "message.account_calling", s.messages.Call)
		job.On(q, "message.account_training_due", s.messages.Training)
		job.On(q, "rights.copy_asked", s.copyAsked)
		job.On(q, "recipient.erased", s.notices.Erased)
		job.On(q, "lawful.given", s.given)
		job.On(q, "message.request_told", s.messages.RequestTold)
		job.On(q, "account.secret_made", s.secretMade)
		job.On(q, "account.hook_noticed", s.hookNoticed)
		job.On(q, "webhook.registrations_begun", s.registrationsBegun)
		job.On(q, "webhook.registration_stopped", s.registrationStopped)
		job.On(q, "quota.account_went_back", s.wentBack)
		job.On(q, "message.alerts_due", s.messages.AlertsDue)
		job.On(q, "watch.account_restricted", s.wantsRestricted)
		job.On(q, "webhook.account_restricted", s.hooksRestricted)
	}
	s.listenForIncidents()
	for _, r := range slices.Concat(s.commons(), s.rooms()) {
		s.expire(r)
	}
	for _, r := range s.people.members.Stores() {
		s.announce(r)
		s.erase(r)
		s.keepClosing(r)
		s.remind(r)
	}
	for _, r := range s.lawful.Stores() {
		s.tellGiven(r)
	}
	for _, r := range s.dataRequests.Stores() {
		s.lapse(r)
	}
	for _, r := range s.notices.Stores() {
		s.tellRecipients(r)
	}
	for _, r := range s.watches.Stores() {
		s.renew(r)
		s.stopOver(r)
	}
}
