package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/incident"
)

type adminIncidentCommand struct {
	Declare adminIncidentDeclare `cmd:"" help:"Declare one, from when on the time to tell the authorities runs."`
	List    adminIncidentList    `cmd:"" help:"All incidents, what is overdue first."`
	Export  adminIncidentExport  `cmd:"" help:"Write the record of one to a ZIP: the report, and the drafts for the authorities."`
}

type (
	adminIncidentDeclare struct {
		adminWhere
		Title    string            `arg:"" help:"In one line, without anybody's name."`
		Happened string            `required:"" help:"What happened to which data."`
		Severity incident.Severity `required:"" enum:"low,medium,high" help:"How much harm it can do to people: low, medium, high."`
		Noticed  string            `placeholder:"TIME" help:"When it was noticed, in UTC: 2026-03-02T14:30. Default now."`
	}
	adminIncidentList   struct{ adminWhere }
	adminIncidentExport struct {
		adminWhere
		ID     string `arg:"" help:"I-7"`
		File   string `arg:"" help:"Where to write the ZIP." type:"path"`
		People bool   `help:"With the list of those whom it concerns, which an authority asked for. Each of them can read that."`
		Lang   string `help:"Language of the report: en, zh or ar." enum:"en,zh,ar" default:"en"`
	}
)

var (
	errNoticed  = fault.New(fault.Invalid, "incident_noticed", "%s is no time like 2026-03-02T14:30, in UTC.")
	errExported = fault.New(fault.Unavailable, "incident_file", "Can't write %s. Is there such a folder, and may this user write there?")
)

// incidents opens those that there were, beside a server that runs or without one.
func (w adminWhere) incidents(ctx context.Context, stdio Stdio, do func(all *incident.Incidents) error) error {
	return w.open(ctx, stdio, func(p *people, cfg config.Config) error {
		all, err := p.incidents(ctx, cfg, senders{noMail{}, noSMS{}, nil}, newLogger(cfg.Log, stdio.Err), nil)
		if err != nil {
			return err
		}
		return do(all)
	})
}

func (c adminIncidentDeclare) Run(ctx context.Context, stdio Stdio) error {
	noticed := time.Now()
	if c.Noticed != "" {
		var err error
		if noticed, err = time.Parse("2006-01-02T15:04", c.Noticed); err != nil {
			return errNoticed.With(c.Noticed)
		}
	}
	return c.incidents(ctx, stdio, func(all *incident.Incidents) error {
		id, err := all.Declare(ctx, account.Console(), c.Severity, incident.Facts{Title: c.Title, Happened: c.Happened}, incident.Times{Noticed: noticed})
		if err != nil {
			return err
		}
		return c.tell(stdio.Out, map[string]string{"id": string(id)}, func(out io.Writer) { fmt.Fprintln(out, id) })
	})
}

type incidentJSON struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	State    string    `json:"state"`
	Noticed  time.Time `json:"noticed"`
	Due      time.Time `json:"due,omitzero"` // by when the next authority is to be told
}

func (c adminIncidentList) Run(ctx context.Context, stdio Stdio) error {
	return c.incidents(ctx, stdio, func(all *incident.Incidents) error {
		some, err := all.List(ctx, account.Console())
		if err != nil {
			return err
		}
		list := []incidentJSON{}
		for _, one := range some {
			to := incidentJSON{ID: string(one.ID), Title: one.Facts.Title, Severity: string(one.Severity), State: string(one.State), Noticed: one.Times.Noticed}
			for _, d := range one.Duties {
				if !d.Settled() && (to.Due.IsZero() || d.Due.Before(to.Due)) {
					to.Due = d.Due
				}
			}
			list = append(list, to)
		}
		return c.tell(stdio.Out, list, func(out io.Writer) {
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tSTATE\tSEVERITY\tAUTHORITY DUE\tTITLE")
			for _, one := range list {
				due := "–"
				if !one.Due.IsZero() {
					due = one.Due.Format("2006-01-02 15:04 UTC")
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", one.ID, one.State, one.Severity, due, one.Title)
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
	})
}

func (c adminIncidentExport) Run(ctx context.Context, stdio Stdio) error {
	return c.incidents(ctx, stdio, func(all *incident.Incidents) (err error) {
		file, err := os.OpenFile(filepath.Clean(c.File), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return errExported.With(c.File).Because(err)
		}
		if err := all.Export(ctx, account.Console(), incident.ID(c.ID), incident.Export{Lang: c.Lang, People: c.People}, file); err != nil {
			file.Close()           //nolint:errcheck // what was written goes
			os.Remove(file.Name()) //nolint:errcheck // it says nothing
			return err
		}
		if err := file.Close(); err != nil {
			return errExported.With(c.File).Because(err)
		}
		return c.tell(stdio.Out, map[string]string{"file": c.File}, func(out io.Writer) { fmt.Fprintln(out, c.File) })
	})
}
