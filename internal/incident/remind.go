package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/mail"
)

// Declared says that an incident was declared: the staff who handle them are to
// be told.
type Declared struct {
	Incident ID `json:"incident"`
}

// Kind names the event.
func (Declared) Kind() string { return "incident.declared" }

// reminders is how many there are of a duty: when the incident is declared, when
// a third and when a twelfth of the time is left, and when it is over.
const reminders = 4

// due is how many reminders of a duty are due.
func (d Duty) due(now time.Time) int {
	whole := time.Duration(d.Hours) * time.Hour
	switch left := d.Due.Sub(now); {
	case left <= 0:
		return reminders
	case left <= whole/12:
		return 3
	case left <= whole/3:
		return 2
	}
	return 1
}

// Remind sends the staff who handle incidents, and those who look after privacy,
// an e-mail for each authority whose time is passing. Repeated by a job that was
// killed, it sends the same messages.
func (i *Incidents) Remind(ctx context.Context) error {
	open, err := i.some(ctx, `WHERE state <> $1 ORDER BY number`, Closed)
	if err != nil {
		return err
	}
	now := i.now()
	var failed []error
	for _, one := range open {
		for _, d := range one.Duties {
			if n := d.due(now); !d.Settled() && n > d.reminded {
				failed = append(failed, i.remind(ctx, one, d, n, now))
			}
		}
	}
	return errors.Join(failed...)
}

func (i *Incidents) remind(ctx context.Context, one Incident, d Duty, n int, now time.Time) error {
	clerks, err := i.members.Staff().On(ctx, account.Security, account.Privacy)
	if err != nil {
		return err
	}
	w := i.words[0]
	key := "remind.left"
	if n == reminders {
		key = "remind.over"
	}
	name := d.Authority
	if name == "" {
		name = w.Say("remind.unnamed")
	}
	for _, clerk := range clerks {
		l := mail.Letter{
			Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand"), Title: w.Say(key+".title", "id", string(one.ID), "authority", name),
			Paragraphs: []string{
				w.Say(key+".text", "authority", name, "region", d.Region, "until", w.Say("date.utc", "moment", w.Moment(d.Due)), "hours", int(d.Due.Sub(now).Hours())),
				w.Say("remind.source", "source", d.Source),
			},
			Button: mail.Button{Text: w.Say("remind.button"), URL: i.link("staff", "incidents", string(one.ID))},
			Small:  []string{w.Say("remind.why")},
		}
		m, err := l.Message(clerk.Contact.Value, mail.Notice)
		if err == nil {
			m.ID = fmt.Sprintf("incident-%s-%s-%s-%d-%s", one.ID, d.Region, d.Law, n, clerk.ID)
			err = i.mail.Send(ctx, m)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			return fmt.Errorf("remind of incident %s: %w", one.ID, err)
		}
		if err != nil {
			i.log.WarnContext(ctx, "somebody of the staff can't be reminded of an incident", "clerk", string(clerk.ID), "err", err)
		}
	}
	return i.book().DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE incident_duty SET reminded = $1 WHERE incident_id = $2 AND region = $3 AND law = $4 AND reminded < $1`, n, one.ID, d.Region, d.Law)
		return err
	})
}
