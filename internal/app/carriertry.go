package app

import (
	"context"
	"fmt"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/health"
	"waypost/internal/outbound"
	"waypost/internal/poll"
)

type carrierTryCommand struct {
	Account carrier.AccountCode `arg:"" help:"SOURCE/NAME, as in the configuration; SOURCE is all of its accounts."`
	Number  string              `help:"Number to ask about. Default: the account's canaries, or a number that the carrier's file invented."`
	Config  string              `help:"Configuration file with the carrier accounts." type:"path" env:"WAYPOST_CONFIG"`
}

func (c carrierTryCommand) Run(ctx context.Context, stdio Stdio) error {
	cfg, err := config.Load(c.Config, environment(), nil)
	if err != nil {
		return err
	}
	k, err := loadKnowledge(cfg.Carriers)
	if err != nil {
		return err
	}
	client := outbound.New(outbound.Options{Timeout: cfg.Poll.Timeout, Allow: ownHosts(cfg.Accounts)})
	connected, err := connect(k.catalogue, cfg.Accounts, client, nil)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, append(k.mistakes, connected.broken...))
	tried, failed := 0, false
	for _, a := range connected.accounts {
		if a.Code != c.Account && string(a.Source.Code) != string(c.Account) {
			continue
		}
		for _, t := range c.trials(k, a) {
			tried++
			failed = !c.try(ctx, stdio, a, t) || failed
		}
	}
	switch {
	case tried == 0:
		return fault.New(fault.NotFound, "carrier_try", "There is no account %s in the configuration, or nothing to ask it about; see --number.").With(c.Account)
	case failed:
		return errCarrier
	}
	return nil
}

func (c carrierTryCommand) trials(k *knowledge, a poll.Account) []poll.Trial {
	number, with := exampleOf(k.catalogue, a.Source.Code)
	switch {
	case c.Number != "":
		number = c.Number
	case len(a.Trials) > 0:
		return a.Trials
	case number == "":
		return nil
	}
	return []poll.Trial{{Ask: carrier.Ask{Number: number, With: with}}}
}

// try asks once and tells what came of it. That an invented number isn't known
// is as good as a history: the account is in order.
func (c carrierTryCommand) try(ctx context.Context, stdio Stdio, a poll.Account, t poll.Trial) (good bool) {
	_, outcome, reason := a.Try(ctx, t)
	fmt.Fprintln(stdio.Out, strings.TrimSpace(fmt.Sprintf("%s, asked about %s: %s %s", a.Code, t.Ask.Number, outcome, reason)))
	return outcome == health.Found || outcome == string(carrier.Missing)
}
