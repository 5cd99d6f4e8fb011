package app

import (
	"regexp"
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/sim"
)

// The simulator renames a field while InPost is asked; the next parcel's first
// answer tells.
func TestASilentChangeOfAnswersIsSeenWithinOnePoll(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		for _, number := range []string{"620114829377105846120395", "683920574610283746510092", "620114829377105846120401"} {
			until(t, base+"/track?nums="+number, "data-part=\"history\"")
		}
		if err := s.health.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, base+"/metrics", `waypost_carrier_shape_changes{source="inpost"} 0`)
		if err := s.sim.server.Fail("inpost", sim.Fault{Kind: sim.Shape}); err != nil {
			t.Fatal(err)
		}
		get(t, base+"/track?nums=620114829377105846120418")
		told := regexp.MustCompile(`waypost_carrier_shape_changes\{source="inpost"\} [1-9]`)
		soon(t, "a changed shape in the metrics", func() (string, bool) {
			_, body := get(t, base+"/metrics")
			return body, told.MatchString(body)
		})
	})
}
