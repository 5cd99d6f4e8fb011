package rhythm

// Rates are how many events an hour are expected. They don't change.
type Rates struct {
	cell [cells]float32
	flat [ages]float32 // by age: the mean of all hours, where nobody knows the local one
}

// A grouping says which cells are taken together, and how far what was seen in
// a group is doubted: as if so many of the expected events had been seen as well.
type grouping struct {
	doubt float64
	of    func(hour, age int) int // less than cells
}

// groupings go from what a few events tell to what takes many: how often they
// come at all; by age, by hour of the day, by day; by both; each cell by itself.
var groupings = [...]grouping{
	{4, func(_, _ int) int { return 0 }},
	{6, func(_, age int) int { return age }},
	{6, func(hour, _ int) int { return hour % 24 }},
	{6, func(hour, _ int) int { return hour / 24 }},
	{5, func(hour, age int) int { return hour%24*ages + age }},
	{5, func(hour, _ int) int { return hour }},
	{5, func(hour, age int) int { return hour*ages + age }},
}

// A table is how many events an hour are expected, by cell.
type table [cells]float64

// fit corrects what is expected by what was seen, one grouping after the other:
// a group's rates are scaled so that its events are as many as there were, as
// far as they aren't doubted.
func (t *table) fit(seen *counts) *table {
	rate := *t
	for _, g := range groupings {
		var came, awaited [cells]float64
		for i := range cells {
			at := g.of(i/ages, i%ages)
			came[at] += seen.events[i]
			awaited[at] += seen.hours[i] * rate[i]
		}
		for i := range cells {
			at := g.of(i/ages, i%ages)
			rate[i] *= (came[at] + g.doubt) / (awaited[at] + g.doubt)
		}
	}
	return &rate
}

func (t *table) fixed() *Rates {
	r := &Rates{}
	for i, v := range t {
		r.cell[i] = float32(v)
		r.flat[i%ages] += float32(v) / hours
	}
	return r
}
