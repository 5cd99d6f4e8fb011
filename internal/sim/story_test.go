package sim_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/sim"
)

// tellAll writes the stories of all example numbers down.
func tellAll() string {
	s := sim.New(sim.Options{Clock: sim.NewClock(noon, 0)})
	var out strings.Builder
	for _, source := range s.Sources() {
		st, ok := s.Story(source, numbers[source])
		fmt.Fprintln(&out, source, ok, st)
	}
	return out.String()
}

func TestANumberHasTheSameStoryInEveryProcess(t *testing.T) {
	if os.Getenv("WAYPOST_SIM_TELL") != "" {
		fmt.Print("<<", tellAll(), ">>")
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.CommandContext(t.Context(), self, "-test.run", "^TestANumberHasTheSameStoryInEveryProcess$")
	other.Env = append(os.Environ(), "WAYPOST_SIM_TELL=1")
	out, err := other.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, told, _ := strings.Cut(string(out), "<<")
	told, _, _ = strings.Cut(told, ">>")
	if want := tellAll(); told != want {
		t.Errorf("another process tells\n%s\nthis one\n%s", told, want)
	}
}

func TestAStoryGoesOnAndTakesNothingBack(t *testing.T) {
	s, base := start(t)
	c := dial(t, s, base, "generic")
	st, _ := s.Story("generic", numbers["generic"])
	var before []any
	for at := st.Born; at.Before(st.Born.Add(st.Steps[len(st.Steps)-1].After)); at = at.Add(3 * time.Hour) {
		s.Clock().Set(at)
		events, _ := c.track("generic", numbers["generic"]).at(t, "parcels.0.events").([]any)
		if older := events[len(events)-min(len(before), len(events)):]; len(events) < len(before) || fmt.Sprint(older) != fmt.Sprint(before) {
			t.Fatalf("at %v the events are\n%v\nand were\n%v", at, events, before)
		}
		before = events
	}
	if len(before) < 3 {
		t.Errorf("only %d events were told", len(before))
	}
}

func TestANumberIsUsedAgainAfterItsStoryHasRested(t *testing.T) {
	s, _ := start(t)
	first, _ := s.Story("generic", numbers["generic"])
	end := first.Born.Add(first.Steps[len(first.Steps)-1].After)
	s.Clock().Set(end.Add(70 * time.Hour))
	if again, _ := s.Story("generic", numbers["generic"]); again.Generation != first.Generation {
		t.Errorf("generation %d already, %d ended at %v", again.Generation, first.Generation, end)
	}
	s.Clock().Set(end.AddDate(0, 1, 0))
	if later, _ := s.Story("generic", numbers["generic"]); later.Generation <= first.Generation || later.Plan != first.Plan {
		t.Errorf("a month later it is generation %d of %q, was %d of %q", later.Generation, later.Plan, first.Generation, first.Plan)
	}
}

func TestNumbersAreSpreadOverAllPhasesAtAnyTime(t *testing.T) {
	s, _ := start(t)
	phases, plans, unknown := map[sim.Kind]int{}, map[string]int{}, 0
	const many = 3000
	for i := range many {
		st, ok := s.Story("generic", fmt.Sprintf("WAY-%06d", i))
		if !ok {
			t.Fatal("not well-formed")
		}
		if st.Unknown {
			unknown++
		}
		plans[st.Plan]++
		var now sim.Kind = "before"
		for _, step := range st.Steps {
			if !st.Born.Add(step.After).After(noon) {
				now = step.Kind
			}
		}
		phases[now]++
		if !slices.IsSortedFunc(st.Steps, func(a, b sim.Step) int { return int(a.After - b.After) }) {
			t.Errorf("steps run backwards: %v", st.Steps)
		}
	}
	for _, kind := range []sim.Kind{sim.Announced, sim.Departed, sim.Arrived, sim.OutForDelivery, sim.ReadyForPickup, sim.Delivered, sim.Collected, sim.Returned} {
		if share := phases[kind] * 1000 / many; share < 10 {
			t.Errorf("%d per mille are %s; want ten at least; all: %v", share, kind, phases)
		}
	}
	if len(plans) < 12 {
		t.Errorf("only %d plans: %v", len(plans), plans)
	}
	if percent := unknown * 100 / many; percent < 2 || percent > 6 {
		t.Errorf("%d %% are unknown, want about 4", percent)
	}
}

func TestOnlyWellFormedNumbersAreKnown(t *testing.T) {
	s, _ := start(t)
	for _, tc := range []struct {
		source, number string
		want           bool
	}{
		{"ups", "1Z4A7B2C0364182055", true},
		{"ups", "1Z4A7B2C0364182056", false},
		{"ups", "H2048173653", true},
		{"fedex", "382174650910", true},
		{"fedex", "382174650911", false},
		{"fedex", "9612019408172635491824", true},
		{"fedex", "61299998765432109870", true},
		{"usps", "9405510898765432101231", true},
		{"usps", "420902109405510898765432101231", true},
		{"usps", "9405510898765432101232", false},
		{"dhl-unified", "4829103753", true},
		{"dhl-unified", "00340434123456789012", true},
		{"dhl-unified", "291405378122", true},
		{"canada-post", "2014567389123456", true},
		{"canada-post", "2014567389123450", false},
		{"royal-mail", "RR409172635GB", true},
		{"royal-mail", "RR409172634GB", false},
		{"correios", "PN123456785BR", true},
		{"postnord", "12345678901SE", true},
		{"postnord", "12345678901NO", false},
		{"nova-poshta", "59000000000001", true},
		{"nova-poshta", "69000000000001", false},
		{"inpost", "62000000000000000000000", false},
		{"nobody", "1Z4A7B2C0364182055", false},
	} {
		if _, got := s.Story(tc.source, tc.number); got != tc.want {
			t.Errorf("%s knows %s: got %v, want %v", tc.source, tc.number, got, tc.want)
		}
	}
}

func TestAPostalParcelIsTheSameAtBothPosts(t *testing.T) {
	s, _ := start(t)
	both := 0
	for i := range 400 {
		number := s10(fmt.Sprintf("LX%08d", i*7919), "DE")
		origin, ok := s.Story("dhl-unified", number)
		if !ok {
			t.Fatalf("the issuing post doesn't know %s", number)
		}
		for source, country := range map[string]string{"usps": "US", "royal-mail": "GB", "la-poste-suivi": "FR"} {
			there, ok := s.Story(source, number)
			if ok != (origin.To.Country == country) {
				t.Errorf("%s goes to %s; %s knows it: %v", number, origin.To.Country, source, ok)
			}
			if ok {
				both++
				if fmt.Sprint(there.Steps) != fmt.Sprint(origin.Steps) {
					t.Errorf("%s differs between the posts:\n%v\n%v", number, origin, there)
				}
			}
		}
	}
	if both < 20 {
		t.Errorf("only %d of 400 numbers have two posts", both)
	}
}

func TestCustomsAreWhereThereIsABorderForGoods(t *testing.T) {
	s, _ := start(t)
	union := "DE FR NL SE DK PL"
	crossed, cleared := 0, 0
	for i := range 600 {
		st, _ := s.Story("generic", fmt.Sprintf("WAY-%06d", i))
		customs := slices.ContainsFunc(st.Steps, func(step sim.Step) bool { return step.Kind == sim.Import || step.Kind == sim.Held })
		free := st.From.Country == st.To.Country || strings.Contains(union, st.From.Country) && strings.Contains(union, st.To.Country)
		if free && customs {
			t.Errorf("customs between %s and %s: %v", st.From.Country, st.To.Country, st.Steps)
		}
		if customs {
			cleared++
		}
		if st.From.Country != st.To.Country {
			crossed++
		}
	}
	if cleared < 60 || crossed <= cleared {
		t.Errorf("%d of 600 crossed a border, %d went through customs", crossed, cleared)
	}
}

// s10 puts the check digit in (UPU S10).
func s10(head, country string) string {
	sum := 0
	for i, weight := range []int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += weight * int(head[2+i]-'0')
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return fmt.Sprintf("%s%d%s", head, check, country)
}
