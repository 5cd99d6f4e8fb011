package app

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/replay"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/sim"
)

type simCommand struct {
	Addr  string        `default:"127.0.0.1:9099" help:"Where it listens, HOST:PORT."`
	Ago   time.Duration `default:"96h" help:"How far back its clock starts."`
	Speed float64       `default:"300" help:"How fast its clock runs until it reaches the present."`

	Carriers string `help:"Overlay folder of carrier files, to be answered as their vectors say." type:"path"`
}

func (c simCommand) Run(ctx context.Context, stdio Stdio) error {
	if c.Speed < 1 || c.Ago < 0 {
		return fault.New(fault.Invalid, "sim_clock", "The clock can't run backwards: --speed is 1 or more, --ago 0 or more.")
	}
	k, err := loadKnowledge(c.Carriers)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, k.mistakes)
	listener, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	simulator := sim.New(sim.Options{Clock: sim.NewClock(time.Now().Add(-c.Ago), c.Speed)})
	base := "http://" + listener.Addr().String()
	fmt.Fprintf(stdio.Out, "Carrier simulator: %s\nFaults on demand: %s/_sim/\n\n", base, base)
	fmt.Fprintf(stdio.Out, "To ask it, give an account its address:\n\naccounts:\n")
	for _, source := range simulator.Sources() {
		line := accountYAML(base, source, simulator.Credentials(source))
		if _, ok := k.catalogue.Source(carrier.SourceCode(source)); !ok {
			line = "# " + line // whoever writes its file can ask it: docs/carriers.md
		}
		fmt.Fprintf(stdio.Out, "  %s\n", line)
	}
	mux := http.NewServeMux()
	mux.Handle("/", simulator.Handler())
	c.replay(mux, stdio, base, replayable(k.catalogue, simulator.Sources()))
	return serveUntil(ctx, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, listener)
}

// replay serves sources as their vectors say. One that can't be is told and left out.
func (c simCommand) replay(mux *http.ServeMux, stdio Stdio, base string, all []*carrier.Source) {
	fmt.Fprintf(stdio.Out, "\n  # These answer as their files' vectors do, about any number:\n")
	for _, s := range all {
		source, err := replay.New(s)
		if err != nil {
			fmt.Fprintf(stdio.Err, "left out: %v\n", err)
			continue
		}
		name := string(s.Code)
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, source))
		values := map[string]string{}
		for _, value := range s.Account {
			values[value] = "replayed"
		}
		fmt.Fprintf(stdio.Out, "  %s\n", accountYAML(base, name, values))
	}
}

func accountYAML(base, source string, values map[string]string) string {
	return fmt.Sprintf("%s: {main: {base: '%s/%s', simulated: true%s}}", source, base, source, valuesYAML(values))
}

// replayable are the sources that can be asked and have answers, and for which the
// simulator has no world.
func replayable(catalogue *carrier.Catalogue, simulated []string) (all []*carrier.Source) {
	for _, s := range catalogue.Sources() {
		answers := slices.ContainsFunc(s.Vectors, func(v carrier.Vector) bool { return v.Answer != "" && len(v.Asked) > 0 })
		if s.Asked && answers && !slices.Contains(simulated, string(s.Code)) {
			all = append(all, s)
		}
	}
	return all
}

func valuesYAML(values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	var pairs []string
	for _, name := range sortedKeys(values) {
		pairs = append(pairs, fmt.Sprintf("%s: '%s'", name, values[name]))
	}
	return ", values: {" + strings.Join(pairs, ", ") + "}"
}

// simulation is a simulator on a free port of this machine.
type simulation struct {
	server *sim.Server
	base   string // http://127.0.0.1:PORT
}

// startSimulation runs a simulator until ctx ends. Its clock begins four days
// back and takes twenty minutes to reach the present, so that parcels move
// while somebody looks.
func startSimulation(ctx context.Context) (*simulation, error) {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	const back, within = 96 * time.Hour, 20 * time.Minute
	s := &simulation{
		server: sim.New(sim.Options{Clock: sim.NewClock(time.Now().Add(-back), float64(back)/float64(within))}),
		base:   "http://" + listener.Addr().String(),
	}
	go serveUntil(ctx, &http.Server{Handler: s.server.Handler(), ReadHeaderTimeout: 10 * time.Second}, listener) //nolint:errcheck // it ends with ctx; before, carriers would be seen to be down
	return s, nil
}

// accounts connects every source that the simulator speaks for to it, and no
// other: a demo asks nobody outside.
func (s *simulation) accounts(catalogue *carrier.Catalogue) map[string]map[string]config.Account {
	all := map[string]map[string]config.Account{}
	for _, source := range catalogue.Sources() {
		all[string(source.Code)] = nil
	}
	for _, source := range s.server.Sources() {
		if _, ok := catalogue.Source(carrier.SourceCode(source)); !ok {
			continue
		}
		values := map[string]config.Secret{}
		for name, value := range s.server.Credentials(source) {
			values[name] = config.Secret(value)
		}
		all[source] = map[string]config.Account{"simulator": {
			Values: values, Base: s.base + "/" + source, Simulated: true, Concurrency: 4, Calls: 100_000, Per: time.Hour,
		}}
	}
	return all
}

// providers adds the simulator's provider to those to sign in with. Only a browser
// on this machine reaches it, so it is offered where the site's address is here.
func (s *simulation) providers(c config.Providers, site string) config.Providers {
	u, err := url.Parse(site)
	if err != nil {
		return c
	}
	if addr, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !addr.IsLoopback()) {
		return c
	}
	all := map[string]config.OIDCProvider{"demo": {
		Issuer: s.base + sim.LoginPath, ClientID: "waypost", Label: "Demo ID", Scopes: []string{"openid", "email", "profile"},
	}}
	maps.Copy(all, c.OIDC)
	c.OIDC = all
	return c
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var how net.ListenConfig
	listener, err := how.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "listen", "Can't listen on %s. Is another program there already? Choose another with --addr.").
			With(addr).Because(err)
	}
	return listener, nil
}
