package poll

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// A curve is how news' mean delay goes down as calls go up.
type curve struct {
	name, class string
	points      []tally
}

// A mark is a point of the chart that has a name.
type mark struct {
	name string
	at   tally
}

// The chart's frame, in its own units; both axes are logarithmic, because half
// the calls are twice the delay everywhere.
const (
	chartWide, chartHigh = 720.0, 460.0
	frameLeft, frameTop  = 84.0, 24.0
	frameWide, frameHigh = 610.0, 372.0
)

var (
	callTicks  = []float64{8, 16, 32, 64, 128}
	delayTicks = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}
)

func chartX(calls float64) float64 {
	return frameLeft + frameWide*math.Log(calls/callTicks[0])/math.Log(callTicks[len(callTicks)-1]/callTicks[0])
}

func chartY(delay time.Duration) float64 {
	least, most := delayTicks[0], delayTicks[len(delayTicks)-1]
	return frameTop + frameHigh - frameHigh*math.Log(float64(delay)/float64(least))/math.Log(float64(most)/float64(least))
}

const chartStyle = `
text { font: 13px system-ui, sans-serif; fill: #1d2733; paint-order: stroke; stroke: #fff; stroke-width: 4px }
.grid { stroke: #d5dbe3; fill: none } .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.fixed { stroke: #8a5a00; fill: #8a5a00 } .expected { stroke: #5b6776; fill: #5b6776; stroke-dasharray: 6 5 } .rhythm { stroke: #00695f; fill: #00695f }
.curve.fixed, .curve.expected, .curve.rhythm { fill: none } .gain { stroke: #1d2733; stroke-dasharray: 2 4 } .paper { fill: #fff }
@media (prefers-color-scheme: dark) {
text { fill: #e6ebf1; stroke: #11161c } .grid { stroke: #3a4552 } .paper { fill: #11161c } .gain { stroke: #e6ebf1 }
.fixed { stroke: #e0b060; fill: #e0b060 } .expected { stroke: #a7b2bf; fill: #a7b2bf } .rhythm { stroke: #4fd1c0; fill: #4fd1c0 }
}`

// chart draws curves with marks on them, and what the last curve gains over the
// first mark at the same number of calls.
func chart(about string, curves []curve, marks []mark, ours tally) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img"><title>%s</title><style>%s</style>`+"\n",
		chartWide, chartHigh, html.EscapeString(about), chartStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%.0f" height="%.0f"/>`+"\n", chartWide, chartHigh)
	chartGrid(&b)
	for i, c := range curves {
		var path []string
		for _, p := range c.points {
			path = append(path, fmt.Sprintf("%.1f,%.1f", chartX(p.Calls), chartY(p.Mean)))
		}
		fmt.Fprintf(&b, `<polyline class="curve %s" points="%s"/>`+"\n", c.class, strings.Join(path, " "))
		y := frameTop + 20 + 20*float64(i)
		fmt.Fprintf(&b, `<line class="curve %s" x1="%.0f" x2="%.0f" y1="%.0f" y2="%.0f"/>`, c.class, frameLeft+360, frameLeft+388, y-4, y-4)
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f">%s</text>`+"\n", frameLeft+396, y, html.EscapeString(c.name))
	}
	from := marks[0].at
	fmt.Fprintf(&b, `<line class="gain" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, chartX(from.Calls), chartX(from.Calls), chartY(from.Mean), chartY(ours.Mean))
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", chartX(from.Calls)+8, (chartY(from.Mean)+chartY(ours.Mean))/2+14, less(from, ours))
	for _, m := range marks {
		x, y := chartX(m.at.Calls), chartY(m.at.Mean)
		fmt.Fprintf(&b, `<circle class="fixed" cx="%.1f" cy="%.1f" r="5"/><text x="%.1f" y="%.1f">%s</text>`+"\n", x, y, x+10, y-6, html.EscapeString(m.name))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func chartGrid(b *strings.Builder) {
	for _, calls := range callTicks {
		fmt.Fprintf(b, `<line class="grid" x1="%[1]f" x2="%[1]f" y1="%[2]f" y2="%[3]f"/>`, chartX(calls), frameTop, frameTop+frameHigh)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%.0f</text>`+"\n", chartX(calls), frameTop+frameHigh+18, calls)
	}
	for _, delay := range delayTicks {
		fmt.Fprintf(b, `<line class="grid" x1="%[1]f" x2="%[2]f" y1="%[3]f" y2="%[3]f"/>`, frameLeft, frameLeft+frameWide, chartY(delay))
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n", frameLeft-8, chartY(delay)+4, short(delay))
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">calls for each parcel</text>`+"\n", frameLeft+frameWide/2, chartHigh-12)
	fmt.Fprintf(b, `<text x="14" y="%.1f" transform="rotate(-90 14 %.1f)" text-anchor="middle">mean delay of news</text>`+"\n", frameTop+frameHigh/2, frameTop+frameHigh/2)
}

// short writes a time as people do: 34 min, 2 h, 2.5 h.
func short(d time.Duration) string {
	switch {
	case d >= 2*time.Hour && d%time.Hour == 0, d == time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

// less is by how much a mean delay is less than another.
func less(before, after tally) string {
	return fmt.Sprintf("−%.0f %%", 100*(1-float64(after.Mean)/float64(before.Mean)))
}
