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
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/poll"
)

// openAccount names the account of a source that needs no credentials.
const openAccount = "open"

// connect makes the accounts that sources are asked with: the configured
// ones, and one for each source that is open to all unless the settings name
// it without an account. Every mistake in the settings is reported at once, by its name; a source whose expressions are
// wrong is left out, and told by its mistakes.
func connect(catalogue *carrier.Catalogue, configured map[string]map[string]config.Account, client *outbound.Client) ([]poll.Account, []carrier.Mistake, error) {
	var accounts []poll.Account
	var mistakes []string
	var broken []carrier.Mistake
	for _, name := range sortedKeys(configured) {
		if _, ok := catalogue.Source(carrier.SourceCode(name)); !ok {
			mistakes = append(mistakes, fmt.Sprintf("accounts.%s: there is no such source; see: waypost carrier list", name))
		}
	}
	for _, source := range catalogue.Sources() {
		own, named := configured[string(source.Code)]
		if !named && len(source.Account) == 0 {
			own = map[string]config.Account{openAccount: {Concurrency: 4}}
		}
		if len(own) == 0 {
			continue
		}
		program, wrong := engine.Compile(source)
		if len(wrong) > 0 {
			broken = append(broken, wrong...)
			continue
		}
		for _, name := range sortedKeys(own) {
			a, wrong := connectOne(program, source, name, own[name], client)
			accounts = append(accounts, a)
			mistakes = append(mistakes, wrong...)
		}
	}
	if len(mistakes) > 0 {
		return nil, nil, fault.New(fault.Invalid, "config_accounts", "The accounts can't be used:\n  %s").With(strings.Join(mistakes, "\n  "))
	}
	return accounts, broken, nil
}

func connectOne(program *engine.Program, source *carrier.Source, name string, c config.Account, client *outbound.Client) (poll.Account, []string) {
	at := "accounts." + string(source.Code) + "." + name
	var mistakes []string
	values := map[string]string{}
	for _, key := range sortedKeys(c.Values) {
		values[key] = string(c.Values[key])
		if !slices.Contains(source.Account, key) {
			mistakes = append(mistakes, fmt.Sprintf("%s.values.%s: the source knows no such value; it takes %s", at, key, strings.Join(source.Account, ", ")))
		}
	}
	for _, key := range source.Account {
		if values[key] == "" {
			mistakes = append(mistakes, fmt.Sprintf("%s.values.%s: is missing", at, key))
		}
	}
	if len(mistakes) > 0 {
		return poll.Account{}, mistakes
	}
	code := carrier.AccountCode(string(source.Code) + "/" + name)
	connector, err := program.Connect(engine.Account{Code: code, Values: values, Base: c.Base, Login: c.Login}, client)
	if err != nil {
		return poll.Account{}, []string{fmt.Sprintf("%s: %v", at, err)}
	}
	return poll.Account{
		Code: code, Source: source, Connector: connector, Simulated: c.Simulated,
		Concurrency: cmp.Or(c.Concurrency, 4),
		Budget:      parcel.Budget{Calls: cmp.Or(c.Calls, source.Budget.Calls), Per: cmp.Or(c.Per, source.Budget.Per)},
	}, nil
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
