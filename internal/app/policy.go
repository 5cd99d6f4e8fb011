package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/figure"
	"waypost/internal/policy"
	"waypost/internal/web/legal"
)

// policyFacts are what the policy says of an installation.
func policyFacts(cfg config.Config) (policy.Facts, error) {
	parties, err := parties(cfg)
	if err != nil {
		return policy.Facts{}, err
	}
	p := cfg.Policy
	f := policy.Facts{
		Operator: policy.Operator{Company: p.Company, Address: p.Address, Officer: p.Officer, Mail: p.Mail, Phone: p.Phone},
		Fields:   slices.Concat(declarations(), keyDeclarations()),
		Parties:  parties,
		HTTPS:    strings.HasPrefix(cfg.URL, "https://"),
		Backups:  time.Duration(p.Backups) * 24 * time.Hour,
		Under:    account.GuardianUnder,
		Training: cfg.Staff.TrainingEvery,
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Database.People)) {
		f.Regions = append(f.Regions, policy.Region{Name: name, Place: p.Places[name], Country: p.Countries[name], Countries: cfg.Database.Serves[name], Copies: cfg.Database.Copies[name]})
	}
	f.Transfers, f.Now = transfers(cfg, parties), time.Now()
	return f, nil
}

// transfers are what crosses a border as the installation is set up.
func transfers(cfg config.Config, parties []policy.Party) []policy.Transfer {
	var all []policy.Transfer
	for _, x := range cfg.Crossings() {
		a := cfg.Transfers.Countries[x.To]
		t := policy.Transfer{From: x.From, To: x.To, Ground: x.Ground, Record: x.Record, Level: a.Level, Assessed: a.Assessed, Review: a.Next()}
		t.Party = policy.Party{Code: x.Of, On: true}
		if at := slices.IndexFunc(parties, func(p policy.Party) bool { return p.Code == x.Of || p.Service == x.Of }); at >= 0 {
			t.Party = parties[at]
		}
		all = append(all, t)
	}
	return all
}

// parties are all who can get something, on or off as the installation is set up.
func parties(cfg config.Config) ([]policy.Party, error) {
	host, _, err := net.SplitHostPort(cfg.Mail.SMTP)
	if err != nil {
		host = ""
	}
	signIn, err := provider.New(cfg.Providers)
	if err != nil {
		return nil, err
	}
	h := cfg.Policy.Hosting
	all := []policy.Party{
		{Code: "carriers", On: true},
		{Code: "mail", Name: host, Where: cfg.Policy.Recipients["mail"], On: cfg.Mail.SMTP != ""},
		{Code: "sms", Name: cfg.SMS.Provider, Where: cfg.Policy.Recipients["sms"], On: cfg.SMS.Provider != ""},
	}
	for _, p := range signIn.All() {
		all = append(all, policy.Party{Code: "provider", Service: string(p.Code()), Name: p.Name(), Where: cfg.Policy.Recipients[string(p.Code())], On: true})
	}
	return append(all,
		policy.Party{Code: "receivers", On: true},
		policy.Party{Code: "hosting", Name: h.Name, Where: h.Country, On: h.Name != ""},
		policy.Party{Code: "acme", On: len(cfg.TLS.ACME) > 0},
	), nil
}

// openLegal makes the pages of the policy.
func (s *server) openLegal() error {
	facts, err := policyFacts(s.cfg)
	if err != nil {
		return err
	}
	s.warnOfGaps(facts)
	if err := measureReviews(s.registry, s.cfg); err != nil {
		return err
	}
	s.legal, err = legal.New(legal.Options{
		Kit: s.kit, Policy: s.policy, Facts: facts, Versions: s.versions, Modules: modules(), Recipients: s.notices, Counts: s.lawful.Counts, Gate: figure.New(s.cfg.Publish.Least), Fail: s.site.Fail, Log: s.log,
	})
	return err
}

// modules are the libraries that the program was built with.
func modules() []legal.Module {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var all []legal.Module
	for _, m := range built.Deps {
		all = append(all, legal.Module{Path: m.Path, Version: m.Version})
	}
	return all
}

// warnOfGaps logs what the policy lacks, which a demonstration may.
func (s *server) warnOfGaps(f policy.Facts) {
	if s.cfg.Demo {
		return
	}
	for _, g := range policy.Gaps(f) {
		s.log.Warn("the privacy policy has a gap; see `waypost policy check`", "what", g.What, "why", g.Why)
	}
}

// announceEvery is how often it is looked up whether members are to be told of a
// version of the policy.
const announceEvery = time.Hour

// announce looks up every hour what a region's members are to be told.
func (s *server) announce(r *account.Store) {
	s.people.queueOf(r.Region()).Every("policy.announce_"+r.Region(), announceEvery, func(ctx context.Context) error {
		return s.announceTo(ctx, r)
	})
}

// announceTo has a region's members told of a version that lessens rights, before
// it applies.
func (s *server) announceTo(ctx context.Context, r *account.Store) error {
	v, err := s.versions.Announced(ctx, time.Now())
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return r.Announce(ctx, v.Number, v.Applies)
}

type policyCommand struct {
	Check     policyCheckCommand     `cmd:"" help:"Name every promise whose mechanism is off, what the operator hasn't said, and what is to be reviewed."`
	Transfers policyTransfersCommand `cmd:"" help:"What crosses a border as the installation is set up, on what ground, and when the countries' protection is reviewed."`
	Show      policyShowCommand      `cmd:"" help:"The policy as it stands, in words."`
	Publish   policyPublishCommand   `cmd:"" help:"Keep the policy as it stands as a numbered version."`
	List      policyListCommand      `cmd:"" help:"The versions that were published."`
	Diff      policyDiffCommand      `cmd:"" help:"What changed between two versions, in words."`
}

// policy opens the versions, beside a server that runs or without one.
func (w adminWhere) policy(ctx context.Context, stdio Stdio, do func(b *policy.Book, p *policy.Policy, f policy.Facts) error) error {
	return w.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, _ *slog.Logger) error {
		facts, err := policyFacts(cfg)
		if err != nil {
			return err
		}
		templates, err := policy.Read()
		if err != nil {
			return err
		}
		book, err := policy.Open(ctx, databases.Parcels)
		if err != nil {
			return err
		}
		return do(book, templates, facts)
	})
}

var errGaps = fault.New(fault.Conflict, "policy_gaps", "The policy has %d gaps.")

type policyCheckCommand struct{ adminWhere }

func (c policyCheckCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.policy(ctx, stdio, func(b *policy.Book, p *policy.Policy, f policy.Facts) error {
		gaps := policy.Gaps(f)
		if last, err := b.Last(ctx); fault.KindOf(err) == fault.NotFound {
			gaps = append(gaps, policy.Gap{What: "versions", Why: "nothing was published yet: waypost policy publish"})
		} else if err != nil {
			return err
		} else if len(policy.Changed(policy.Diff(last.Document(policy.Langs[0]), p.Write(policy.Langs[0], f)))) > 0 {
			gaps = append(gaps, policy.Gap{What: "versions", Why: fmt.Sprintf("what holds now differs from version %d: waypost policy diff, then publish", last.Number)})
		}
		err := c.tell(stdio.Out, gaps, func(out io.Writer) {
			for _, g := range gaps {
				fmt.Fprintf(out, "%-24s %s\n", g.What, g.Why)
			}
			if len(gaps) == 0 {
				fmt.Fprintln(out, "Every promise is kept, and everything is said.")
			}
		})
		if err == nil && len(gaps) > 0 {
			err = errGaps.With(len(gaps))
		}
		return err
	})
}

type policyTransfersCommand struct{ adminWhere }

// A crossing is a transfer as programs read it.
type crossing struct {
	From     string `json:"from"`
	Who      string `json:"who"` // mail, sms, hosting, teams, or a provider's name
	To       string `json:"to"`
	Ground   string `json:"ground"`
	Record   string `json:"record,omitempty"`
	Level    string `json:"level"`
	Assessed string `json:"assessed"`
	Review   string `json:"review"`
	Overdue  bool   `json:"overdue"`
}

func (c policyTransfersCommand) Run(_ context.Context, stdio Stdio) error {
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	facts, err := policyFacts(cfg)
	if err != nil {
		return err
	}
	all := []crossing{}
	for _, x := range facts.Transfers {
		who := cmp.Or(x.Party.Service, x.Party.Code)
		all = append(all, crossing{x.From, who, x.To, x.Ground, x.Record, x.Level, x.Assessed, x.Review.Format(time.DateOnly), x.Overdue(facts.Now)})
	}
	return c.tell(stdio.Out, all, func(out io.Writer) {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		if len(all) == 0 {
			fmt.Fprintln(table, "Nothing crosses a border, as far as countries are said: policy.countries, policy.recipients.")
		} else {
			fmt.Fprintln(table, "FROM\tWHO\tTO\tGROUND\tRECORD\tPROTECTION\tASSESSED\tREVIEW")
		}
		for _, x := range all {
			review := x.Review
			if x.Overdue {
				review += " (overdue)"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.From, x.Who, x.To, x.Ground, cmp.Or(x.Record, "-"), x.Level, x.Assessed, review)
		}
		table.Flush() //nolint:errcheck // nobody is left to tell
	})
}

type policyShowCommand struct {
	adminWhere
	Lang string `help:"en or zh." enum:"en,zh" default:"en"`
}

func (c policyShowCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.policy(ctx, stdio, func(_ *policy.Book, p *policy.Policy, f policy.Facts) error {
		d := p.Write(c.Lang, f)
		return c.tell(stdio.Out, d, func(out io.Writer) { printChanges(out, policy.Diff(policy.Document{}, d), "") })
	})
}

type policyPublishCommand struct {
	adminWhere
	From string `placeholder:"DATE" help:"From when on it applies, 2026-03-02; needed for a version that lessens rights, 30 days ahead at least. Default at once."`
}

var errFrom = fault.New(fault.Invalid, "policy_from", "%s is no day like 2026-03-02.")

func (c policyPublishCommand) Run(ctx context.Context, stdio Stdio) error {
	now := time.Now()
	from := now
	if c.From != "" {
		var err error
		if from, err = time.Parse(time.DateOnly, c.From); err != nil {
			return errFrom.With(c.From)
		}
	}
	return c.policy(ctx, stdio, func(b *policy.Book, p *policy.Policy, f policy.Facts) error {
		var documents []policy.Document
		for _, lang := range policy.Langs {
			documents = append(documents, p.Write(lang, f))
		}
		v, err := b.Publish(ctx, documents, policy.Reaches(f, documents[0]), from, now)
		if err != nil {
			return err
		}
		return c.tell(stdio.Out, newPublished(v), func(out io.Writer) {
			fmt.Fprintf(out, "Published version %d, which applies from %s on.\n", v.Number, v.Applies.Format(time.DateOnly))
			for _, why := range v.Lessens {
				fmt.Fprintf(out, "  It lessens rights and is announced: %s\n", why)
			}
		})
	})
}

// A published is a version as programs read it.
type published struct {
	Number    int       `json:"number"`
	Published time.Time `json:"published"` // UTC
	Applies   time.Time `json:"applies"`   // UTC
	Lessens   []string  `json:"lessens,omitempty"`
}

func newPublished(v policy.Version) published {
	return published{v.Number, v.Published, v.Applies, v.Lessens}
}

type policyListCommand struct{ adminWhere }

func (c policyListCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.policy(ctx, stdio, func(b *policy.Book, _ *policy.Policy, _ policy.Facts) error {
		versions, err := b.Versions(ctx)
		if err != nil {
			return err
		}
		all := []published{}
		for _, v := range versions {
			all = append(all, newPublished(v))
		}
		return c.tell(stdio.Out, all, func(out io.Writer) {
			for _, v := range all {
				fmt.Fprintf(out, "%3d  published %s  applies from %s\n", v.Number, v.Published.Format(time.DateOnly), v.Applies.Format(time.DateOnly))
			}
			if len(all) == 0 {
				fmt.Fprintln(out, "Nothing was published yet.")
			}
		})
	})
}

type policyDiffCommand struct {
	adminWhere
	From int    `arg:"" optional:"" help:"A version's number. Default the newest."`
	To   int    `arg:"" optional:"" help:"Another one's. Default what holds now."`
	Lang string `help:"en or zh." enum:"en,zh" default:"en"`
}

func (c policyDiffCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.policy(ctx, stdio, func(b *policy.Book, p *policy.Policy, f policy.Facts) error {
		from, err := b.Last(ctx)
		if c.From > 0 {
			from, err = b.Version(ctx, c.From)
		}
		if err != nil {
			return err
		}
		to := p.Write(c.Lang, f)
		if c.To > 0 {
			v, err := b.Version(ctx, c.To)
			if err != nil {
				return err
			}
			to = v.Document(c.Lang)
		}
		changes := policy.Changed(policy.Diff(from.Document(c.Lang), to))
		return c.tell(stdio.Out, changes, func(out io.Writer) {
			printChanges(out, changes, "  ")
			if len(changes) == 0 {
				fmt.Fprintln(out, "Nothing changed.")
			}
		})
	})
}

// printChanges prints sentences below their sections' titles, - gone and + added.
func printChanges(out io.Writer, changes []policy.Change, same string) {
	signs := map[policy.Sign]string{policy.Gone: "- ", policy.Added: "+ ", policy.Same: same}
	title := ""
	for _, c := range changes {
		if c.Section != title {
			title = c.Section
			fmt.Fprintf(out, "\n%s\n", title)
		}
		sign := signs[c.Sign]
		if same == "" {
			sign = ""
		}
		fmt.Fprintln(out, sign+c.Text)
	}
}
