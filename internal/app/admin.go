package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/fault"
)

type adminCommand struct {
	User    adminUserCommand    `cmd:"" help:"Look a member up for a purpose, lock, unlock, sign out, delete a child's data."`
	Staff   adminStaffCommand   `cmd:"" help:"Who works for this installation: invite, list, lock, change duties, give a new link."`
	Role    adminRoleCommand    `cmd:"" help:"What each duty of the staff, and each role in a business account, may do."`
	Request adminRequestCommand `cmd:"" help:"Requests about people's data: list them."`
	Quota   adminQuotaCommand   `cmd:"" help:"How much an account's programs may draw: show it, give an account its own."`
	Key     adminKeyCommand     `cmd:"" help:"The regional keys that wrap people's keys: list them, wrap with the newest."`

	Incident adminIncidentCommand `cmd:"" help:"What happened to people's data: declare it, list what is open, take the record out."`

	Closing adminClosing `cmd:"" help:"That the business ends or is handed over: declare, show, cancel."`

	Backup    adminBackup    `cmd:"" help:"Copy all databases but the key stores to a folder, while everything runs."`
	Expire    adminExpire    `cmd:"" help:"Delete what has been kept as long as it may, as happens every hour; or say what would go."`
	Inventory adminInventory `cmd:"" help:"What is declared of every column that is stored: whose, what for, how long, how protected."`
	Hold      adminHold      `cmd:"" help:"Legal holds: whose data has to stay though its time is over. Set, list, review, lift."`
	Restore   adminRestore   `cmd:"" help:"Fill new databases from a backup, and erase again who was erased since."`
}

// adminWhere is where the databases and keys are: what serve is given too.
type adminWhere struct {
	Data   string `help:"Folder of the embedded database. Default ./data." type:"path"`
	Config string `help:"Configuration file; the one that serve is given." type:"path" env:"WAYPOST_CONFIG"`
	JSON   bool   `name:"json" help:"As JSON, for programs."`
}

// missing tells of regions that can't be reached, so that what is there isn't listed.
func missing(out io.Writer, away []string) {
	if len(away) > 0 {
		fmt.Fprintf(out, "These regions can't be reached right now, so what is there is missing: %s.\n", strings.Join(away, ", "))
	}
}

// open opens the people's databases, beside a server that runs or without one.
func (w adminWhere) open(ctx context.Context, stdio Stdio, do func(p *people, cfg config.Config) error) error {
	return w.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, log *slog.Logger) error {
		p, err := openPeople(ctx, cfg, databases, prometheus.NewRegistry(), log)
		if err != nil {
			return err
		}
		defer p.close() //nolint:errcheck // what was written is committed
		return do(p, cfg)
	})
}

// databases opens all of them, beside a server that runs or without one.
func (w adminWhere) databases(ctx context.Context, stdio Stdio, do func(databases *db.Set, cfg config.Config, log *slog.Logger) error) error {
	cfg, err := w.settings()
	if err != nil {
		return err
	}
	log := newLogger(cfg.Log, stdio.Err)
	databases, err := openDatabases(ctx, cfg.Database, db.Options{Log: log})
	if err != nil {
		return err
	}
	defer databases.Close() //nolint:errcheck // what was written is committed
	return do(databases, cfg, log)
}

// settings reads the configuration, and sees that there is a data folder.
func (w adminWhere) settings() (config.Config, error) {
	given := map[string]any{}
	if w.Data != "" {
		given["data"] = w.Data
	}
	cfg, err := config.Load(w.Config, environment(), given)
	if err != nil {
		return cfg, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return cfg, fault.New(fault.Unavailable, "data_folder", "Can't make the data folder %s. Name another with --data.").With(cfg.Data).Because(err)
	}
	return cfg, nil
}

// tell prints a result as JSON, or in words.
func (w adminWhere) tell(out io.Writer, v any, words func(out io.Writer)) error {
	if !w.JSON {
		words(out)
		return nil
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// adminWhy is for what somebody looks.
type adminWhy struct {
	Purpose string `required:"" placeholder:"KIND:NUMBER" help:"What for: ticket:T-4711; whatever else staff look for has pages of its own. It is written down, and the member can read it."`
}

func (w adminWhy) why() account.Why {
	matter, ref, _ := strings.Cut(w.Purpose, ":")
	return account.Why{Matter: account.Matter(matter), Ref: ref}
}

// tellFirstLink prints the link by which the first of the staff comes in, at
// the first start and whenever an unused one is over.
func (s *server) tellFirstLink(ctx context.Context, out io.Writer, base string) error {
	link, err := s.people.members.Staff().First(ctx, false)
	if account.Away(err) {
		s.log.Warn("whether anybody is among the staff can't be looked up, because a region is away", "err", err)
		return nil
	}
	if err != nil {
		return err
	}
	if link.Token != "" {
		printLink(out, "Nobody is among the staff yet. The first one comes in here, once", base, link)
	}
	return nil
}

func printLink(out io.Writer, words, base string, link account.Link) {
	fmt.Fprintf(out, "%s, until %s:\n  %s\n", words, link.Ends.Format("2006-01-02 15:04 UTC"), linkAt(base, link))
}

func linkAt(base string, link account.Link) string {
	return strings.TrimSuffix(base, "/") + "/staff/enter/" + string(link.Token)
}
