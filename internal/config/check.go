package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// complete fills in what follows from other settings, and returns everything
// that can't be used, each with its name.
func (c *Config) complete() []string {
	var mistakes []string
	wrong := func(name, format string, args ...any) {
		mistakes = append(mistakes, name+": "+fmt.Sprintf(format, args...))
	}

	if _, port, err := net.SplitHostPort(c.Addr); err != nil {
		wrong("addr", "%q is not HOST:PORT", c.Addr)
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		wrong("addr", "%q is no port, 0 to 65535", port)
	}
	if c.Data == "" {
		wrong("data", "must name a folder")
	}
	if c.URL == "" {
		scheme := "http"
		if c.TLS.on() {
			scheme = "https"
		}
		c.URL = scheme + "://" + c.Addr
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	if !isWebAddress(c.URL) {
		wrong("url", "%q is not an address like https://track.example.org", c.URL)
	}
	if c.Carriers == "" {
		c.Carriers = filepath.Join(c.Data, "carriers")
	}
	if c.Database.Parcels == "" {
		c.Database.Parcels = Secret("sqlite:" + filepath.Join(c.Data, "parcels.db"))
	}
	checkDatabase(wrong, "database.parcels", c.Database.Parcels)
	for region, address := range c.Database.People {
		checkDatabase(wrong, "database.people."+region, address)
	}
	if len(c.Database.People) == 0 {
		c.Database.People = map[string]Secret{"default": c.Database.Parcels}
	}
	c.Database.checkServes(wrong)
	c.Database.checkCopies(wrong)
	c.completeKeys(wrong)
	c.checkWorkdays(wrong)

	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		wrong("tls", "cert and key belong together; one of them is missing")
	}
	if c.TLS.Cert != "" && len(c.TLS.ACME) > 0 {
		wrong("tls", "either cert and key, or acme, not both")
	}
	if c.Poll.VisitorShare < 0 || c.Poll.VisitorShare > 1 {
		wrong("poll.visitor_share", "%v is not between 0 and 1", c.Poll.VisitorShare)
	}
	if c.Poll.Pace < 0.001 || c.Poll.Pace > 10 {
		wrong("poll.pace", "%v is not between 0.001 and 10", c.Poll.Pace)
	}
	if c.Poll.Timeout < time.Second || c.Poll.Timeout > 5*time.Minute {
		wrong("poll.timeout", "%v is not between 1s and 5m", c.Poll.Timeout)
	}
	c.Quota.check(wrong)
	c.Closing.check(wrong)
	c.Webhooks.check(wrong)
	c.Staff.check(wrong)
	if c.Log.Format != "text" && c.Log.Format != "json" {
		wrong("log.format", "%q is neither text nor json", c.Log.Format)
	}
	c.Mail.complete(wrong)
	c.SMS.complete(wrong)
	for source, accounts := range c.Accounts {
		for name, a := range accounts {
			at := "accounts." + source + "." + name
			accounts[name] = a.complete(at, wrong)
		}
	}
	for name, m := range c.Mailboxes {
		c.Mailboxes[name] = m.complete("mailboxes."+name, wrong)
	}
	c.Providers.complete(wrong)
	c.Policy.check(c.Database, c.Providers.offered(), wrong)
	c.completeTransfers(wrong)
	c.Recipients.check(wrong)
	if c.Publish.Least < 10 || c.Publish.Least > 10_000 {
		wrong("publish.least", "%d is not between 10 and 10000: a smaller group could be somebody", c.Publish.Least)
	}
	slices.Sort(mistakes)
	return mistakes
}

func (a Account) complete(at string, wrong func(name, format string, args ...any)) Account {
	if a.Base != "" && !isWebAddress(a.Base) {
		wrong(at+".base", "%q is not an address like https://api.example.org", a.Base)
	}
	if a.Public != "" && (!isWebAddress(a.Public) || !strings.HasPrefix(a.Public, "https://")) {
		wrong(at+".public", "%q is not an address like https://track.example.org", a.Public)
	}
	switch {
	case a.Login != "" && a.Base == "":
		wrong(at+".login", "stands beside base: only; without it tokens are had where the source's file says")
	case a.Login != "" && !isWebAddress(a.Login):
		wrong(at+".login", "%q is not an address like https://api.example.org", a.Login)
	}
	if (a.Calls == 0) != (a.Per == 0) || a.Calls < 0 || a.Per < 0 {
		wrong(at, "calls and per belong together: at most calls: 60 in per: 1h")
	}
	if a.Concurrency == 0 {
		a.Concurrency = 4
	}
	if a.Concurrency < 1 || a.Concurrency > 64 {
		wrong(at+".concurrency", "%d is not between 1 and 64", a.Concurrency)
	}
	if len(a.Canaries) > mostCanaries {
		wrong(at+".canaries", "%d numbers; at most %d are asked", len(a.Canaries), mostCanaries)
	}
	return a
}

// mostCanaries bounds what is asked every day of each account.
const mostCanaries = 5

func (t TLS) on() bool { return t.Cert != "" || len(t.ACME) > 0 }

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func checkDatabase(wrong func(name, format string, args ...any), name string, address Secret) {
	text := string(address)
	switch {
	case strings.HasPrefix(text, "sqlite:") && len(text) > len("sqlite:"):
	case strings.HasPrefix(text, "postgres://"), strings.HasPrefix(text, "postgresql://"):
		if _, err := url.Parse(text); err != nil {
			wrong(name, "is not a well-formed postgres:// address")
		}
	default:
		wrong(name, "must begin with sqlite: or postgres://")
	}
}
