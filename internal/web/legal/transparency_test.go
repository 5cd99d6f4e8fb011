package legal

import (
	"strings"
	"testing"

	"waypost/internal/figure"
	"waypost/internal/lawful"
)

// What is published of accounts is whole groups, and fewer than one looks like none.
func TestAccountsArePublishedInWholeGroups(t *testing.T) {
	half := lawful.Half{Year: 2026, Second: true}
	var counts []lawful.Count
	people := []int{0, 1, 9, 10, 19, 23}
	for i, n := range people {
		counts = append(counts, lawful.Count{Half: half, Kind: lawful.Kinds[i], Country: "DE", Received: 1, People: n})
	}
	p := &Pages{gate: figure.New(0)}
	published := p.accounts(counts)
	if len(published) != len(people) {
		t.Fatalf("%+v", published)
	}
	for i, want := range []int{0, 0, 0, 10, 10, 20} {
		if published[i].N != want || published[i].Withheld != nil {
			t.Errorf("of %d accounts %d are published, want %d", people[i], published[i].N, want)
		}
		if strings.Contains(published[i].At[1], "_") {
			t.Errorf("%q", published[i].At)
		}
	}
}
