package recognise

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"waypost/internal/carrier"
)

// mix are numbers as they come: the carriers' own examples, good and bad, S10
// numbers of every country, and as much again that is no number at all.
func mix(carriers []*carrier.Carrier) []string {
	var all []string
	for _, c := range carriers {
		for _, f := range c.Formats {
			all = append(all, f.Good...)
			all = append(all, f.Bad...)
		}
	}
	for code := range world {
		all = append(all, "RR473124829"+code)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range len(all) {
		garbage := make([]byte, 5+r.IntN(40))
		for i := range garbage {
			garbage[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[r.IntN(36)]
		}
		all = append(all, string(garbage))
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestMatchAllocatesNothing(t *testing.T) {
	x, carriers := shipped(t)
	numbers := mix(carriers)
	buffer := make([]Match, 0, 128)
	allocated := testing.AllocsPerRun(3, func() {
		for _, n := range numbers {
			buffer = x.Match(buffer[:0], n)
		}
	})
	if allocated != 0 {
		t.Errorf("matching %d numbers allocated %v times, want never", len(numbers), allocated)
	}
}

func TestMatchFindsEveryGoodNumberAndNoBadOne(t *testing.T) {
	x, carriers := shipped(t)
	for _, c := range carriers {
		for i := range c.Formats {
			f := &c.Formats[i]
			verdict := func(number string) string {
				for _, m := range x.Match(nil, number) {
					if m.Format == f {
						return [...]string{"fits", "fits", "fits with a wrong check digit"}[m.Check]
					}
				}
				return "does not fit"
			}
			for _, n := range f.Good {
				if got := verdict(n); got != "fits" {
					t.Errorf("%s %s: good number %s %s", c.Code, f.Name, n, got)
				}
			}
			for _, n := range f.Bad {
				if got := verdict(n); got == "fits" {
					t.Errorf("%s %s: bad number %s fits", c.Code, f.Name, n)
				}
			}
		}
	}
}

func TestPatternsThatCannotBeIndexed(t *testing.T) {
	for pattern, reason := range map[string]string{
		`\d{3}(`: "unclosed group",
		`[A-Z]{1,30}[0-9]{1,30}\d{1,30}[A-Z]{1,30}`: "too many forms",
		`[a-z]{8}`:     "lower case",
		`\d{60}`:       "longer than any number",
		``:             "nothing",
		`\d{4}\b\d{4}`: "a word boundary",
	} {
		if err := CheckFormat(&carrier.Format{Name: "x", Pattern: pattern, Check: "none"}); err == nil {
			t.Errorf("%s (%s) is accepted", pattern, reason)
		}
	}
}

func TestMatchReadsTheGroupNumber(t *testing.T) {
	x := New([]*carrier.Carrier{{Code: "post", Formats: []carrier.Format{{
		Name: "routed", Pattern: `420\d{5}(?:\d{4})?(?P<number>9[1-5]\d{20}(?:\d{4})?)`, Check: "gs1",
	}}}})
	// Five digits and 26, or nine and 22: the check digit decides.
	number := "420902109212" + "9405510898765432101231"
	matches := x.Match(nil, number)
	if len(matches) != 1 || matches[0].Check != Right || matches[0].Asked(number) != "9405510898765432101231" {
		t.Errorf("Match(%s) = %+v, want one right match that asks for the last 22 digits", number, matches)
	}
}

func BenchmarkMatch(b *testing.B) {
	x, carriers := shipped(b)
	numbers := mix(carriers)
	buffer := make([]Match, 0, 128)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buffer = x.Match(buffer[:0], numbers[i%len(numbers)])
	}
}

func ExampleReason() {
	fmt.Println(Reason{Above, []string{"fedex", "FedEx", "check"}})
	// Output: it stands above FedEx: the check digit decides
}

// BenchmarkNew compiles all carriers' formats, as every start of the program
// does.
// BenchmarkNew compiles all formats. MB-held is what is kept of them.
func BenchmarkNew(b *testing.B) {
	_, carriers := shipped(b)
	var held *Index
	before := heap()
	b.ReportAllocs()
	for b.Loop() {
		held = New(carriers)
	}
	b.ReportMetric(float64(heap()-before)/1e6, "MB-held")
	runtime.KeepAlive(held)
}

// heap is what is reachable on it, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
