// Package config is what an operator can decide: one struct, read from a file,
// the environment and flags, checked as a whole. It is read once at start (and
// on SIGHUP) and passed on as values; it knows nothing of what is done with it.
package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// A Config is everything that an operator can decide. Each field's comment
// gives its meaning, default and bounds; docs/configuration.md says the same
// with examples.
type Config struct {
	// Addr is where the program listens, HOST:PORT. Default 127.0.0.1:8080;
	// port 0 takes a free one.
	Addr string `koanf:"addr"`

	// URL is the address that people use, https://track.example.org. Default:
	// http:// and Addr. It decides about links and about strict transport security.
	URL string `koanf:"url"`

	// Data is the folder of the embedded database. Default ./data; with Demo a
	// folder of its own that goes when the program ends. Made if it isn't there.
	Data string `koanf:"data"`

	// Demo starts the carrier simulator and connects every carrier to it.
	Demo bool `koanf:"demo"`

	TLS      TLS      `koanf:"tls"`
	Database Database `koanf:"database"`

	// Keys are the key stores of people's data, by the regions of
	// Database.People. Without an entry a region has the defaults below. The entry
	// "house" is a store for the installation's own keys (which sign cookies and seal
	// what carriers demand), so that they hang on no region; without it they lie in
	// the first region's.
	Keys map[string]Keys `koanf:"keys"`

	Members Members `koanf:"members"`

	Staff Staff `koanf:"staff"`

	// Workdays say which days are worked, by the regions of Database.People.
	// Without an entry: Monday to Friday, in UTC.
	Workdays map[string]Workdays `koanf:"workdays"`

	// Proxies are the addresses or networks (192.0.2.7, 10.0.0.0/8) whose
	// X-Forwarded-For is believed. Default none.
	Proxies []netip.Prefix `koanf:"proxies"`

	// Metrics are the addresses or networks that may read /metrics. Default
	// the machine itself: 127.0.0.0/8 and ::1.
	Metrics []netip.Prefix `koanf:"metrics"`

	// Carriers is the overlay folder: carrier files in it add to the built-in
	// ones or replace them, source files stand in its folder sources. Read at
	// start and on SIGHUP. Default: carriers in Data.
	Carriers string `koanf:"carriers"`

	Poll     Poll     `koanf:"poll"`
	Quota    Quota    `koanf:"quota"`
	Webhooks Webhooks `koanf:"webhooks"`
	Log      Log      `koanf:"log"`

	// Mail and SMS are how messages leave. With Demo none do: they are kept to
	// be looked at.
	Mail Mail `koanf:"mail"`
	SMS  SMS  `koanf:"sms"`

	// Mailboxes are read for mails of carriers and shops, by a name of the
	// operator's choice. Default none.
	Mailboxes map[string]Mailbox `koanf:"mailboxes"`

	// Accounts are the operator's accounts at carriers, by source and by a name
	// of the operator's choice. A source that needs no credentials is connected
	// without an entry.
	Accounts map[string]map[string]Account `koanf:"accounts"`

	// Providers are the services that people can sign in with. Default none.
	Providers Providers `koanf:"providers"`

	Policy    Policy    `koanf:"policy"`
	Transfers Transfers `koanf:"transfers"`

	// Recipients is how services that got data are told of erasures.
	Recipients Recipients `koanf:"recipients"`

	Incidents Incidents `koanf:"incidents"`
	Closing   Closing   `koanf:"closing"`

	// Publish is how figures go out that everybody reads.
	Publish Publish `koanf:"publish"`
}

// Publish is how figures go out that everybody reads, such as with which carriers
// numbers were found.
type Publish struct {
	// Least is how many a figure is about at least, and its steps; 10 to 10000.
	// Default 10.
	Least int `koanf:"least"`
}

// TLS is how connections are encrypted. Without it the program speaks plain
// HTTP, for a proxy in front or for one's own machine.
type TLS struct {
	Cert string   `koanf:"cert"` // file of the certificate chain, PEM
	Key  string   `koanf:"key"`  // file of its private key, PEM
	ACME []string `koanf:"acme"` // host names to get certificates for from Let's Encrypt, instead of Cert and Key
	Mail string   `koanf:"mail"` // whom Let's Encrypt may write to; optional
}

// Database says where things are stored.
type Database struct {
	// Parcels is sqlite:FILE or postgres://…; default parcels.db in Data.
	Parcels Secret `koanf:"parcels"`
	// People are the databases of people's data, by region; default one region,
	// "default", in the same database as the parcels.
	People map[string]Secret `koanf:"people"`
	// Serves says which countries' people live in which region of People, by
	// ISO 3166-1 alpha-2 code; "*" stands for all that no region names. Needed
	// with more than one region.
	Serves map[string][]string `koanf:"serves"`
	// Copies are the countries where standbys or backups of a region's data are kept,
	// ISO 3166-1 alpha-2. Those of key stores stay where these are. Default none but
	// in the region's own country.
	Copies map[string][]string `koanf:"copies"`
}

// Members is how people's accounts are kept.
type Members struct {
	// Breached is a file of SHA-1 sums of stolen passwords, sorted by sum, as
	// Have I Been Pwned gives it out. Nobody is called. Default none: the short
	// list in the program is used alone.
	Breached string `koanf:"breached"`
}

// Keys is where the keys of one region's people lie. Each person's data is
// encrypted with a key of theirs, and those keys are wrapped by the region's.
type Keys struct {
	// Store is the key store's own database, sqlite:FILE or postgres://…, never
	// one that holds data. Default REGION.db in the folder keys of Data; to be
	// named where the region's data is in PostgreSQL, because all replicas need
	// the same.
	Store Secret `koanf:"store"`
	// File holds the regional key: 32 bytes in base64 a line, newest first.
	// Made with a new key if it isn't there. Default REGION.key in the folder
	// keys of Data, unless Key is given.
	File string `koanf:"file"`
	// Key is the same in place of a file: one key or several, newest first.
	Key []Secret `koanf:"key"`
}

// Poll is how carriers are asked.
type Poll struct {
	// VisitorShare is the part of each budget that visitors' page views may
	// use, 0 to 1. Default 0.3.
	VisitorShare float64 `koanf:"visitor_share"`
	// Pace multiplies all intervals, 0.001 to 10. Default 1; a demo takes less.
	Pace float64 `koanf:"pace"`
	// Timeout bounds one call, 1s to 5m. Default 30s.
	Timeout time.Duration `koanf:"timeout"`
}

// Log is what is written to standard error.
type Log struct {
	Level  slog.Level `koanf:"level"`  // debug, info, warn, error; default info
	Format string     `koanf:"format"` // text or json; default text
}

// An Account is one account at a source.
type Account struct {
	// Values are what the source needs, by the names that its file gives.
	Values map[string]Secret `koanf:"values"`
	// Base replaces the address in the source's file: a carrier's test system,
	// or a simulator. Addresses inside the operator's own network are allowed here.
	Base string `koanf:"base"`
	// Login is where tokens are had when Base is given. Default Base.
	Login string `koanf:"login"`
	// Calls and Per replace the budget in the source's file: at most Calls calls in Per.
	Calls int           `koanf:"calls"`
	Per   time.Duration `koanf:"per"`
	// Concurrency is how many calls may run at the same time, 1 to 64. Default 4.
	Concurrency int `koanf:"concurrency"`
	// Public is Waypost's address as the source reaches it, https://…; given, the
	// source is told to send news of the parcels that are kept, where its file says
	// how. Default none: nothing is subscribed to.
	Public string `koanf:"public"`
	// Folder is where files of what the source sent are put to be taken in; they go
	// to done or failed in it. Several replicas may share it. Default none.
	Folder string `koanf:"folder"`
	// Simulated marks what this account answers as not real, wherever it is shown.
	Simulated bool `koanf:"simulated"`
	// Canaries are numbers of the operator's own parcels, or public test numbers,
	// that are asked once a day to see that the source still answers; at most 5.
	Canaries []string `koanf:"canaries"`
}

// A Secret never reaches a log or an error text.
type Secret string

func (Secret) String() string { return "[secret]" }

// GoString keeps %#v from showing it.
func (Secret) GoString() string { return "[secret]" }

// LogValue keeps slog from showing it.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// Default returns what holds when an operator decides nothing.
func Default() Config {
	return Config{
		Addr:       "127.0.0.1:8080",
		Recipients: Recipients{Lang: "en", Escalate: 7 * 24 * time.Hour},
		Data:       "data",
		Metrics:    []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Policy:     Policy{Backups: 30},
		Poll:       Poll{VisitorShare: 0.3, Pace: 1, Timeout: 30 * time.Second},
		Closing:    Closing{Notice: 30 * 24 * time.Hour},
		Quota:      Quota{Total: Unlimited, Rate: 3, OwnRate: 20},
		Staff:      Staff{TrainingEvery: year},
		Webhooks:   Webhooks{Timeout: 10 * time.Second, Concurrency: 16},
		Publish:    Publish{Least: 10},
		Log:        Log{Level: slog.LevelInfo, Format: "text"},
	}
}
