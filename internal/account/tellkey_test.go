package account_test

import (
	"testing"

	"waypost/internal/account"
)

func TestOwnersAreToldHowAnEndpointDoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.person("Mia", "DE")
		w.letters()
		news := account.HookNews{Owner: mia.Account.Subject(), ID: "0190d5a0-0000-7000-8000-000000000001", Name: "Shop", What: account.HookFailing}
		for range 2 { // a job may run twice
			if err := w.TellHook(t.Context(), news); err != nil {
				t.Fatal(err)
			}
		}
		told := w.letters()
		if len(told) != 1 || told[0].What != account.HookFailing || told[0].Detail != "Shop" || told[0].Token != "" {
			t.Errorf("told %+v", told)
		}
	})
}

func TestOwnersAreToldOfAKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia, noah := w.person("Mia", "DE"), w.person("Noah", "DE")
		team := must(w.Teams().New(ctx, mia, "Heron Supplies"))(t)
		w.hire(mia, team, noah, account.RoleAdmin)
		w.letters()

		news := account.KeyNews{Owner: mia.Account.Subject(), Secret: "0190d5a0-0000-7000-8000-000000000001", Name: "Shop"}
		for range 2 { // a job may run twice
			if err := w.TellKey(ctx, news); err != nil {
				t.Fatal(err)
			}
		}
		told := w.letters()
		if len(told) != 1 || told[0].What != account.KeyMade || told[0].Detail != "Shop" || told[0].To.Value != "mia@mail.example" || told[0].Token != "" {
			t.Errorf("told %+v", told)
		}

		news = account.KeyNews{Owner: team.Subject(), Secret: "0190d5a0-0000-7000-8000-000000000002", Name: "Shop", Rotated: true}
		if err := w.TellKey(ctx, news); err != nil {
			t.Fatal(err)
		}
		told = w.letters()
		if len(told) != 1 || told[0].What != account.KeyRotated || told[0].Detail != "Shop · Heron Supplies" || told[0].To.Value != "mia@mail.example" {
			t.Errorf("told %+v", told)
		}

		news.Owner = "eu-0190d5a0-0000-7000-8000-00000000000f"
		if err := w.TellKey(ctx, news); err != nil || len(w.letters()) != 0 {
			t.Errorf("somebody was told of nobody's key: %v", err)
		}
	})
}
