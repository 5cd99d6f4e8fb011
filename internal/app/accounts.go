package app

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/health"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/poll"
)

// openAccount names the account of a source that needs no credentials.
const openAccount = "open"

// connections are what the settings' accounts came to.
type connections struct {
	accounts []poll.Account
	sources  []health.Source   // that they are at
	broken   []carrier.Mistake // of sources whose expressions are wrong, which are left out

	receivers map[carrier.AccountCode]*engine.Receiver // of accounts that their sources send to
	pushed    map[carrier.AccountCode]*engine.Program  // reads what they send, also as files
	folders   map[carrier.AccountCode]string           // where such files are put
}

// connect makes the accounts that sources are asked with: the configured
// ones, and one for each source that is open to all unless the settings name
// it without an account. Every mistake in the settings is reported at once, by
// its name. shaped is told how the sources' answers are built; nil nobody is.
func connect(catalogue *carrier.Catalogue, configured map[string]map[string]config.Account, client *outbound.Client, shaped shapes) (connections, error) {
	all := connections{
		receivers: map[carrier.AccountCode]*engine.Receiver{}, pushed: map[carrier.AccountCode]*engine.Program{}, folders: map[carrier.AccountCode]string{},
	}
	var mistakes []string
	for _, name := range sortedKeys(configured) {
		if _, ok := catalogue.Source(carrier.SourceCode(name)); !ok {
			mistakes = append(mistakes, fmt.Sprintf("accounts.%s: there is no such source; see: waypost carrier list", name))
		}
	}
	for _, source := range catalogue.Sources() {
		own, named := configured[string(source.Code)]
		if !named && source.Asked && len(source.Account) == 0 {
			own = map[string]config.Account{openAccount: {Concurrency: 4}}
		}
		if len(own) == 0 {
			continue
		}
		program, wrong := engine.Compile(source)
		if len(wrong) > 0 {
			all.broken = append(all.broken, wrong...)
			continue
		}
		all.sources = append(all.sources, health.Source{Code: source.Code, Shapes: program.Shapes, Uses: program.Uses})
		for _, name := range sortedKeys(own) {
			a, receiver, wrong := connectOne(program, source, name, own[name], client, shaped)
			a.Trials = trialsOf(catalogue, source, own[name])
			all.accounts = append(all.accounts, a)
			mistakes = append(mistakes, wrong...)
			if receiver != nil {
				all.receivers[a.Code] = receiver
			}
			if pushes := program.Pushes(); pushes != nil {
				all.pushed[a.Code] = pushes
			}
			if path := own[name].Folder; path != "" {
				all.folders[a.Code] = path
			}
		}
	}
	if len(mistakes) > 0 {
		return connections{}, fault.New(fault.Invalid, "config_accounts", "The accounts can't be used:\n  %s").With(strings.Join(mistakes, "\n  "))
	}
	return all, nil
}

// connectOne makes an account; its receiver is nil where its source sends it
// nothing by itself.
func connectOne(program *engine.Program, source *carrier.Source, name string, c config.Account, client *outbound.Client, shaped shapes) (poll.Account, *engine.Receiver, []string) {
	at := "accounts." + string(source.Code) + "." + name
	var mistakes []string
	values := map[string]string{}
	takes := source.Account
	if source.Push != nil {
		takes = slices.Concat(takes, source.Push.Account)
	}
	for _, key := range sortedKeys(c.Values) {
		values[key] = string(c.Values[key])
		if !slices.Contains(takes, key) {
			mistakes = append(mistakes, fmt.Sprintf("%s.values.%s: the source knows no such value; it takes %s", at, key, strings.Join(takes, ", ")))
		}
	}
	for _, key := range source.Account {
		if values[key] == "" {
			mistakes = append(mistakes, fmt.Sprintf("%s.values.%s: is missing", at, key))
		}
	}
	if c.Folder != "" && source.Push == nil {
		mistakes = append(mistakes, at+".folder: the source's file doesn't say how what it sends is read (push:)")
	}
	if len(mistakes) > 0 {
		return poll.Account{}, nil, mistakes
	}
	code := carrier.AccountCode(string(source.Code) + "/" + name)
	own := engine.Account{Code: code, Values: values, Base: c.Base, Login: c.Login, Shaped: shaped.of(source.Code)}
	var connector carrier.Connector
	if source.Asked {
		var err error
		if connector, err = program.Connect(own, client); err != nil {
			return poll.Account{}, nil, []string{fmt.Sprintf("%s: %v", at, err)}
		}
	}
	var subscriber carrier.Subscriber
	if c.Public != "" {
		var err error
		subscriber, err = program.Subscriber(own, client, strings.TrimSuffix(c.Public, "/")+"/push/"+string(code))
		switch {
		case err != nil:
			return poll.Account{}, nil, []string{fmt.Sprintf("%s.public: %v", at, err)}
		case subscriber == nil:
			return poll.Account{}, nil, []string{at + ".public: the source needs no subscriptions, or its file doesn't say how they are made"}
		}
	}
	var receiver *engine.Receiver
	if !c.Simulated { // whose secrets are no secret
		receiver, _ = program.Receiver(own)
	}
	return poll.Account{
		Code: code, Source: source, Connector: connector, Subscriber: subscriber, Simulated: c.Simulated,
		Concurrency: cmp.Or(c.Concurrency, 4),
		Budget:      parcel.Budget{Calls: cmp.Or(c.Calls, source.Budget.Calls), Per: cmp.Or(c.Per, source.Budget.Per)},
	}, receiver, nil
}

// trialsOf are the questions that only the operator wants answered: the
// canaries, or where there are none and the credentials might be wrong, a
// number that a carrier's file invented.
func trialsOf(catalogue *carrier.Catalogue, source *carrier.Source, c config.Account) []poll.Trial {
	if !source.Asked {
		return nil
	}
	example, with := exampleOf(catalogue, source.Code)
	var all []poll.Trial
	for _, number := range c.Canaries {
		all = append(all, poll.Trial{Canary: number, Ask: carrier.Ask{Number: number, With: with}})
	}
	if len(all) == 0 && len(source.Account) > 0 && !c.Simulated && example != "" {
		all = append(all, poll.Trial{Ask: carrier.Ask{Number: example, With: with}})
	}
	return all
}

// exampleOf is a number of a carrier that the source is asked about, and what
// that carrier's file gives the source.
func exampleOf(catalogue *carrier.Catalogue, code carrier.SourceCode) (number string, with map[string]string) {
	for _, c := range catalogue.Carriers() {
		for _, via := range c.Via {
			if via.Source == code && len(c.Formats) > 0 && len(c.Formats[0].Good) > 0 {
				return c.Formats[0].Good[0], via.With
			}
		}
	}
	return "", nil
}

// shapes is told how the answers of a source are built.
type shapes func(carrier.SourceCode, carrier.Shape)

func (s shapes) of(code carrier.SourceCode) func(carrier.Shape) {
	if s == nil {
		return nil
	}
	return func(shape carrier.Shape) { s(code, shape) }
}

// ownHosts are the hosts of the operator's own base addresses: the only
// private addresses that the client may call.
func ownHosts(configured map[string]map[string]config.Account) []string {
	var hosts []string
	for _, accounts := range configured {
		for _, a := range accounts {
			for _, own := range []string{a.Base, a.Login} {
				if u, err := url.Parse(own); err == nil && u.Host != "" {
					hosts = append(hosts, u.Host)
				}
			}
		}
	}
	return hosts
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
