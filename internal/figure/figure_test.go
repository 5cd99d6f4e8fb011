package figure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// lotus is a cell.
func lotus(country string) []string { return []string{"############", country, "lotus"} }

func published(t *testing.T, g Gate, counts ...Count) []Published {
	t.Helper()
	all := g.Publish(Learned, counts)
	for _, f := range all {
		if f.Withheld != nil {
			t.Fatal(f.Withheld)
		}
	}
	return all
}

func TestLessThanAGroupIsNotPublished(t *testing.T) {
	for _, tc := range []struct{ least, n, want int }{
		{0, 1, 0}, {0, 9, 0}, {0, 10, 10}, {0, 19, 10}, {0, 212, 210}, {25, 24, 0}, {25, 60, 50},
	} {
		if got := published(t, New(tc.least), Count{At: lotus("DE"), N: tc.n})[0].N; got != tc.want {
			t.Errorf("%d in groups of %d are published as %d, want %d", tc.n, tc.least, got, tc.want)
		}
	}
}

func TestWhatCouldNameSomebodyIsNotTaken(t *testing.T) {
	for name, at := range map[string][]string{
		"a whole number":       {"1Z4A7B2C0364182055", "DE", "ups"},
		"more of one":          {"1Z4A7B############", "DE", "ups"},
		"an address":           {"############", "DE", "mia@mail.example"},
		"a name":               {"############", "DE", "Mia"},
		"a place":              {"############", "Berlin", "ups"},
		"too few dimensions":   {"############", "DE"},
		"one dimension more":   {"############", "DE", "ups", "default-0190d5a0"},
		"no form":              {"", "DE", "ups"},
		"a country in letters": {"############", "de", "ups"},
	} {
		all := New(0).Publish(Learned, []Count{{At: at, N: 1000, Held: 30}, {At: lotus("DE"), N: 50}})
		if f := all[0]; f.Withheld == nil || f.N != 0 || f.Held != 30 {
			t.Errorf("%s is published: %+v", name, f)
		}
		if f := all[1]; f.Withheld != nil || f.N != 50 {
			t.Errorf("%s keeps another figure from going out: %+v", name, f)
		}
	}
}

// More values than a dimension has aren't published, and keep nothing else in.
func TestAValueTooManyIsWithheldAlone(t *testing.T) {
	few := Statistic{"few", []dimension{{"country", country, 1}}}
	all := New(0).Publish(few, []Count{{At: []string{"TR"}, N: 9}, {At: []string{"DE"}, N: 50}, {At: []string{"FR"}, N: 50, Held: 20}, {At: []string{"DE"}, N: 30}})
	for i, want := range []Published{{N: 0}, {N: 50, Held: 50}, {N: 0, Held: 20}, {N: 30, Held: 30}} {
		if f := all[i]; f.N != want.N || f.Held != want.Held || (f.Withheld != nil) != (i == 2) {
			t.Errorf("of %v are published %+v, want %d of %d", f.At, f, want.N, want.Held)
		}
	}
}

// An attacker has every figure and every total, and subtracts them from each
// other: what is left is never a group smaller than the least, and a group that is
// left out is in nothing.
func TestNoDifferenceTellsOfLessThanAGroup(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same figures in every run
	countries := []string{"DE", "FR", "TR", "CN"}
	for round := range 2000 {
		least := 5 + random.IntN(30)
		var counts []Count
		for _, c := range countries {
			for _, carrier := range []string{"lotus", "fjordpost", "reed"} {
				counts = append(counts, Count{At: []string{"############", c, carrier}, N: random.IntN(3 * least)})
			}
		}
		figures := published(t, New(least), counts...)
		told := []int{total(figures, "*", "*", "*")}
		for _, c := range countries {
			told = append(told, total(figures, "*", c, "*"))
		}
		for i, f := range figures {
			told = append(told, f.N)
			if counts[i].N < least && f.N != 0 {
				t.Fatalf("round %d: %d in groups of %d are published", round, counts[i].N, least)
			}
			if counts[i].N < least { // as if nobody had been there
				without := slices.Clone(counts)
				without[i].N = 0
				if again := published(t, New(least), without...); fmt.Sprint(sums(again)) != fmt.Sprint(sums(figures)) {
					t.Fatalf("round %d: %d who are left out make a difference", round, counts[i].N)
				}
			}
		}
		for _, a := range told {
			for _, b := range told {
				if d := a - b; d > 0 && d < least {
					t.Fatalf("round %d: %d less %d leave %d, in groups of %d", round, a, b, d, least)
				}
			}
		}
	}
}

// total adds up figures of cells whose values are these, "*" for any.
func total(figures []Published, at ...string) (n int) {
	for _, f := range figures {
		in := len(f.At) == len(at)
		for i := range at {
			in = in && (at[i] == "*" || at[i] == f.At[i])
		}
		if in {
			n += f.N
		}
	}
	return n
}

func sums(figures []Published) (all []int) {
	for _, f := range figures {
		all = append(all, f.N)
	}
	return all
}

// Of a group and of a part of it that are both published, what is left may be
// nobody, or can be a whole group, whatever the attacker subtracts.
func TestWhatAPartLeavesMayBeNobodyOrAWholeGroup(t *testing.T) {
	const least = 10
	left := map[[2]int][]int{}
	for whole := range 8 * least {
		for part := range whole + 1 {
			f := published(t, New(least), Count{At: lotus(""), N: whole}, Count{At: lotus("DE"), N: part})
			seen := [2]int{f[0].N, f[1].N}
			left[seen] = append(left[seen], whole-part)
		}
	}
	for seen, all := range left {
		if slices.Min(all) > 0 && slices.Max(all) < least {
			t.Errorf("of %d, %d of them in one country, %d to %d are elsewhere", seen[0], seen[1], slices.Min(all), slices.Max(all))
		}
	}
}

// Published again and again while people come and go one by one, a figure changes
// only when a whole group has, and never tells which of them it was.
func TestOneWhoComesOrGoesIsNotSeen(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same figures in every run
	for range 200 {
		least := 5 + random.IntN(20)
		g, n, last := New(least), random.IntN(4*least), Published{}
		since := n // all of them came since nothing was published
		for step := range 400 {
			if random.IntN(2) == 0 && n > 0 {
				n--
			} else {
				n++
			}
			since++
			f := published(t, g, Count{At: lotus("DE"), N: n, Held: last.Held})[0]
			if f.N != last.N && step > 0 && since < least {
				t.Fatalf("in groups of %d a figure went from %d to %d after %d people", least, last.N, f.N, since)
			}
			if f.Held != last.Held {
				since = 0
			}
			last = f
		}
	}
}

func TestEveryStatisticIsListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range statistics {
		if s.name == "" || seen[s.name] || len(s.by) == 0 {
			t.Errorf("%+v can't be", s)
		}
		seen[s.name] = true
	}
}
