package app

import (
	"encoding/json"
	"testing"
)

// Postal items, of which the simulator's posts on both ends know the same story.
func TestTwoPostsTellEachEventOnce(t *testing.T) {
	t.Parallel()
	numbers := []string{
		"RR123456785DE", "RR409410202DE", "RR410043721DE", "RR123456785FR", "RR409410202FR", "RR123456785GB", "RR409726961GB",
		"RR410043721GB", "RR409568585SE", "RR410202105SE", "RR409251829AU", "RR409410202AU", "RR410202105BR", "RR409726961DK",
	}
	code, out, errs := run(t, "", append([]string{"track", "--demo", "--json"}, numbers...)...)
	var answers []answerJSON
	if err := json.Unmarshal([]byte(out), &answers); err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	both := 0
	for _, a := range answers {
		at := map[string]string{}
		for _, e := range a.Events {
			local := e.Time[:min(len(e.Time), len("2006-01-02T15:04:05"))]
			if other, twice := at[local]; twice {
				t.Errorf("%s, %s: %q and %q are one happening", a.Number, local, other, e.Description)
			}
			at[local] = e.Description
			if len(e.Carriers) > 1 {
				both++
			}
		}
	}
	if both == 0 {
		t.Errorf("no event was told by two carriers in %d answers", len(answers))
	}
}

func TestTrackSaysWhichNumberNobodyKnows(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "", "track", "--demo", "--carrier", "nova-poshta", "20450918273645")
	if want := "20450918273645  NotFound_Other  No carrier that was asked knows it (yet).\n"; code != exitOK || out != want {
		t.Errorf("exit %d, %q, %q; want %q", code, out, errs, want)
	}
}
