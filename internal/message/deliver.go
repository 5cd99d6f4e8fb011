package message

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/watch"
)

// A news is a parcel as its watcher is told of it.
type news struct {
	alert
	watch.Watch
}

// deliver sends a message about alerts that were taken.
func (s *Store) deliver(ctx context.Context, owner inventory.Subject, p account.Profile, settings Settings, alerts []alert) error {
	all, err := s.news(ctx, owner, settings, alerts)
	if err != nil {
		return err
	}
	to := mainMail(p)
	id := alerts[0].message
	switch {
	case len(all) == 0:
		return s.end(ctx, owner, "unwanted", id)
	case to == "":
		return s.end(ctx, owner, "no_address", id)
	}
	message, err := s.compose(ctx, owner, locale.Choose(s.all.words, p.Language), all)
	if err != nil {
		return err
	}
	message.To, message.ID = to, "alert-"+id
	err = s.all.mail.Send(ctx, message)
	outcome := outcomeSent
	if err != nil {
		outcome = reason(err)
	}
	if err := s.all.done(ctx, "alert", message.ID, byMail, err); err != nil {
		s.all.log.WarnContext(ctx, "alert can't be sent now, will try again", "message", message.ID, "err", err)
		return s.later(ctx, owner, alerts)
	}
	return s.end(ctx, owner, outcome, id)
}

// mainMail is the e-mail address that alerts go to, "" none.
func mainMail(p account.Profile) string {
	for _, a := range p.Contacts {
		if a.Kind == account.Mail {
			return a.Value
		}
	}
	return ""
}

// news are the parcels of alerts, each once with the newest of its changes, in
// the order in which they changed. Left out is what the member no longer wants to
// hear of: what was deleted or archived since, and a first answer that tells only
// what was history already when the parcel was saved.
func (s *Store) news(ctx context.Context, owner inventory.Subject, settings Settings, alerts []alert) ([]news, error) {
	newest := map[watch.ID]alert{}
	for _, a := range alerts {
		if n, ok := newest[a.watch]; !ok || n.before(a) {
			newest[a.watch] = a
		}
	}
	var all []news
	for _, a := range alerts {
		if newest[a.watch] != a {
			continue
		}
		w, err := s.watches.Get(ctx, owner, a.watch)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		on := settings.On
		if w.Alerts.Own {
			on = w.Alerts.On
		}
		old := a.revision == 1 && w.Event.Before(w.Created)
		if w.Archived.IsZero() && slices.Contains(on, a.status.Main()) && !old {
			all = append(all, news{a, w})
		}
	}
	return all, nil
}

// before reports whether a change of the same watch is older. Of one parcel the
// revision says so: jobs that write changes down can overtake each other.
func (a alert) before(b alert) bool {
	if a.parcel == b.parcel {
		return a.revision < b.revision
	}
	return a.created < b.created
}

// compose writes a message about parcels, with the links that end such messages.
func (s *Store) compose(ctx context.Context, owner inventory.Subject, w *locale.Words, all []news) (mail.Message, error) {
	about := watch.ID("")
	if len(all) == 1 {
		about = all[0].ID
	}
	token, err := s.refusalToken(ctx, owner, about)
	if err != nil {
		return mail.Message{}, err
	}
	letter := s.all.digest(w, all)
	if len(all) == 1 {
		letter = s.all.alert(w, all[0])
	}
	unsubscribe := s.all.link("unsubscribe", string(token))
	page := unsubscribe
	if len(all) == 1 {
		page += "?about=" + url.QueryEscape(string(all[0].status.Main()))
	}
	letter.Small = append(letter.Small, w.Say("alert.why"))
	letter.Links = []mail.Button{{Text: w.Say("alert.settings"), URL: s.all.link("account", "alerts")}, {Text: w.Say("alert.unsubscribe"), URL: page}}
	message, err := letter.Message("", mail.Alert)
	if err != nil {
		return mail.Message{}, fmt.Errorf("write alert: %w", err)
	}
	message.Unsubscribe, err = url.Parse(unsubscribe)
	return message, err
}
