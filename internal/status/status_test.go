package status

import (
	"slices"
	"testing"
)

func TestEverySubStatusBelongsToAStatus(t *testing.T) {
	if len(Mains) != 9 || len(Subs) != 30 || len(Milestones) != 9 {
		t.Fatalf("%d statuses, %d sub-statuses, %d milestones; want 9, 30, 9", len(Mains), len(Subs), len(Milestones))
	}
	for _, s := range Subs {
		if !slices.Contains(Mains, s.Main()) {
			t.Errorf("%s is of status %q, which there isn't", s, s.Main())
		}
		if m := s.Milestone(); m != "" && !slices.Contains(Milestones, m) {
			t.Errorf("%s marks milestone %q, which there isn't", s, m)
		}
	}
}

func TestKnown(t *testing.T) {
	for s, want := range map[Sub]bool{
		DeliveredOther: true, InfoReceivedOnly: true, "": false, "Delivered": false, "Exception_Refused": false,
	} {
		if s.Known() != want {
			t.Errorf("%q known: %v, want %v", s, s.Known(), want)
		}
	}
}
