package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/thedatashed/xlsxreader"
)

// checkFile reads the file with a library that didn't write it: what is in it is
// every parcel with its status, and every event.
func checkFile(t *testing.T, name string) {
	t.Helper()
	file := must(xlsxreader.OpenFile(name))(t)
	defer file.Close() //nolint:errcheck // it was read only
	if want := []string{"Parcels", "Events"}; !slices.Equal(file.Sheets, want) {
		t.Fatalf("the file has the sheets %q, want %q", file.Sheets, want)
	}
	parcels, events := table(file, "Parcels"), table(file, "Events")
	if len(parcels) != len(kept) {
		t.Errorf("%d parcels are in the file, want %d", len(parcels), len(kept))
	}
	for _, number := range kept {
		i := slices.IndexFunc(parcels, func(p map[string]string) bool { return p["Tracking number"] == number })
		j := slices.IndexFunc(events, func(e map[string]string) bool { return e["Tracking number"] == number }) // the newest comes first
		if i < 0 || j < 0 {
			t.Errorf("of %s there is line %d of parcels and line %d of events", number, i, j)
			continue
		}
		if p, last := parcels[i], events[j]; p["Status"] == "" || p["Status"] != last["Status"] || p["Last event (UTC)"] != last["UTC"] || p["Carrier"] == "" {
			t.Errorf("%s is %v, and its last event %v", number, p, last)
		}
	}
	delivered := func(e map[string]string) bool {
		return e["Tracking number"] == kept[0] && e["Status"] == "Delivered" && e["What the carrier said"] == "DELIVERED" && strings.Contains(e["Place"], "Louisville")
	}
	if !slices.ContainsFunc(events, delivered) {
		t.Errorf("%s is not delivered in %v", kept[0], events)
	}
}

// table is a sheet's lines, by the headings in the first one.
func table(file *xlsxreader.XlsxFileCloser, sheet string) (lines []map[string]string) {
	heading := map[string]string{}
	for row := range file.ReadRows(sheet) {
		line := map[string]string{}
		for _, c := range row.Cells {
			if row.Index == 1 {
				heading[c.Column] = c.Value
			}
			line[heading[c.Column]] = c.Value
		}
		if row.Index > 1 {
			lines = append(lines, line)
		}
	}
	return lines
}
