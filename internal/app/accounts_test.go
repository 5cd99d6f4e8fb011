package app

import (
	"slices"
	"testing"

	"waypost/internal/config"
	"waypost/internal/outbound"
	"waypost/internal/poll"
)

func TestADemoAsksNobodyOutside(t *testing.T) {
	t.Parallel()
	known, err := loadKnowledge("")
	if err != nil {
		t.Fatal(err)
	}
	simulation, err := startSimulation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	connected, err := connect(known.catalogue, simulation.accounts(known.catalogue), outbound.New(outbound.Options{}), nil)
	if err != nil || len(connected.accounts) == 0 {
		t.Fatalf("%d accounts, %v", len(connected.accounts), err)
	}
	for _, a := range connected.accounts {
		if !a.Simulated {
			t.Errorf("%s is asked itself", a.Code)
		}
	}
}

func TestASourceThatIsOpenToAllCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	known, err := loadKnowledge("")
	if err != nil {
		t.Fatal(err)
	}
	isAsked := func(configured map[string]map[string]config.Account) bool {
		connected, err := connect(known.catalogue, configured, outbound.New(outbound.Options{}), nil)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(connected.accounts, func(a poll.Account) bool { return a.Code == "inpost/open" })
	}
	if !isAsked(nil) {
		t.Error("InPost is not asked without settings, though it is open to all")
	}
	if isAsked(map[string]map[string]config.Account{"inpost": {}}) {
		t.Error("InPost is asked though the settings name it without an account")
	}
}
