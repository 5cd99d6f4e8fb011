package v1

import (
	"context"

	"waypost/internal/inventory"
	"waypost/internal/quota"
)

func (d *Door) account() {
	add(d, operation{
		route: "GET /v1/account", id: "getAccount", tag: "account", scope: quota.Read,
		summary: "Read who you are", about: "The account and the key that you call with, and how much of its plan is left.",
	}, d.getAccount)
}

// An Account is who calls.
type Account struct {
	ID     inventory.Subject `json:"id" doc:"Of the member or business account whose key this is."`
	Region string            `json:"region" doc:"Where its data lives."`
	Key    quota.KeyID       `json:"key" format:"uuid" doc:"The key that you call with."`
	Scopes []quota.Scope     `json:"scopes" doc:"What the key may be used for."`
	Test   bool              `json:"test" doc:"The key works with test numbers alone."`
	Quota  Quota             `json:"quota"`
}

// A Quota is how much of an account's plan is left.
type Quota struct {
	Total   *int64 `json:"total,omitempty" doc:"How much the plan holds; absent when it has no limit."`
	Remain  *int64 `json:"remain,omitempty" doc:"How much of it is left."`
	Used    int64  `json:"used" doc:"This month where the plan is monthly, else ever."`
	Monthly bool   `json:"monthly" doc:"The plan begins anew on the first of each month, UTC."`
	Daily   int64  `json:"daily,omitempty" doc:"How much may be used on one day, UTC; absent when there is no such limit."`
	Today   int64  `json:"today" doc:"How much was used since midnight, UTC."`
}

type accountOutput struct{ Body Account }

func (d *Door) getAccount(ctx context.Context, _ *nothing) (*accountOutput, error) {
	who := callerOf(ctx)
	store, err := d.Keys.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	state, err := store.State(ctx, who.Owner)
	if err != nil {
		return nil, err
	}
	return &accountOutput{Account{ID: who.Owner, Region: who.Region, Key: who.Key, Scopes: who.Scopes, Test: who.Test, Quota: quotaOf(state)}}, nil
}

func quotaOf(s quota.State) Quota {
	q := Quota{Used: s.Used, Monthly: s.Monthly, Daily: s.Daily, Today: s.Today}
	if s.Total != quota.Unlimited {
		remain := max(s.Remain(), 0)
		q.Total, q.Remain = &s.Total, &remain
	}
	return q
}
