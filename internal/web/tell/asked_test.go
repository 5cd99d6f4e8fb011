package tell

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/web/ui"
)

// noFiles is a catalogue that knows no carrier: they go by their codes.
type noFiles struct{}

func (noFiles) Carrier(carrier.Code) (*carrier.Carrier, bool) { return nil, false }

func TestEachCarrierThatIsAskedSaysWhenItWasAndWillBe(t *testing.T) {
	kit, err := ui.New("https://waypost.example")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	teller := Teller{Reader: ui.Reader{Words: kit.Words()[0]}, Carriers: noFiles{}, Now: now}
	ask := func(state parcel.State, source carrier.SourceCode, asked, due time.Time) parcel.Ask {
		return parcel.Ask{Asking: parcel.Asking{Carrier: "fjordpost", Source: source, Number: "1"}, State: state, Asked: asked, Due: due}
	}
	ago, later := now.Add(-20*time.Minute), now.Add(95*time.Minute)
	delivered := parcel.History{
		Legs:   []parcel.Leg{{Carrier: "fjordpost", Source: "hub", Number: "1"}},
		Events: []parcel.Event{{Carrier: "fjordpost", Source: "hub", Number: "1", Event: carrier.Event{Status: status.DeliveredOther}}},
	}
	for _, tc := range []struct {
		name string
		p    parcel.Parcel
		want string
	}{
		{"two of them", parcel.Parcel{Asks: []parcel.Ask{
			ask(parcel.Waiting, "fjordpost", ago, later),
			ask(parcel.Waiting, "hub", ago.Add(time.Minute), later.Add(time.Minute)),
		}}, "Source fjordpost, Last check 2026-03-03T11:40:00Z, Next check 2026-03-03T13:35:00Z; " +
			"Source fjordpost (hub), Last check 2026-03-03T11:41:00Z, Next check 2026-03-03T13:36:00Z"},
		{"never asked, and due", parcel.Parcel{Asks: []parcel.Ask{ask(parcel.Waiting, "fjordpost", time.Time{}, now)}},
			"Source fjordpost, Last check Not yet, Next check Now"},
		{"its source tells by itself", parcel.Parcel{Asks: []parcel.Ask{{
			Asking: parcel.Asking{Carrier: "fjordpost", Source: "hub", Number: "1"}, State: parcel.Waiting, Asked: ago, Pushed: ago.Add(time.Minute), Due: later,
		}}}, "Source fjordpost (hub), Last check 2026-03-03T11:40:00Z, Last news sent by itself 2026-03-03T11:41:00Z, Next check 2026-03-03T13:35:00Z"},
		{"nobody wants to know", parcel.Parcel{Asks: []parcel.Ask{ask(parcel.Waiting, "fjordpost", ago, time.Time{})}},
			"Source fjordpost, Last check 2026-03-03T11:40:00Z, Next check None"},
		{"it has arrived", parcel.Parcel{History: delivered, Asks: []parcel.Ask{ask(parcel.Done, "fjordpost", ago, time.Time{})}},
			"Source fjordpost, Last check 2026-03-03T11:40:00Z, Next check None, it has arrived"},
		{"a candidate whose turn hasn't come, and one that was no use", parcel.Parcel{Asks: []parcel.Ask{
			ask(parcel.Later, "hub", time.Time{}, time.Time{}),
			ask(parcel.Dropped, "fjordpost", ago, time.Time{}),
		}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var rows []string
			for _, row := range teller.Asked(tc.p) {
				var facts []string
				for _, f := range row {
					value := f.Value
					if f.ISO != "" {
						value = f.ISO
					}
					facts = append(facts, f.Name+" "+value)
				}
				rows = append(rows, strings.Join(facts, ", "))
			}
			if got := strings.Join(rows, "; "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
