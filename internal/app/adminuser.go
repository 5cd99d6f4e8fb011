package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/fault"
)

type adminUserCommand struct {
	Find       adminUserFind  `cmd:"" help:"Say whether there is an account with an address or id, and how it stands."`
	Show       adminUserShow  `cmd:"" help:"Show an account with its addresses, devices and consents."`
	Lock       adminUserLock  `cmd:"" help:"Keep everybody out of an account, and sign it out everywhere."`
	Unlock     adminUserFree  `cmd:"" help:"Let an account's owner in again."`
	SignOut    adminUserOut   `cmd:"" help:"Sign an account out everywhere."`
	EraseChild adminUserErase `cmd:"" help:"Delete at once what is kept of a child whose data was found without a guardian's consent."`
}

// An adminUser is which account, and what for.
type adminUser struct {
	adminWhere
	adminWhy
	Address string `arg:"" help:"E-mail address or phone number as its owner writes it, or the account's id."`
}

type (
	adminUserFind  struct{ adminUser }
	adminUserShow  struct{ adminUser }
	adminUserLock  struct{ adminUser }
	adminUserFree  struct{ adminUser }
	adminUserOut   struct{ adminUser }
	adminUserErase struct {
		adminUser
		Yes bool `help:"You have checked that it is a child's, and that it can't be taken back."`
	}
)

type userJSON struct {
	ID       string        `json:"id"`
	State    account.State `json:"state"`
	Created  time.Time     `json:"created"`
	Nickname string        `json:"nickname,omitempty"`
	Country  string        `json:"country,omitempty"`
	Age      account.Age   `json:"age,omitempty"`
	Password bool          `json:"password"`
	Contacts []contactJSON `json:"contacts"`
	Devices  []deviceJSON  `json:"devices,omitempty"`
	Consents []consentJSON `json:"consents,omitempty"`
}

type contactJSON struct {
	Kind    account.ContactKind `json:"kind"`
	Address string              `json:"address"`
	Main    bool                `json:"main"`
}

type deviceJSON struct {
	Label string    `json:"label"`
	Seen  time.Time `json:"seen"`
}

type consentJSON struct {
	Purpose string    `json:"purpose"`
	Version string    `json:"version"`
	Given   bool      `json:"given"`
	At      time.Time `json:"at"`
}

// seen looks the account up, and has do go on with it.
func (u adminUser) seen(ctx context.Context, stdio Stdio, do func(staff account.Staff, s account.Seen) error) error {
	return u.open(ctx, stdio, func(p *people, _ config.Config) error {
		staff := p.members.Staff()
		s, err := staff.Find(ctx, account.Console(), u.Address, u.why())
		if err != nil {
			return err
		}
		return do(staff, s)
	})
}

func (c adminUserFind) Run(ctx context.Context, stdio Stdio) error {
	return c.seen(ctx, stdio, func(_ account.Staff, s account.Seen) error {
		found := map[string]string{"id": string(s.Account), "state": string(s.State)}
		return c.tell(stdio.Out, found, func(out io.Writer) { fmt.Fprintf(out, "%s %s\n", s.Account, s.State) })
	})
}

func (c adminUserShow) Run(ctx context.Context, stdio Stdio) error {
	return c.seen(ctx, stdio, func(_ account.Staff, s account.Seen) error {
		u := userJSON{
			ID: string(s.Account), State: s.State, Created: s.Created, Nickname: s.Nickname, Country: s.Country, Age: s.Age, Password: s.Password,
			Contacts: []contactJSON{},
		}
		for _, c := range s.Contacts {
			u.Contacts = append(u.Contacts, contactJSON{c.Kind, c.Shown, c.Main})
		}
		for _, d := range s.Devices {
			u.Devices = append(u.Devices, deviceJSON{d.Label, d.Seen})
		}
		for _, e := range s.Consents {
			u.Consents = append(u.Consents, consentJSON{e.Purpose, e.Version, e.Given, e.At})
		}
		return c.tell(stdio.Out, u, func(out io.Writer) { printUser(out, u) })
	})
}

func printUser(out io.Writer, u userJSON) {
	fmt.Fprintf(out, "%s\n  state     %s\n  created   %s\n  nickname  %s\n  country   %s\n  age       %s\n  password  %s\n",
		u.ID, u.State, u.Created.Format(time.DateOnly), u.Nickname, u.Country, u.Age, yes(u.Password))
	for _, c := range u.Contacts {
		fmt.Fprintf(out, "  %-9s %s\n", c.Kind, c.Address)
	}
	for _, d := range u.Devices {
		fmt.Fprintf(out, "  device    %s, last used %s\n", d.Label, d.Seen.Format(time.DateOnly))
	}
	for _, e := range u.Consents {
		fmt.Fprintf(out, "  consent   %s %s, given %s, %s\n", e.Purpose, e.Version, yes(e.Given), e.At.Format(time.DateOnly))
	}
}

// done does something to the account and says so.
func (u adminUser) done(ctx context.Context, stdio Stdio, words string, do func(staff account.Staff, id account.ID) error) error {
	return u.seen(ctx, stdio, func(staff account.Staff, s account.Seen) error {
		if err := do(staff, s.Account); err != nil {
			return err
		}
		result := map[string]string{"id": string(s.Account), "done": strings.ReplaceAll(words, " ", "_")}
		return u.tell(stdio.Out, result, func(out io.Writer) { fmt.Fprintf(out, "%s %s\n", s.Account, words) })
	})
}

func (c adminUserLock) Run(ctx context.Context, stdio Stdio) error {
	return c.done(ctx, stdio, "locked", func(staff account.Staff, id account.ID) error {
		return staff.Lock(ctx, account.Console(), id, c.why())
	})
}

func (c adminUserFree) Run(ctx context.Context, stdio Stdio) error {
	return c.done(ctx, stdio, "unlocked", func(staff account.Staff, id account.ID) error {
		return staff.Unlock(ctx, account.Console(), id, c.why())
	})
}

func (c adminUserOut) Run(ctx context.Context, stdio Stdio) error {
	return c.done(ctx, stdio, "signed out", func(staff account.Staff, id account.ID) error {
		return staff.EndSessions(ctx, account.Console(), id, c.why())
	})
}

var errUnsure = fault.New(fault.Invalid, "erase_unsure", "Nothing was deleted. Check that it is a child's account and that no guardian agreed (waypost admin user show), then add --yes. It can't be taken back.")

func (c adminUserErase) Run(ctx context.Context, stdio Stdio) error {
	if !c.Yes {
		return errUnsure
	}
	return c.done(ctx, stdio, "erased", func(staff account.Staff, id account.ID) error {
		return staff.EraseChild(ctx, account.Console(), id, c.why())
	})
}
