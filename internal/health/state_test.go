package health_test

import (
	"fmt"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/health"
)

func TestWhatIsToBeDone(t *testing.T) {
	loud := health.ShapeChange{Change: health.Gone, Used: true}
	for _, tc := range []struct {
		name    string
		hour    health.Figures
		day     health.Figures
		changes []health.ShapeChange
		want    []health.Finding
	}{
		{"nothing was asked", nil, nil, nil, nil},
		{"all is well", health.Figures{health.Found: 30, health.Same: 60, "missing": 10}, nil, nil, nil},
		{"one credential was refused", health.Figures{health.Found: 99, "auth": 1}, nil, nil, []health.Finding{health.Refused}},
		{"one in a hundred is limited", health.Figures{health.Found: 99, "limited": 1}, nil, nil, nil},
		{"one in ten is limited", health.Figures{health.Found: 9, "limited": 1}, nil, nil, []health.Finding{health.Limited}},
		{"what was refused yesterday is over", health.Figures{health.Found: 1}, health.Figures{"auth": 5}, nil, nil},
		{"a code was unmapped yesterday", health.Figures{health.Found: 1}, health.Figures{health.Unmapped: 1}, nil, []health.Finding{health.Unlisted}},
		{"what is read is gone", nil, nil, []health.ShapeChange{loud}, []health.Finding{health.Changed}},
		{"what nobody reads is gone", nil, nil, []health.ShapeChange{{Change: health.Gone}}, nil},
		{
			"the most urgent comes first", health.Figures{"unavailable": 1, "unreadable": 1, "auth": 1}, nil, []health.ShapeChange{loud},
			[]health.Finding{health.Refused, health.Changed, health.Unreadable, health.Down},
		},
	} {
		s := health.State{Changes: tc.changes, Accounts: []health.AccountState{{Account: health.Account{Hour: tc.hour, Day: tc.day}}}}
		if got := s.Findings(); fmt.Sprint(got) != fmt.Sprint(tc.want) {
			t.Errorf("%s: found %q, want %q", tc.name, got, tc.want)
		}
	}
	for want, trial := range map[health.Finding]health.Trial{
		health.Refused: {Outcome: string(carrier.Auth)},
		health.Lost:    {Number: "FP2048173653", Outcome: string(carrier.Missing)},
		"":             {Outcome: string(carrier.Missing)}, // an invented number isn't known
	} {
		s := health.State{Accounts: []health.AccountState{{Trials: []health.Trial{trial}}}}
		if got := s.Findings(); len(got) != min(len(want), 1) || len(got) > 0 && got[0] != want {
			t.Errorf("%+v: found %q, want %q", trial, got, want)
		}
	}
	urgent := health.State{Accounts: []health.AccountState{{Account: health.Account{Hour: health.Figures{string(carrier.Auth): 1}}}}}
	if urgent.Urgency() >= (health.State{Changes: []health.ShapeChange{loud}}).Urgency() {
		t.Error("refused credentials are less urgent than a changed shape")
	}
}
