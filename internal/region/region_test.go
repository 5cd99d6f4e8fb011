package region_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/region"
)

var errNone = errors.New("no such region")

// A store is one of a room's.
type store struct{ of string }

// open opens a room in regions.
func open(names ...string) (region.Set[*store], error) {
	return region.Open(names, errNone, func(name string) (string, *store, error) { return name, &store{name}, nil })
}

func TestStoresAreFoundByTheirRegions(t *testing.T) {
	all, err := open("us", "cn", "eu")
	if err != nil {
		t.Fatal(err)
	}
	if got := all.Names(); !slices.Equal(got, []string{"cn", "eu", "us"}) {
		t.Errorf("the regions are %q", got)
	}
	for n, s := range all.Stores() {
		if s.of != all.Names()[n] {
			t.Errorf("store %d is that of %s, want that of %s", n, s.of, all.Names()[n])
		}
	}
	all.Stores()[0] = nil
	if all.Stores()[0] == nil {
		t.Error("who is given the stores can take one away")
	}
	if s, err := all.In("eu"); err != nil || s.of != "eu" {
		t.Errorf("in eu: %v, %v", s, err)
	}
	if s, err := all.Of("us-0190d5a0-0000-7000-8000-000000000001"); err != nil || s.of != "us" {
		t.Errorf("of somebody in us: %v, %v", s, err)
	}
	for _, nobody := range []inventory.Subject{"", "br-0190d5a0-0000-7000-8000-000000000001", "eu", "eu-1"} {
		if s, err := all.Of(nobody); s != nil || !errors.Is(err, errNone) {
			t.Errorf("of %q: %v, %v", nobody, s, err)
		}
	}
}

func TestRegionsHaveNamesOfTheirOwn(t *testing.T) {
	for _, names := range [][]string{nil, {""}, {"eu", ""}, {"eu", "us", "eu"}} {
		if _, err := open(names...); !errors.Is(err, region.ErrNames) {
			t.Errorf("opened in %q: %v", names, err)
		}
	}
	broken := errors.New("broken")
	_, err := region.Open([]string{"eu"}, errNone, func(name string) (string, *store, error) { return name, &store{name}, broken })
	if !errors.Is(err, broken) {
		t.Errorf("a store that can't be opened: %v", err)
	}
}

func TestARegionThatIsAwayIsNamed(t *testing.T) {
	all, err := open("us", "cn", "eu")
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	away, err := all.Reached(func(s *store) error {
		if s.of == "eu" {
			return fmt.Errorf("count: %w", db.ErrAway)
		}
		done = append(done, s.of)
		return nil
	})
	if err != nil || !slices.Equal(away, []string{"eu"}) || !slices.Equal(done, []string{"cn", "us"}) {
		t.Errorf("done in %q without %q: %v", done, away, err)
	}
	broken := errors.New("broken")
	if _, err := all.Reached(func(*store) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("what fails otherwise: %v", err)
	}
}

func TestAnIDBeginsWithItsRegion(t *testing.T) {
	for id, want := range map[string]string{
		"eu-0190d5a0-0000-7000-8000-000000000001": "eu",
		"0190d5a0-0000-7000-8000-000000000001":    "",
		"-0190d5a0-0000-7000-8000-000000000001":   "",
		"eu-0190d5a0-0000-7000-8000-00000000000":  "",
		"eu_0190d5a0-0000-7000-8000-000000000001": "",
		"": "",
	} {
		if got := region.Of(id); got != want {
			t.Errorf("Of(%q) = %q, want %q", id, got, want)
		}
	}
}
