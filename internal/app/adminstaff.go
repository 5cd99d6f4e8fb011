package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
)

type adminStaffCommand struct {
	Invite adminStaffInvite `cmd:"" help:"Add somebody, and print the link by which they come in."`
	List   adminStaffList   `cmd:"" help:"Who is among the staff."`
	Lock   adminStaffLock   `cmd:"" help:"Keep somebody out, and sign them out."`
	Unlock adminStaffUnlock `cmd:"" help:"Let somebody in again who was locked out."`
	Role   adminStaffRole   `cmd:"" help:"Give somebody these duties and no others."`
	Link   adminStaffLink   `cmd:"" help:"Print a new link: for somebody who lost their app or password, or for the first of the staff."`
	Remove adminStaffRemove `cmd:"" help:"Take somebody out of the staff."`
}

// An adminColleague is which of the staff.
type adminColleague struct {
	adminWhere
	Address string `arg:"" help:"E-mail address or id."`
}

type (
	adminStaffInvite struct {
		adminColleague
		Role []account.Duty `required:"" enum:"support,privacy,security,operator" help:"Their duties: support, privacy, security, operator. See: waypost admin role list"`
	}
	adminStaffList   struct{ adminWhere }
	adminStaffLock   struct{ adminColleague }
	adminStaffUnlock struct{ adminColleague }
	adminStaffRole   struct {
		adminColleague
		Duties []account.Duty `arg:"" enum:"support,privacy,security,operator" help:"support, privacy, security, operator."`
	}
	adminStaffLink struct {
		adminWhere
		Address string `arg:"" optional:"" help:"E-mail address or id; none as long as nobody is among the staff."`
	}
	adminStaffRemove struct{ adminColleague }
)

type linkJSON struct {
	ID   string    `json:"id"`
	Link string    `json:"link"`
	Ends time.Time `json:"ends"`
}

func (w adminWhere) tellLink(stdio Stdio, cfg config.Config, link account.Link) error {
	return w.tell(stdio.Out, linkJSON{string(link.Staff), linkAt(cfg.URL, link), link.Ends}, func(out io.Writer) {
		printLink(out, "Give this link to nobody else. It works once", cfg.URL, link)
	})
}

func (c adminStaffInvite) Run(ctx context.Context, stdio Stdio) error {
	contact, err := account.MailOnly(c.Address)
	if err != nil {
		return err
	}
	return c.open(ctx, stdio, func(p *people, cfg config.Config) error {
		link, err := p.members.Staff().Invite(ctx, account.Console(), contact, c.Role)
		if err != nil {
			return err
		}
		return c.tellLink(stdio, cfg, link)
	})
}

func (c adminStaffLink) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, cfg config.Config) error {
		staff := p.members.Staff()
		if c.Address == "" {
			link, err := staff.First(ctx, true)
			if err != nil {
				return err
			}
			if link.Token == "" {
				return errWhichStaff
			}
			return c.tellLink(stdio, cfg, link)
		}
		who, err := staff.Named(ctx, account.Console(), c.Address)
		if err != nil {
			return err
		}
		link, err := staff.Relink(ctx, account.Console(), who.ID)
		if err != nil {
			return err
		}
		return c.tellLink(stdio, cfg, link)
	})
}

type colleagueJSON struct {
	ID      string         `json:"id"`
	State   string         `json:"state"`
	Name    string         `json:"name"`
	Address string         `json:"address"`
	Duties  []account.Duty `json:"duties"`

	Trained  *time.Time                 `json:"trained"`  // null never, or another version
	Due      *time.Time                 `json:"due"`      // until when the training holds; null they have to take it
	Used     map[account.Duty]time.Time `json:"used"`     // when each duty was last used
	Reviewed *time.Time                 `json:"reviewed"` // when somebody last said that the duties are still needed
}

// when is a time, nil for none.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (c adminStaffList) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		all, err := p.members.Staff().List(ctx, account.Console())
		if err != nil {
			return err
		}
		list := []colleagueJSON{}
		for _, one := range all {
			list = append(list, colleagueJSON{
				string(one.ID), one.State, one.Name, one.Contact.Value, one.Duties, when(one.Trained), when(one.Due), one.Used, when(one.Reviewed),
			})
		}
		return c.tell(stdio.Out, list, func(out io.Writer) {
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ADDRESS\tNAME\tSTATE\tDUTIES\tTRAINED UNTIL\tREVIEWED\tID")
			for _, one := range list {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.Address, one.Name, one.State, words(one.Duties), dayOr(one.Due, "not trained"), dayOr(one.Reviewed, "never"), one.ID)
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
	})
}

// dayOr writes a day, or other words for none.
func dayOr(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.Format(time.DateOnly)
}

// words writes a list of short words.
func words[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

// change does something to one of the staff and says so.
func (c adminColleague) change(ctx context.Context, stdio Stdio, done string, do func(staff account.Staff, id account.StaffID) error) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		staff := p.members.Staff()
		who, err := staff.Named(ctx, account.Console(), c.Address)
		if err != nil {
			return err
		}
		if err := do(staff, who.ID); err != nil {
			return err
		}
		return c.tell(stdio.Out, map[string]string{"id": string(who.ID), "done": done}, func(out io.Writer) { fmt.Fprintf(out, "%s %s\n", who.ID, done) })
	})
}

func (c adminStaffLock) Run(ctx context.Context, stdio Stdio) error {
	return c.change(ctx, stdio, "locked", func(staff account.Staff, id account.StaffID) error {
		return staff.LockOut(ctx, account.Console(), id)
	})
}

func (c adminStaffUnlock) Run(ctx context.Context, stdio Stdio) error {
	return c.change(ctx, stdio, "unlocked", func(staff account.Staff, id account.StaffID) error {
		return staff.LetIn(ctx, account.Console(), id)
	})
}

func (c adminStaffRole) Run(ctx context.Context, stdio Stdio) error {
	return c.change(ctx, stdio, "changed", func(staff account.Staff, id account.StaffID) error {
		return staff.SetDuties(ctx, account.Console(), id, c.Duties)
	})
}

func (c adminStaffRemove) Run(ctx context.Context, stdio Stdio) error {
	return c.change(ctx, stdio, "removed", func(staff account.Staff, id account.StaffID) error {
		return staff.Remove(ctx, account.Console(), id)
	})
}

type adminRoleCommand struct {
	List adminRoleList `cmd:"" help:"Print the tables of who may do what."`
}

type adminRoleList struct {
	JSON bool `name:"json" help:"As JSON, for programs."`
}

type rightJSON struct {
	Right string   `json:"right"`
	Who   []string `json:"who"`
}

type matterJSON struct {
	Matter string   `json:"matter"`
	Who    []string `json:"who"`
	May    []string `json:"may"`
}

func (c adminRoleList) Run(stdio Stdio) error {
	var staff, team []rightJSON
	var matters []matterJSON
	for _, e := range account.Empowerments {
		staff = append(staff, rightJSON{string(e.Power), strings.Split(words(e.Duties), ", ")})
	}
	for _, o := range account.Occasions {
		matters = append(matters, matterJSON{string(o.Matter), strings.Split(words(o.Duties), ", "), strings.Split(words(o.Powers), ", ")})
	}
	for _, g := range account.Grants {
		team = append(team, rightJSON{string(g.Right), strings.Split(words(g.Roles), ", ")})
	}
	return adminWhere{JSON: c.JSON}.tell(stdio.Out, map[string]any{"staff": staff, "matters": matters, "team": team}, func(out io.Writer) {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, part := range []struct {
			title string
			rows  []rightJSON
		}{{"STAFF MAY", staff}, {"IN A BUSINESS ACCOUNT ONE MAY", team}} {
			fmt.Fprintf(table, "%s\tAS\n", part.title)
			for _, r := range part.rows {
				fmt.Fprintf(table, "%s\t%s\n", r.Right, strings.Join(slices.Clip(r.Who), ", "))
			}
			fmt.Fprintln(table, "\t")
		}
		fmt.Fprintln(table, "AT AN ACCOUNT ONE LOOKS FOR\tAS\tAND MAY")
		for _, m := range matters {
			fmt.Fprintf(table, "%s\t%s\t%s\n", m.Matter, strings.Join(m.Who, ", "), strings.Join(m.May, ", "))
		}
		table.Flush() //nolint:errcheck // nobody is left to tell
	})
}
