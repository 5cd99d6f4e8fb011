package parcel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

func TestHistoriesComeBackFromTheirBytes(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var h History
		for _, leg := range manyLegs {
			h, _ = Merge(h, leg, d.report(events), noon)
		}
		data, err := h.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h, got); diff != "" {
			t.Fatalf("(-encoded +decoded):\n%s", diff)
		}
	})
}

func TestOnlyHistoriesReadFromWordsNeedTheNewerVersion(t *testing.T) {
	h := usualHistory(3)
	for _, fromWords := range []bool{false, true} {
		h.Events[1].FromWords = fromWords
		data, err := h.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if newer := data[0] == versionMarked; newer != fromWords {
			t.Errorf("from words: %v, encoded as version %d", fromWords, data[0])
		}
		if got, err := Decode(data); err != nil || got.Events[1].FromWords != fromWords || got.Events[0].FromWords || got.Events[2].FromWords {
			t.Errorf("from words: %v, came back as %v, %v", fromWords, got.Events, err)
		}
	}
}

func TestWhatWasPushedIsKnownFromTheBytes(t *testing.T) {
	for _, fromWords := range []bool{false, true} {
		h, _ := Merge(usualHistory(3), origin, pushedReport(at("23:00", status.DeliveredOther, "delivered")), noon.AddDate(0, 1, 1))
		h.Events[1].FromWords = fromWords
		data, err := h.Encode()
		if err != nil || data[0] != versionPushed {
			t.Fatalf("encoded as version %d, %v", data[0], err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h, got); diff != "" {
			t.Errorf("(-encoded +decoded):\n%s", diff)
		}
	}
}

func TestAnUsualHistoryIsSmall(t *testing.T) {
	h := usualHistory(20)
	data, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 1200 {
		t.Errorf("20 events take %d bytes", len(data))
	}
}

// usualHistory is what a connected carrier tells of a parcel.
func usualHistory(events int) History {
	r := carrier.Report{Service: "Parcel abroad", ETA: carrier.Time{Local: "2026-03-09"}}
	for i := range events {
		e := at("08:00", status.InTransitOther, fmt.Sprintf("Sorted at hub %d and sent on", i%7))
		e.Time.UTC = e.Time.UTC.Add(time.Duration(i) * 5 * time.Hour)
		e.Time.Local = e.Time.UTC.Format(wallTime)
		e.Code = fmt.Sprint(300 + i%7)
		e.Place.City, e.Place.Country = []string{"Bergen", "Oslo", "Leipzig"}[i%3], []string{"NO", "NO", "DE"}[i%3]
		r.Events = append(r.Events, e)
	}
	h, _ := Merge(History{}, origin, r, noon.AddDate(0, 1, 0))
	return h
}

func TestWhatTheBytesMayNotBe(t *testing.T) {
	usual, err := usualHistory(20).Encode()
	if err != nil {
		t.Fatal(err)
	}
	bomb := writer{texts: map[string]uint64{}}
	bomb.text(strings.Repeat("x", maxEncoded+1))
	enc, _ := coder()
	for _, tc := range []struct {
		name string
		data []byte
	}{
		{"nothing", nil},
		{"another version", []byte{9, 0, 0, 0}},
		{"an unknown packing", []byte{versionPlain, 9, 0}},
		{"cut", usual[:len(usual)-3]},
		{"marks of events that there aren't", []byte{versionMarked, packedNot, 0, 0, 0, 0, 1, 0}},
		{"bytes behind the end", []byte{versionPlain, packedNot, 0, 0, 0, 0, 1}},
		{"more events than there may be", []byte{versionPlain, packedNot, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}},
		{"far larger than its bytes", enc.EncodeAll(bomb.out, []byte{versionPlain, packedZstd})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if h, err := Decode(tc.data); err == nil {
				t.Errorf("decoded to %d events", len(h.Events))
			}
		})
	}
}

func TestAHistoryBeyondMeasureIsRefused(t *testing.T) {
	h := History{Legs: []Leg{{Service: strings.Repeat("x", maxEncoded)}}}
	if data, err := h.Encode(); err == nil {
		t.Errorf("encoded to %d bytes", len(data))
	}
}

func FuzzDecode(f *testing.F) {
	for _, events := range []int{0, 1, 20} {
		h := usualHistory(events)
		w := writer{texts: map[string]uint64{}}
		w.history(h)
		f.Add(append([]byte{versionPlain, packedNot}, w.out...))
		data, err := h.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := Decode(data)
		if err != nil {
			return
		}
		h.Standing(noon)
		again, err := h.Encode()
		if err != nil {
			t.Fatalf("decoded, but can't be encoded: %v", err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("encoded again, but can't be decoded: %v", err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data, err := usualHistory(20).Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	h := usualHistory(20)
	for b.Loop() {
		if _, err := h.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
