package config

import (
	"strings"
	"testing"
)

func TestQuotas(t *testing.T) {
	c, err := Load("", nil, nil)
	if want := (Quota{Total: Unlimited, Rate: 3, OwnRate: 20}); err != nil || c.Quota != want {
		t.Errorf("got %+v, %v, want %+v", c.Quota, err, want)
	}
	for _, tc := range []struct {
		name  string
		flags map[string]any
		want  Quota
	}{
		{"numbers", map[string]any{"quota.total": 300, "quota.monthly": true, "quota.daily": 50, "quota.rate": 10}, Quota{300, true, 50, 10, 20}},
		{"texts", map[string]any{"quota.total": "0", "quota.own_rate": "7"}, Quota{0, false, 0, 3, 7}},
		{"the word", map[string]any{"quota.total": "unlimited"}, Quota{Unlimited, false, 0, 3, 20}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := Load("", nil, tc.flags)
			if err != nil || c.Quota != tc.want {
				t.Errorf("got %+v, %v, want %+v", c.Quota, err, tc.want)
			}
		})
	}
	for name, value := range map[string]any{"quota.total": "lots", "quota.daily": -1, "quota.rate": 0, "quota.own_rate": 200_000} {
		if _, err := Load("", nil, map[string]any{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %v: got error %v", name, value, err)
		}
	}
	if _, err := Load("", nil, map[string]any{"quota.total": -5}); err == nil {
		t.Error("a total below unlimited is taken")
	}
}
