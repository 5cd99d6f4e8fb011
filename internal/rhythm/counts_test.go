package rhythm

import (
	"math"
	"testing"
	"time"
)

func TestAGapIsCountedWhereItLies(t *testing.T) {
	zone := time.FixedZone("", 3600)
	tuesday := time.Date(2026, 1, 6, 0, 0, 0, 0, zone)
	c := &counts{}
	c.add(Gap{transit, tuesday.Add(22*time.Hour + 30*time.Minute), tuesday.Add(25*time.Hour + 45*time.Minute)})
	for _, tc := range []struct {
		hour, age     int
		events, hours float64
	}{
		{24 + 22, 0, 0, 0.5},
		{24 + 23, 0, 0, 0.5},
		{24 + 23, 1, 0, 0.5},
		{48, 1, 0, 1},
		{49, 1, 0, 0.5},
		{49, 2, 1, 0.25}, // from three hours on
	} {
		i := span{hour: tc.hour, age: tc.age}.cell()
		if math.Abs(c.hours[i]-tc.hours) > 1e-9 || c.events[i] != tc.events {
			t.Errorf("hour %d, age %d: %v events in %v hours, want %v in %v", tc.hour, tc.age, c.events[i], c.hours[i], tc.events, tc.hours)
		}
	}
	if events, waited := total(c); events != 1 || math.Abs(waited-3.25) > 1e-9 {
		t.Errorf("%v events in %v hours altogether", events, waited)
	}
}

func total(c *counts) (events, waited float64) {
	for i := range cells {
		events += c.events[i]
		waited += c.hours[i]
	}
	return events, waited
}

func TestWhatIsNoGapIsNotCounted(t *testing.T) {
	c := &counts{}
	c.add(Gap{transit, monday, monday})                   // both at once
	c.add(Gap{transit, monday, monday.Add(-time.Hour)})   // the carrier corrected a time
	c.add(Gap{transit, monday, monday.AddDate(0, 0, 31)}) // it was silent
	c.add(Gap{transit, time.Time{}, monday})              // nobody knows since when
	if events, waited := total(c); events != 0 || waited != 0 {
		t.Errorf("%v events in %v hours", events, waited)
	}
}

func TestCountsFadeByHalfInSixtyDays(t *testing.T) {
	c := &counts{}
	c.add(Gap{transit, monday, monday.Add(2 * time.Hour)})
	c.fade(-time.Hour) // another machine's clock is ahead
	c.fade(60 * 24 * time.Hour)
	if events, waited := total(c); math.Abs(events-0.5) > 1e-9 || math.Abs(waited-1) > 1e-9 {
		t.Errorf("%v events in %v hours, want half of 1 in 2", events, waited)
	}
}

func FuzzDecode(f *testing.F) {
	c := &counts{}
	c.add(Gap{transit, monday, monday.Add(26 * time.Hour)})
	good, err := c.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":1,"cells":[[-1,1,1]]}`))
	f.Add([]byte(`{"v":1,"cells":[[1e300,1,1]]}`))
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decode(data)
		if err != nil {
			return
		}
		again, err := c.encode()
		if err != nil {
			t.Fatalf("%q was read and can't be written: %v", data, err)
		}
		if _, err := decode(again); err != nil {
			t.Errorf("%q was written as %q, which can't be read: %v", data, again, err)
		}
	})
}
