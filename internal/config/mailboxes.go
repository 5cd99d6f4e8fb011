package config

import (
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Mailbox is a folder at an IMAP server. What mails in it say of parcels is
// saved for its owner; nothing is sent, and no address in a mail is looked at.
type Mailbox struct {
	// Server is HOST:PORT.
	Server string `koanf:"server"`
	// TLS is implicit, starttls (required, not just tried) or off, which is for a
	// server on this machine only. Default: implicit at port 993, off on this
	// machine, else starttls.
	TLS  string `koanf:"tls"`
	User string `koanf:"user"`
	// PasswordFile holds the password, in its one line. Read each time, so that a
	// new password is taken.
	PasswordFile string `koanf:"password_file"`
	// Folder is what is read. Default INBOX. Mails in it are marked as read.
	Folder string `koanf:"folder"`
	// Done is a folder to which mails are moved once they were taken in, instead
	// of marking them.
	Done string `koanf:"done"`
	// Owner is the id of the member or business account whose parcels come.
	Owner string `koanf:"owner"`
	// Every is how often the folder is looked into, 1m to 24h. Default 5m.
	Every time.Duration `koanf:"every"`
}

func (m Mailbox) complete(at string, wrong func(name, format string, args ...any)) Mailbox {
	if name := strings.TrimPrefix(at, "mailboxes."); len(name) > 32 || !mailboxName.MatchString(name) {
		wrong(at, "its name is not made of at most 32 of a–z and 0–9, with a _ between some")
	}
	for _, f := range []struct{ name, value string }{
		{"server", m.Server}, {"user", m.User}, {"password_file", m.PasswordFile}, {"owner", m.Owner},
	} {
		if f.value == "" {
			wrong(at+"."+f.name, "is missing")
		}
	}
	host, port, err := net.SplitHostPort(m.Server)
	if m.Server != "" && (err != nil || host == "" || port == "") {
		wrong(at+".server", "%q is not HOST:PORT", m.Server)
	}
	if m.TLS == "" {
		m.TLS = usualMailboxTLS(host, port)
	}
	if !slices.Contains([]string{"starttls", "implicit", "off"}, m.TLS) {
		wrong(at+".tls", "%q is none of starttls, implicit, off", m.TLS)
	}
	if m.TLS == "off" && host != "" && !isThisMachine(host) {
		wrong(at+".tls", "off would send password and mails readable over the network")
	}
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	if m.Done == m.Folder {
		wrong(at+".done", "is the folder that is read; mails would be read again and again")
	}
	if m.Every == 0 {
		m.Every = 5 * time.Minute
	}
	if m.Every < time.Minute || m.Every > 24*time.Hour {
		wrong(at+".every", "%v is not between 1m and 24h", m.Every)
	}
	return m
}

var mailboxName = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

func usualMailboxTLS(host, port string) string {
	switch {
	case port == "993":
		return "implicit"
	case isThisMachine(host):
		return "off"
	}
	return "starttls"
}
