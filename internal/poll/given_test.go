package poll

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
)

// sealing lets a desk's store keep what carriers demand.
func (d *desk) sealing(keys *db.DB) {
	d.t.Helper()
	ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := vault.Open(d.t.Context(), keys, ring)
	if err != nil {
		d.t.Fatal(err)
	}
	d.store.SealWith(v)
}

// Shy demands the postal code, and is asked by the source hub in batches of ten.
func TestValuesAreToldToTheirOwnCarrierAlone(t *testing.T) {
	for _, tc := range []struct {
		name  string
		right string
		want  carrier.ProblemKind
	}{
		{"the right one", "10117", ""},
		{"a wrong one is said to be wrong, and not asked with again", "75001", carrier.WrongValue},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, dbtest.SQLite(t))
				d.sealing(dbtest.Open(t, dbtest.SQLite(t)))
				f := &fake{batch: 10, answer: func(_ int, asks []carrier.Ask) ([]carrier.Report, error) {
					reports := make([]carrier.Report, len(asks))
					for i, a := range asks {
						if len(a.Params) > 0 && len(asks) > 1 {
							t.Errorf("%s was asked with its value among %d", a.Number, len(asks))
						}
						reports[i] = moved(time.Now(), status.InTransitOther)
						if a.Params[carrier.PostalCode] != tc.right && strings.HasPrefix(a.Number, "LT00000001") {
							reports[i] = carrier.Report{Problem: &carrier.Problem{Kind: carrier.NeedsPostcode, Text: "postcode " + a.Params[carrier.PostalCode] + "?"}}
						}
						reports[i].Number = a.Number
					}
					return reports, nil
				}}
				p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
				needing := number("LT000000010", nil, "shy")
				needing.Candidates[0].Needs = []carrier.Need{carrier.PostalCode}
				if plan := p.Plan(needing, "shy", nil); len(plan.Askings) > 0 || plan.Missing[0].Why != NeedsMore {
					t.Fatalf("without the value: %+v, want that more is needed", plan)
				}
				plan := p.Plan(needing, "shy", carrier.Given{carrier.PostalCode: "10117", carrier.ShipDate: "2026-03-31"})
				if len(plan.Given) != 1 {
					t.Fatalf("the plan uses %d values, want the postal code alone", len(plan.Given))
				}
				wanted, err := d.store.Want(t.Context(), []parcel.Want{{
					Key: plan.Key, Given: plan.Given, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().AddDate(1, 0, 0),
				}})
				if err != nil {
					t.Fatal(err)
				}
				d.want(p, false, "lotus", numbers(100, 9)...)
				stop := d.run(p)
				time.Sleep(time.Minute)
				asked := f.times()["LT000000010"]
				time.Sleep(2 * day)
				again := f.times()["LT000000010"]
				stop()
				got, err := d.store.Get(t.Context(), wanted[0].ID)
				if err != nil {
					t.Fatal(err)
				}
				if got[0].Asks[0].Problem != tc.want || (got[0].Revision > 0) != (tc.want == "") {
					t.Errorf("the parcel's ask is %+v, its revision %d; want problem %q", got[0].Asks[0], got[0].Revision, tc.want)
				}
				if strings.Contains(got[0].Asks[0].Reason, "10117") || tc.want != "" && got[0].Asks[0].Reason != "postcode …?" {
					t.Errorf("the reason repeats what was given: %s", got[0].Asks[0].Reason)
				}
				if asked != 1 || (again > asked) != (tc.want == "") {
					t.Errorf("asked %d times in a minute and %d in two days", asked, again)
				}
			})
		})
	}
}
