package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/mail"
	"waypost/internal/message"
	"waypost/internal/outbound"
	"waypost/internal/outbox"
	"waypost/internal/sms"
)

// smsTimeout bounds one call to a provider of text messages.
const smsTimeout = 15 * time.Second

// senders are how messages leave.
type senders struct {
	mail   mail.Sender
	sms    sms.Sender
	outbox *outbox.Outbox // nil unless in demo: what would have left
}

// openMessages opens what is said to people, in each region's own database.
func (s *server) openMessages(ctx context.Context) (err error) {
	var regions []message.Region
	for _, r := range s.people.regions {
		regions = append(regions, message.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: s.people.queueOf(r.Name)})
	}
	s.messages, err = message.Open(ctx, message.Options{
		URL: s.cfg.URL, Mail: s.senders.mail, SMS: s.senders.sms, Letters: s.people.members, Requests: s.dataRequests, Regions: regions,
		Watches: s.watches, People: profiles{s.people.members}, Restricted: s.people.members.Restricted,
		Stays: func(lang string) []string { return s.rights.Stays(lang) }, Carrier: s.carrierName, Log: s.log, Metrics: s.registry,
	})
	return err
}

// carrierName is what a carrier is called, its code when it is known no more.
func (s *server) carrierName(code carrier.Code, lang string) string {
	if c, ok := s.files.Load().catalogue.Carrier(code); ok {
		return c.Name(lang)
	}
	return string(code)
}

// profiles finds who somebody is, in the region that they live in.
type profiles struct{ members *account.Members }

func (p profiles) Profile(ctx context.Context, id account.ID) (account.Profile, error) {
	s, err := p.members.Of(id)
	if err != nil {
		return account.Profile{}, err
	}
	return s.Profile(ctx, id)
}

// newSenders makes the senders of a configuration. In a demo nothing leaves;
// what isn't configured fails with what an operator has to set.
func newSenders(cfg config.Config, reg prometheus.Registerer) (senders, error) {
	if cfg.Demo {
		box := &outbox.Outbox{}
		return senders{box.Mail(), box.SMS(), box}, nil
	}
	post, err := newMail(cfg.Mail, reg)
	if err != nil {
		return senders{}, err
	}
	text, err := newSMS(cfg.SMS, reg)
	if err != nil {
		return senders{}, err
	}
	return senders{post, text, nil}, nil
}

func newMail(c config.Mail, reg prometheus.Registerer) (mail.Sender, error) {
	if c.SMTP == "" {
		return noMail{}, nil
	}
	o := mail.Options{From: c.From, Server: c.SMTP, User: c.User, Password: string(c.Password), TLS: mail.Encryption(c.TLS)}
	if d := c.DKIM; d.KeyFile != "" {
		var err error
		if o.DKIM, err = mail.ReadDKIM(d.Domain, d.Selector, d.KeyFile); err != nil {
			return nil, fmt.Errorf("mail.dkim: %w", err)
		}
	}
	sender, err := mail.New(o, reg)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return sender, nil
}

func newSMS(c config.SMS, reg prometheus.Registerer) (sms.Sender, error) {
	client := outbound.New(outbound.Options{Timeout: smsTimeout, Allow: smsHosts(c)})
	switch c.Provider {
	case "generic":
		g := c.Generic
		headers := map[string]string{}
		for name, value := range g.Headers {
			headers[name] = string(value)
		}
		sender, err := sms.NewGeneric(sms.Generic{Method: g.Method, URL: string(g.URL), Headers: headers, Body: string(g.Body), Success: g.Success}, client, reg)
		if err != nil {
			return nil, fmt.Errorf("sms.generic: %w", err)
		}
		return sender, nil
	case "twilio":
		t := c.Twilio
		return sms.NewTwilio(sms.Twilio{Account: t.Account, Key: t.Key, Secret: string(t.Secret), From: t.From, Service: t.Service, Base: t.Base}, client, reg), nil
	case "aliyun":
		a := c.Aliyun
		templates := map[sms.Kind]string{}
		for kind, code := range a.Templates {
			templates[sms.Kind(kind)] = code
		}
		return sms.NewAliyun(sms.Aliyun{KeyID: a.KeyID, KeySecret: string(a.KeySecret), Sign: a.Sign, Templates: templates, Base: a.Base}, client, reg), nil
	}
	return noSMS{}, nil
}

// smsHosts are the hosts that the operator named, which may be private.
func smsHosts(c config.SMS) []string {
	var hosts []string
	for _, address := range []string{string(c.Generic.URL), c.Twilio.Base, c.Aliyun.Base} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Host, u.Hostname())
		}
	}
	return hosts
}

var (
	errNoMail = fault.New(fault.Unavailable, "mail_not_configured", "This installation can't send e-mail yet. Its operator sets mail.smtp and mail.from.")
	errNoSMS  = fault.New(fault.Unavailable, "sms_not_configured", "This installation can't send text messages yet. Its operator sets sms.provider.")
)

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return errNoMail }

type noSMS struct{}

func (noSMS) Send(context.Context, sms.Message) error { return errNoSMS }
