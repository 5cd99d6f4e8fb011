package app

import (
	"context"
	"maps"
	"slices"

	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/mailbox"
	"waypost/internal/recognise"
)

// openMailboxes has each mailbox read by one process, as often as its operator
// decided.
func (s *server) openMailboxes() error {
	if len(s.cfg.Mailboxes) == 0 {
		return nil
	}
	metrics := mailbox.NewMetrics(s.registry)
	for _, name := range slices.Sorted(maps.Keys(s.cfg.Mailboxes)) {
		c := s.cfg.Mailboxes[name]
		owner := inventory.Subject(c.Owner)
		watches, err := s.watches.Of(owner)
		if err != nil {
			return fault.New(fault.Invalid, "mailbox_owner", "mailboxes.%s.owner: %q is no id of a member or business account. See: waypost admin user find ADDRESS").With(name, c.Owner).Because(err)
		}
		box := mailbox.New(mailbox.Options{
			Name: name, Server: c.Server, TLS: mailbox.Encryption(c.TLS), User: c.User, PasswordFile: c.PasswordFile, Folder: c.Folder, Done: c.Done,
			Owner: owner, Parcels: watches, Index: func() *recognise.Index { return s.files.Load().index }, Metrics: metrics, Log: s.log,
		})
		s.people.queueOf(watches.Region()).Every("mailbox.read_"+name, c.Every, s.unlessRestricted(owner, func(ctx context.Context) error {
			_, err := box.Read(ctx)
			return err
		}))
	}
	return nil
}
