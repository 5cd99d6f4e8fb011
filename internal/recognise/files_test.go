package recognise

import (
	"sync"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
)

// catalogue is read and compiled once for all tests, as a program does it.
var catalogue = sync.OnceValues(func() (*Index, []*carrier.Carrier) {
	c, _ := builtin.Catalogue()
	return New(c.Carriers()), c.Carriers()
})

// shipped are the carriers of the repository, and their index.
func shipped(t testing.TB) (*Index, []*carrier.Carrier) {
	t.Helper()
	x, all := catalogue()
	if len(all) < 400 {
		t.Fatalf("%d carriers are shipped, want 400 and more", len(all))
	}
	return x, all
}

func TestEveryShippedFormatCompiles(t *testing.T) {
	_, all := shipped(t)
	for _, c := range all {
		for i := range c.Formats {
			if err := CheckFormat(&c.Formats[i]); err != nil {
				t.Errorf("%s: %v", c.Code, err)
			}
		}
	}
}
