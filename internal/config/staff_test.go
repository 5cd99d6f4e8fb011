package config

import (
	"strings"
	"testing"
	"time"
)

func TestStaff(t *testing.T) {
	c, err := Load("", []string{"WAYPOST_STAFF__TICKETS=HD-[0-9]{5}"}, map[string]any{"staff.training": "training.yaml"})
	if want := (Staff{"HD-[0-9]{5}", "training.yaml", 8760 * time.Hour}); err != nil || c.Staff != want {
		t.Errorf("got %+v, %v, want %+v", c.Staff, err, want)
	}
	for name, value := range map[string]any{"staff.tickets": "HD-(", "staff.training_every": "24h"} {
		if _, err := Load("", nil, map[string]any{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %v: got error %v", name, value, err)
		}
	}
}
