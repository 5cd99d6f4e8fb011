package memory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/figure"
	"waypost/internal/inventory"
	"waypost/internal/memory"
	"waypost/internal/recognise"
)

func open(t *testing.T, d *db.DB) *memory.Book {
	t.Helper()
	b, err := memory.Open(t.Context(), d, figure.Gate{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func exchange(t *testing.T, books ...*memory.Book) {
	t.Helper()
	for _, b := range books {
		if err := b.Exchange(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// lessons are that so many numbers of twelve digits were found with a carrier.
func lessons(n int, code carrier.Code) []memory.Lesson {
	all := make([]memory.Lesson, n)
	for i := range all {
		all[i] = memory.Lesson{Number: fmt.Sprintf("%03d482910375", i), Carrier: code, Country: "DE"}
	}
	return all
}

// found is how many numbers of twelve digits a book has for a carrier.
func found(b recognise.Memory, country string, code carrier.Code) int {
	return int(math.Round(b.Tally("############", country).By[code]))
}

// carriers have plain digits, and nothing else sets them off but their size.
func carriers() *recognise.Index {
	var all []*carrier.Carrier
	for code, prior := range map[carrier.Code]float64{"fjordpost": 0, "lotus": -0.7} {
		all = append(all, &carrier.Carrier{
			Code: code, Names: map[string]string{"en": string(code)}, Prior: prior,
			Formats: []carrier.Format{{Name: "parcel", Pattern: `\d{12}`, Trust: carrier.Published}},
		})
	}
	return recognise.New(all)
}

func TestTheCarrierThatAnsweredComesFirstTheNextTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		index := carriers().Remembering(b)
		first := func() recognise.Candidate { return index.Number("733819204653", recognise.Hints{}).Candidates[0] }
		if got := first().Carrier; got != "fjordpost" {
			t.Fatalf("%s is first before anything was learned", got)
		}
		b.Learn(lessons(20, "lotus")...)
		exchange(t, b)
		got := first()
		if said := fmt.Sprint(got.Reasons); got.Carrier != "lotus" || !strings.Contains(said, "of 20 such numbers here, 20 were this carrier's") {
			t.Errorf("%s is first: %s", got.Carrier, said)
		}
		if err := b.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := first().Carrier; got != "fjordpost" {
			t.Errorf("%s is first after all was forgotten", got)
		}
		exchange(t, b)
		if n := found(b, "", "lotus"); n != 0 {
			t.Errorf("%d numbers are back", n)
		}
	})
}

func TestWhatWasLearnedCanBeTakenElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(20, "lotus")...)
		b.Learn(lessons(3, "fjordpost")...)
		exchange(t, b)
		text, err := json.Marshal(b.Known().Entries())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "fjordpost") {
			t.Errorf("three parcels, perhaps of one person, are told: %s", text)
		}
		if strings.Contains(string(text), `"000#########"`) {
			t.Errorf("a beginning that two numbers have is told: %s", text)
		}
		read, err := memory.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := read.Tally("############", "DE"); got.All != 20 || got.By["lotus"] != 20 {
			t.Errorf("read is %v", got)
		}
		if again, err := json.Marshal(read.Entries()); err != nil || !bytes.Equal(again, text) {
			t.Errorf("read and written again it is %s (%v), was %s", again, err, text)
		}
		if got := carriers().Remembering(read).Number("733819204653", recognise.Hints{}).Candidates[0].Carrier; got != "lotus" {
			t.Errorf("there %s is first", got)
		}
	})
}

func TestWhatCantBeReadIsSaid(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":      `likeness: "####"`,
		"cut":          `[{"likeness":"####","numbers":9`,
		"another list": `[1, 2]`,
		"below zero":   `[{"likeness":"####","numbers":9,"carriers":{"lotus":-1}}]`,
		"too many":     `[{"likeness":"####","numbers":9,"carriers":{"lotus":10}}]`,
	} {
		if known, err := memory.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s is read as %v", name, known)
		}
	}
}

func TestProgramsLearnFromEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, other := open(t, d), open(t, d)
		one.Learn(lessons(40, "lotus")...)
		other.Learn(lessons(40, "lotus")...)
		var both sync.WaitGroup
		for _, b := range []*memory.Book{one, other} {
			both.Go(func() { exchange(t, b) })
		}
		both.Wait()
		exchange(t, one)
		for name, b := range map[string]*memory.Book{"one": one, "one that is opened later": open(t, d)} {
			if here, all := found(b, "DE", "lotus"), found(b, "", "lotus"); here != 80 || all != 80 {
				t.Errorf("%s knows of %d numbers in Germany and %d at all, want 80", name, here, all)
			}
			if n := found(b, "FR", "lotus"); n != 0 {
				t.Errorf("%s knows of %d numbers in France", name, n)
			}
		}
	})
}

func TestWhatCantBeWrittenIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(10, "lotus")...)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Exchange(ended); err == nil {
			t.Fatal("wrote in no time")
		}
		b.Learn(lessons(10, "lotus")...)
		exchange(t, b, b)
		if n := found(b, "", "lotus"); n != 20 {
			t.Errorf("%d numbers are known, want 20", n)
		}
	})
}

func TestOldNumbersCountLessAndGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(40, "lotus")...)
		exchange(t, b)
		back := func(days int) {
			t.Helper()
			err := d.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), `UPDATE memory SET counted_ms = counted_ms - $1`, (time.Duration(days) * 24 * time.Hour).Milliseconds())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		back(180)
		exchange(t, b)
		if n := found(b, "", "lotus"); n != 20 {
			t.Errorf("%d of 40 numbers count after half a year, want 20", n)
		}
		b.Learn(lessons(11, "lotus")...)
		exchange(t, b)
		if n := found(b, "", "lotus"); n != 30 {
			t.Errorf("%d numbers count with eleven more, want 30", n)
		}
		if gone, err := b.Expire(t.Context(), inventory.Purge{Now: time.Now().Add(719 * 24 * time.Hour)}); err != nil || gone.Rows() == 0 {
			t.Errorf("%d entries went (%v), want those of old numbers only", gone.Rows(), err)
		}
		back(721)
		if _, err := b.Expire(t.Context(), inventory.Purge{Now: time.Now()}); err != nil {
			t.Fatal(err)
		}
		exchange(t, b)
		if n := found(b, "", "lotus"); n != 0 {
			t.Errorf("%d numbers count after two years", n)
		}
	})
}

func TestEveryColumnIsDeclaredAndNobodys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		dbtest.Declared(t, d, b.Fields())
		for _, f := range b.Fields() {
			if f.Whose != inventory.Nobody {
				t.Errorf("%s.%s is %s's", f.Table, f.Column, f.Whose)
			}
		}
	})
}

// Whoever asks again and again while numbers are found one by one sees a change
// only when ten were: which of them it was nobody can tell, nor in a program that is
// started anew.
func TestOneNumberThatIsFoundIsNotSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(15, "lotus")...)
		exchange(t, b)
		for one := 1; one < 10; one++ {
			b.Learn(lessons(1, "lotus")...)
			exchange(t, b)
			for name, book := range map[string]*memory.Book{"one": b, "one that is opened later": open(t, d)} {
				if n := found(book, "DE", "lotus"); n != 10 {
					t.Fatalf("%s tells of %d numbers after %d came to 15", name, n, one)
				}
			}
		}
		b.Learn(lessons(1, "lotus")...)
		exchange(t, b)
		if n := found(b, "DE", "lotus"); n != 20 {
			t.Errorf("%d numbers are told of after ten came", n)
		}
	})
}

// What isn't said of a carrier can't be found by subtracting: the sum is that of
// what is said.
func TestWhatIsLeftOutIsInNoSum(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(20, "lotus")...)
		b.Learn(lessons(9, "fjordpost")...)
		exchange(t, b)
		got := b.Tally("############", "DE")
		if got.All != 20 || got.By["lotus"] != 20 || got.By["fjordpost"] != 0 {
			t.Errorf("it says %+v", got)
		}
	})
}

// A figure that can't be published keeps neither a program from starting nor others
// from being published.
func TestAFigureThatCantBePublishedStopsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(lessons(20, "lotus")...)
		exchange(t, b)
		_, err := d.Exec(t.Context(), `INSERT INTO memory (likeness, country, carrier, thousandths, counted_ms, held) VALUES ('############', 'Atlantis', 'reed', 50000, $1, 0)`, time.Now().UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		again := open(t, d)
		if n := found(again, "DE", "lotus"); n != 20 {
			t.Errorf("%d numbers are told of, want those that can be", n)
		}
		if n := found(again, "Atlantis", "reed"); n != 0 {
			t.Errorf("%d numbers of a country that is none are told of", n)
		}
	})
}
