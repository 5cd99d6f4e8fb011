package app

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/quota"
)

type adminQuotaCommand struct {
	Show adminQuotaShow `cmd:"" help:"Show how much an account's programs may draw and have drawn."`
	Set  adminQuotaSet  `cmd:"" help:"Give an account a quota of its own, or everybody's again."`
}

// An adminQuota is whose quota.
type adminQuota struct {
	adminWhere
	Account string `arg:"" help:"Id of a member's or business account; or e-mail address or phone number of a member, then with --purpose."`
	Purpose string `placeholder:"KIND:NUMBER" help:"Where a member is found by address, what for: ticket:T-4711. It is written down, and the member can read it."`
}

type (
	adminQuotaShow struct{ adminQuota }
	adminQuotaSet  struct {
		adminQuota
		Total   *config.Total `help:"How much may be drawn: a number from 0 on, or unlimited." placeholder:"N"`
		Monthly bool          `help:"That much each month, beginning anew on the first, UTC."`
		Daily   int64         `help:"Most on one day, UTC; 0 is no cap." default:"0" placeholder:"N"`
		Default bool          `help:"What the configuration says, in place of a quota of its own."`
	}
)

type quotaJSON struct {
	Account inventory.Subject `json:"account"`
	Own     bool              `json:"own"`
	Total   *int64            `json:"total"` // null: unlimited
	Monthly bool              `json:"monthly"`
	Daily   int64             `json:"daily"` // 0: no cap
	Used    int64             `json:"used"`
	Today   int64             `json:"today"`
	Ever    int64             `json:"ever"`
}

// of finds the account, and has do go on with it.
func (q adminQuota) of(ctx context.Context, stdio Stdio, do func(s *quota.Store, owner inventory.Subject) error) error {
	return q.open(ctx, stdio, func(p *people, _ config.Config) error {
		owner := inventory.Subject(q.Account)
		s, err := p.quotas.Of(owner)
		if err != nil {
			found, err := p.members.Staff().Find(ctx, account.Console(), q.Account, adminWhy{q.Purpose}.why())
			if err != nil {
				return err
			}
			owner = found.Account.Subject()
			if s, err = p.quotas.Of(owner); err != nil {
				return err
			}
		}
		if err := do(s, owner); err != nil {
			return err
		}
		state, err := s.State(ctx, owner)
		if err != nil {
			return err
		}
		return q.tell(stdio.Out, quotaOf(owner, state), func(out io.Writer) { printQuota(out, owner, state) })
	})
}

func (c adminQuotaShow) Run(ctx context.Context, stdio Stdio) error {
	return c.of(ctx, stdio, func(*quota.Store, inventory.Subject) error { return nil })
}

var errNoQuota = fault.New(fault.Invalid, "quota_what", "Say how much with --total, or --default for what the configuration says; not both.")

func (c adminQuotaSet) Run(ctx context.Context, stdio Stdio) error {
	if (c.Total == nil) != c.Default {
		return errNoQuota
	}
	return c.of(ctx, stdio, func(s *quota.Store, owner inventory.Subject) error {
		if c.Default {
			return s.UnsetPlan(ctx, owner)
		}
		return s.SetPlan(ctx, owner, quota.Plan{Total: int64(*c.Total), Monthly: c.Monthly, Daily: c.Daily})
	})
}

func quotaOf(owner inventory.Subject, s quota.State) quotaJSON {
	q := quotaJSON{Account: owner, Own: s.Own, Monthly: s.Monthly, Daily: s.Daily, Used: s.Used, Today: s.Today, Ever: s.Ever}
	if s.Total != quota.Unlimited {
		q.Total = &s.Total
	}
	return q
}

func printQuota(out io.Writer, owner inventory.Subject, s quota.State) {
	total, daily, whose := "unlimited", "no cap", "the configuration's"
	if s.Total != quota.Unlimited {
		total = strconv.FormatInt(s.Total, 10)
		if s.Monthly {
			total += " a month"
		}
	}
	if s.Daily > 0 {
		daily = strconv.FormatInt(s.Daily, 10)
	}
	if s.Own {
		whose = "its own"
	}
	fmt.Fprintf(out, "%s\n  quota  %s\n  total  %s\n  daily  %s\n  used   %d of the total, %d today, %d ever\n", owner, whose, total, daily, s.Used, s.Today, s.Ever)
}
