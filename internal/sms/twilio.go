package sms

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/outbound"
)

// Twilio is an account at Twilio. Key and Secret are an API key; without Key,
// Secret is the account's own token. Either From or Service says who writes.
type Twilio struct {
	Account string // AC…
	Key     string // SK…, or "" for the account's own token
	Secret  string
	From    string // a number or name of the account
	Service string // MG…, a messaging service, instead of From
	Base    string // "" is https://api.twilio.com
}

// NewTwilio makes a Sender of an account.
func NewTwilio(t Twilio, client *outbound.Client, reg prometheus.Registerer) *Service {
	t.Base = strings.TrimSuffix(cmp.Or(t.Base, "https://api.twilio.com"), "/")
	return newService(&twilio{t}, client, reg)
}

type twilio struct{ Twilio }

// request is https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource.
func (t *twilio) request(ctx context.Context, m Message) (*http.Request, error) {
	form := url.Values{"To": {m.To}, "Body": {m.Text}}
	if t.Service != "" {
		form.Set("MessagingServiceSid", t.Service)
	} else {
		form.Set("From", t.From)
	}
	address := t.Base + "/2010-04-01/Accounts/" + url.PathEscape(t.Account) + "/Messages.json"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("call Twilio: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(cmp.Or(t.Key, t.Account), t.Secret)
	return r, nil
}

// read is https://www.twilio.com/docs/api/errors.
func (t *twilio) read(a outbound.Answer) error {
	if a.Status == http.StatusCreated || a.Status == http.StatusOK {
		return nil
	}
	var problem struct {
		Code int `json:"code"`
	}
	if err := json.Unmarshal(a.Body, &problem); err != nil || problem.Code == 0 {
		return byStatus(a.Status).Because(answered(a.Status, ""))
	}
	cause := answered(a.Status, strconv.Itoa(problem.Code))
	switch problem.Code {
	case 21211, 21610, 21614: // no number, unsubscribed by STOP, no mobile
		return ErrRefused.Because(cause)
	case 14107, 20429, 21611: // too fast, too many, queue is full
		return errLimited.Because(cause)
	case 21602, 21605, 21617, 21619: // the body is missing or too long
		return errRejected.Because(cause)
	}
	if e := byStatus(a.Status); e != errRejected {
		return e.Because(cause)
	}
	return errSetup.Because(cause) // sender, region or account: the operator can mend it
}
