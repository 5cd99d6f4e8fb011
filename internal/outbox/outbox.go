// Package outbox keeps messages instead of sending them, so that a
// demonstration or a test can look at what would have been sent. It lives in
// memory and forgets; it knows nothing of who reads it.
package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"waypost/internal/mail"
	"waypost/internal/sms"
)

// keep is how many messages are kept.
const keep = 200

// A Sent is one message; either Mail or SMS is set.
type Sent struct {
	At   time.Time // UTC
	Mail *mail.Message
	SMS  *sms.Message
}

// An Outbox keeps the last 200 messages. The zero value works. It is safe for
// concurrent use.
type Outbox struct {
	mu       sync.Mutex
	messages []Sent // oldest first
}

// Mail returns a Sender of e-mails that puts them here.
func (o *Outbox) Mail() mail.Sender { return mailbox{o} }

// SMS returns a Sender of text messages that puts them here.
func (o *Outbox) SMS() sms.Sender { return textbox{o} }

// Messages returns what is kept, newest first.
func (o *Outbox) Messages() []Sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Clone(o.messages)
	slices.Reverse(all)
	return all
}

func (o *Outbox) put(s Sent) {
	s.At = time.Now().UTC()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, s)
	if over := len(o.messages) - keep; over > 0 {
		o.messages = slices.Delete(o.messages, 0, over)
	}
}

type mailbox struct{ outbox *Outbox }

// Send refuses what a mail server would never be given.
func (b mailbox) Send(_ context.Context, m mail.Message) error {
	m, err := m.Checked()
	if err != nil {
		return err
	}
	b.outbox.put(Sent{Mail: &m})
	return nil
}

type textbox struct{ outbox *Outbox }

// Send refuses what a provider would never be given.
func (b textbox) Send(_ context.Context, m sms.Message) error {
	m, err := m.Checked()
	if err != nil {
		return err
	}
	b.outbox.put(Sent{SMS: &m})
	return nil
}
