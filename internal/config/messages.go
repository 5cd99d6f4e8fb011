package config

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Mail is the server that e-mails are handed to. Without SMTP none are sent.
type Mail struct {
	// From is who writes: "Waypost <post@track.example.org>".
	From string `koanf:"from"`
	// SMTP is the server, HOST:PORT.
	SMTP string `koanf:"smtp"`
	// User and Password sign in at it; none for a server that wants none.
	User     string `koanf:"user"`
	Password Secret `koanf:"password"`
	// TLS is starttls (required, not just tried), implicit or off. Default:
	// implicit at port 465, off for a server on this machine, else starttls.
	TLS  string `koanf:"tls"`
	DKIM DKIM   `koanf:"dkim"`
}

// DKIM signs e-mails, if the mail server doesn't. All three or none.
type DKIM struct {
	Domain   string `koanf:"domain"`
	Selector string `koanf:"selector"` // the public key is at SELECTOR._domainkey.DOMAIN in the DNS
	KeyFile  string `koanf:"key_file"` // RSA of at least 2048 bits, or Ed25519; PEM
}

// SMS is the provider of text messages. Without Provider none are sent.
type SMS struct {
	// Provider is generic, twilio or aliyun; its settings stand under that name.
	Provider string     `koanf:"provider"`
	Generic  SMSGeneric `koanf:"generic"`
	Twilio   Twilio     `koanf:"twilio"`
	Aliyun   Aliyun     `koanf:"aliyun"`
}

// SMSGeneric is any provider with an HTTP interface. {to} (+41791234567),
// {digits} (the same without its plus) and {text} in URL and Body are filled
// in, escaped for where they stand. All may hold keys.
type SMSGeneric struct {
	Method string `koanf:"method"` // GET, POST or PUT; default POST
	URL    Secret `koanf:"url"`
	// Headers go along; Content-Type says what Body is: JSON, which is the
	// default, a form, XML or plain text.
	Headers map[string]Secret `koanf:"headers"`
	Body    Secret            `koanf:"body"`
	// Success are the statuses of a message that was taken. Default 200 to 299.
	Success []int `koanf:"success"`
}

// Twilio is an account at Twilio.
type Twilio struct {
	Account string `koanf:"account"` // AC…
	Key     string `koanf:"key"`     // SK…; none if Secret is the account's own token
	Secret  Secret `koanf:"secret"`
	From    string `koanf:"from"`    // a number or name of the account; or
	Service string `koanf:"service"` // MG…, a messaging service
	Base    string `koanf:"base"`    // another address than Twilio's: a region, or a simulator
}

// Aliyun is an account at Alibaba Cloud's Short Message Service.
type Aliyun struct {
	KeyID     string `koanf:"key_id"`
	KeySecret Secret `koanf:"key_secret"`
	Sign      string `koanf:"sign"` // the registered signature
	// Templates are the registered templates (SMS_…) for code, notice and alert;
	// messages of a kind without one aren't sent.
	Templates map[string]string `koanf:"templates"`
	Base      string            `koanf:"base"` // another address than Alibaba Cloud's
}

func (m *Mail) complete(wrong func(name, format string, args ...any)) {
	if m.SMTP == "" {
		if m.From != "" || m.User != "" || m.Password != "" || m.TLS != "" || m.DKIM != (DKIM{}) {
			wrong("mail.smtp", "is missing, while other settings of mail are there")
		}
		return
	}
	host, port, err := net.SplitHostPort(m.SMTP)
	if err != nil || host == "" || port == "" {
		wrong("mail.smtp", "%q is not HOST:PORT", m.SMTP)
	}
	if m.TLS == "" {
		m.TLS = usualTLS(host, port)
	}
	if !slices.Contains([]string{"starttls", "implicit", "off"}, m.TLS) {
		wrong("mail.tls", "%q is none of starttls, implicit, off", m.TLS)
	}
	if m.TLS == "off" && m.User != "" && !isThisMachine(host) {
		wrong("mail.tls", "off would send the password readable over the network")
	}
	if (m.User == "") != (m.Password == "") {
		wrong("mail", "user and password belong together; one of them is missing")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		wrong("mail.from", "%q is not like Waypost <post@track.example.org>", m.From)
	}
	if d := m.DKIM; d != (DKIM{}) && (d.Domain == "" || d.Selector == "" || d.KeyFile == "") {
		wrong("mail.dkim", "domain, selector and key_file belong together; one of them is missing")
	}
}

func usualTLS(host, port string) string {
	switch {
	case port == "465":
		return "implicit"
	case isThisMachine(host):
		return "off"
	}
	return "starttls"
}

func isThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (s *SMS) complete(wrong func(name, format string, args ...any)) {
	needed := func(name, value string) {
		if value == "" {
			wrong("sms."+s.Provider+"."+name, "is missing")
		}
	}
	switch s.Provider {
	case "":
		if s.Generic.URL != "" || s.Twilio != (Twilio{}) || s.Aliyun.KeyID != "" {
			wrong("sms.provider", "is missing; it is generic, twilio or aliyun")
		}
	case "generic":
		s.Generic.check(wrong)
	case "twilio":
		needed("account", s.Twilio.Account)
		needed("secret", string(s.Twilio.Secret))
		if (s.Twilio.From == "") == (s.Twilio.Service == "") {
			wrong("sms.twilio", "needs either from or service")
		}
		checkBase(wrong, "sms.twilio.base", s.Twilio.Base)
	case "aliyun":
		needed("key_id", s.Aliyun.KeyID)
		needed("key_secret", string(s.Aliyun.KeySecret))
		needed("sign", s.Aliyun.Sign)
		if len(s.Aliyun.Templates) == 0 {
			wrong("sms.aliyun.templates", "is missing")
		}
		for kind := range s.Aliyun.Templates {
			if !slices.Contains([]string{"code", "notice", "alert"}, kind) {
				wrong("sms.aliyun.templates."+kind, "is for none of code, notice, alert")
			}
		}
		checkBase(wrong, "sms.aliyun.base", s.Aliyun.Base)
	default:
		wrong("sms.provider", "%q is none of generic, twilio, aliyun", s.Provider)
	}
}

func (g SMSGeneric) check(wrong func(name, format string, args ...any)) {
	u, err := url.Parse(string(g.URL))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		wrong("sms.generic.url", "is not an address like https://sms.example.org/send")
	}
	all := string(g.URL) + string(g.Body)
	if !strings.Contains(all, "{text}") || !strings.Contains(all, "{to}") && !strings.Contains(all, "{digits}") {
		wrong("sms.generic", "url and body must have {text} in them, and {to} or {digits}")
	}
	for _, status := range g.Success {
		if status < 200 || status > 599 {
			wrong("sms.generic.success", "%d is no HTTP status", status)
		}
	}
}

func checkBase(wrong func(name, format string, args ...any), name, base string) {
	if base != "" && !isWebAddress(base) {
		wrong(name, "%q is not an address like https://api.example.org", base)
	}
}
