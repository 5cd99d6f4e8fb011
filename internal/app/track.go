package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
	"waypost/internal/poll"
	"waypost/internal/recognise"
	"waypost/internal/status"
)

type trackCommand struct {
	Numbers []string      `arg:"" help:"Tracking numbers."`
	Need    carrier.Given `help:"What carriers want to know besides the number: postal_code=10117, phone_last4=0142, ship_date=2026-03-31, account=…, destination_country=NO. It is told to the carriers that are asked, and kept nowhere." mapsep:","`
	Carrier carrier.Code  `help:"The carrier, by code, if it is known."`
	Country string        `help:"Country that speaks for its own carriers, two letters: DE."`
	JSON    bool          `name:"json" help:"As a JSON list."`
	Config  string        `help:"Configuration file with the carrier accounts." type:"path" env:"WAYPOST_CONFIG"`
	Demo    bool          `help:"Ask the built-in carrier simulator instead of the carriers."`
}

func (c trackCommand) Run(ctx context.Context, stdio Stdio) error {
	cfg, err := config.Load(c.Config, environment(), nil)
	if err != nil {
		return err
	}
	k, err := loadKnowledge(cfg.Carriers)
	if err != nil {
		return err
	}
	if c.Demo {
		simulation, err := startSimulation(ctx)
		if err != nil {
			return err
		}
		cfg.Accounts = simulation.accounts(k.catalogue)
		fmt.Fprintln(stdio.Err, "Simulated: what follows is made up by the carrier simulator.")
	}
	client := outbound.New(outbound.Options{Timeout: cfg.Poll.Timeout, Allow: ownHosts(cfg.Accounts)})
	connected, err := connect(k.catalogue, cfg.Accounts, client, nil)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, append(k.mistakes, connected.broken...))
	return c.ask(ctx, stdio, k, connected.accounts)
}

func (c trackCommand) ask(ctx context.Context, stdio Stdio, k *knowledge, accounts []poll.Account) error {
	if c.Carrier != "" {
		if _, ok := k.catalogue.Carrier(c.Carrier); !ok {
			return fault.New(fault.NotFound, "carrier_unknown", "There is no carrier %q. See: waypost carrier list").With(c.Carrier)
		}
	}
	given, err := tidied(c.Need)
	if err != nil {
		return err
	}
	var answers []answerJSON
	var failed error
	now := time.Now()
	for _, text := range c.Numbers {
		n := k.index.Number(text, recognise.Hints{Country: strings.ToUpper(c.Country)})
		h, err := poll.Ask(ctx, k.catalogue, accounts, n, c.Carrier, given)
		var problem *carrier.Problem
		var told *fault.Error
		switch {
		case err == nil:
			answers = append(answers, answerOf(n.Text, h, now))
		case errors.As(err, &problem) && problem.Kind == carrier.Missing:
			if !c.JSON {
				fmt.Fprintf(stdio.Out, "%s  %s  No carrier that was asked knows it (yet).\n", n.Text, status.NotFoundOther)
			}
		case errors.As(err, &problem):
			failed = printProblem(stdio.Err, problemWord(problem.Kind), n.Text+": "+problem.Text, c.JSON)
		case errors.As(err, &told):
			failed = printProblem(stdio.Err, told.Code, told.Text, c.JSON)
		default:
			return fmt.Errorf("track %s: %w", n.Text, err)
		}
	}
	if len(answers) > 0 || failed == nil && c.JSON {
		if err := printAnswers(stdio.Out, c.JSON, answers); err != nil {
			return err
		}
	}
	return failed
}

// tidied brings what was typed into the form in which carriers are told it.
func tidied(typed carrier.Given) (carrier.Given, error) {
	given := carrier.Given{}
	for need, value := range typed {
		tidy, ok := need.Tidy(value)
		if !ok {
			return nil, fault.New(fault.Invalid, "need_form", "%s can't be %q. See: waypost track --help").With(need, value)
		}
		given[need] = tidy
	}
	return given, nil
}

// environment is the process's, without what only names the configuration file.
func environment() []string {
	var all []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "WAYPOST_CONFIG=") {
			all = append(all, v)
		}
	}
	return all
}
