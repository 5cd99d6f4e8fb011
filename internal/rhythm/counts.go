package rhythm

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

const (
	// longest is how long a gap may be to be counted: who is silent for longer
	// is asked daily, whatever the hour.
	longest = 30 * 24 * time.Hour

	// halfLife is after how long half of what was counted is forgotten: shifts
	// change, and traffic with the seasons.
	halfLife = 60 * 24 * time.Hour
)

// counts are what was seen of one rhythm, by cell.
type counts struct {
	events [cells]float64
	hours  [cells]float64 // that events were waited for
}

// add counts a gap.
func (c *counts) add(g Gap) {
	if !g.To.After(g.From) || g.To.Sub(g.From) > longest {
		return
	}
	cell := 0
	spans(g.From, g.From, g.To, func(s span) bool {
		cell = s.cell()
		c.hours[cell] += s.lasts.Hours()
		return true
	})
	c.events[cell]++
}

// merge adds what else was counted.
func (c *counts) merge(o *counts) {
	for i := range cells {
		c.events[i] += o.events[i]
		c.hours[i] += o.hours[i]
	}
}

// fade forgets what so long a time makes one forget.
func (c *counts) fade(after time.Duration) {
	left := math.Exp2(-max(after, 0).Hours() / halfLife.Hours())
	for i := range cells {
		c.events[i] *= left
		c.hours[i] *= left
	}
}

// The stored form is a version, which changes with the cells, and the cells
// that hold anything: number, events, hours.
const storedVersion = 1

type stored struct {
	Version int          `json:"v"`
	Cells   [][3]float64 `json:"cells"`
}

func (c *counts) encode() ([]byte, error) {
	out := stored{Version: storedVersion}
	for i := range cells {
		events, waited := rounded(c.events[i]), rounded(c.hours[i])
		if events > 0 || waited > 0 {
			out.Cells = append(out.Cells, [3]float64{float64(i), events, waited})
		}
	}
	return json.Marshal(out)
}

func rounded(v float64) float64 { return math.Round(v*1000) / 1000 }

func decode(data []byte) (*counts, error) {
	var in stored
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	if in.Version != storedVersion {
		return nil, fmt.Errorf("counts are of version %d, this program reads %d", in.Version, storedVersion)
	}
	c := &counts{}
	for _, cell := range in.Cells {
		i := int(cell[0])
		if i < 0 || i >= cells || cell[1] < 0 || cell[2] < 0 {
			return nil, fmt.Errorf("counts of cell %v can't be", cell)
		}
		c.events[i], c.hours[i] = cell[1], cell[2]
	}
	return c, nil
}
