package promise

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// sent is a Monday.
var sent = time.Date(2026, 2, 2, 18, 0, 0, 0, time.FixedZone("", 3600))

// days are all that a text promises, in its order.
func days(text string, at time.Time) []string {
	r := New(at)
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		all = append(all, r.Line(line)...)
	}
	return all
}

func TestDaysThatArePromised(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"Expected delivery: Tuesday, 3 February", "2026-02-03"},
		{"Estimated delivery date: February 3, 2026 by 8:00 PM", "2026-02-03"},
		{"Your parcel is arriving tomorrow between 10:00 and 14:00.", "2026-02-03"},
		{"Arriving Thursday", "2026-02-05"},
		{"We'll deliver it today.", "2026-02-02"},
		{"It will be delivered on Wed 4th of Feb.", "2026-02-04"},
		{"Scheduled delivery\n\nFriday, Feb. 6", "2026-02-06"},
		{"Expected delivery\tTue 3 - Thu 5 February", "2026-02-05"},
		{"Estimated arrival: 3–5 Feb 2026", "2026-02-05"},
		{"Delivery date: 2026-02-06", "2026-02-06"},
		{"ETA 02/14/2026", "2026-02-14"},
		{"Expected by 13/02/2026", "2026-02-13"},
		{"Expected delivery: Tuesday 03/02/2026", "2026-02-03"},
		{"Out for delivery today", "2026-02-02"},
		{"Expected delivery by: 5 January", ""},
		{"Get it by Monday, February 9!", "2026-02-09"},

		{"预计2月3日送达", "2026-02-03"},
		{"您的包裹预计于2026年2月5日送达，请留意。", "2026-02-05"},
		{"快件预计明天送达", "2026-02-03"},
		{"预计送达时间：2026-02-04 18:00", "2026-02-04"},
		{"将于2月6日（星期五）派送", "2026-02-06"},
		{"预计2月3日至2月5日送达", "2026-02-05"},
		{"預計送達日期：2月4日", "2026-02-04"},
		{"预计星期四到达", "2026-02-05"},

		{"Voraussichtliche Zustellung: Dienstag, 3. Februar", "2026-02-03"},
		{"Ihr Paket wird voraussichtlich am 04.02.2026 zugestellt.", "2026-02-04"},
		{"Ihre Sendung wird morgen zwischen 10:00 und 12:00 Uhr zugestellt.", "2026-02-03"},
		{"Voraussichtliche Zustellung\nMi., 04.02.", "2026-02-04"},
		{"Ihr Paket kommt am Donnerstag", "2026-02-05"},
		{"Liefertermin: 5. - 7. März 2026", "2026-03-07"},
		{"Lieferung bis Sa. 7. Feb.", "2026-02-07"},

		{"Livraison prévue le mardi 3 février", "2026-02-03"},
		{"Date de livraison estimée : 04/02/2026", "2026-02-04"},
		{"Votre colis sera livré demain.", "2026-02-03"},
		{"Arrivée prévue entre le 3 et le 5 févr.", "2026-02-05"},
		{"Livraison prévue : mar. 3 févr.", "2026-02-03"},
		{"Votre colis arrive le 1er mars", "2026-03-01"},

		{"Fecha de entrega estimada: martes, 3 de febrero de 2026", "2026-02-03"},
		{"Tu paquete llegará mañana", "2026-02-03"},
		{"Entrega prevista para el 04/02/2026", "2026-02-04"},
		{"Llega el jueves", "2026-02-05"},
		{"Entrega prevista: entre el 3 y el 5 de febrero", "2026-02-05"},

		{"Previsão de entrega: 3 de fevereiro", "2026-02-03"},
		{"Seu pedido chega amanhã", "2026-02-03"},
		{"Entrega prevista para quinta-feira, 5 de fevereiro de 2026", "2026-02-05"},
		{"Data prevista de entrega: 06/02/2026", "2026-02-06"},

		{"Consegna prevista: martedì 3 febbraio", "2026-02-03"},
		{"Il tuo pacco arriverà domani", "2026-02-03"},
		{"Data di consegna stimata: 04/02/2026", "2026-02-04"},
		{"La consegna è prevista per giovedì", "2026-02-05"},

		{"Verwachte bezorging: dinsdag 3 februari", "2026-02-03"},
		{"Je pakket wordt morgen bezorgd", "2026-02-03"},
		{"Wij bezorgen je pakket op donderdag 5 februari tussen 12:00 en 14:00", "2026-02-05"},
		{"Verwachte leverdatum 04-02-2026", "2026-02-04"},

		{"お届け予定日：2月3日（火）", "2026-02-03"},
		{"2026年2月4日（水）にお届け予定です。", "2026-02-04"},
		{"配達予定日時：2026/02/05 14:00-16:00", "2026-02-05"},
		{"お荷物は明日お届け予定です", "2026-02-03"},
	} {
		want := []string{tc.want}
		if tc.want == "" {
			want = nil
		}
		if got := days(tc.text, sent); !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%q: got %q, want %q", tc.text, got, want)
		}
	}
}

func TestDaysThatAreNoPromise(t *testing.T) {
	for _, text := range []string{
		"", "Ordered on 1 February 2026", "Delivered on Tuesday, 3 February", "Zugestellt am 3. Februar", "已于2月3日签收",
		"Your order of 3 February has been shipped.", "Return it until 3 March 2026.", "Voraussichtlich in Kürze",
		"Previous expected delivery: 3 February", "The original delivery date was Tuesday, 3 February.", "原预计送达：2月3日",
		"Expected delivery: 31 February", "Expected delivery: 3 March 2031", "Expected delivery: soon",
		"ETA 02/03/2026", "Expected delivery: 10:00", "Expected delivery fee: 3.50", "Das kommt so nicht vor",
		"Arriving soon. You ordered it on Sunday.",
	} {
		if got := days(text, sent); len(got) > 0 {
			t.Errorf("%q: got %q, want none", text, got)
		}
	}
}

func TestWithoutADayOfItsOwnOnlyWholeDatesCount(t *testing.T) {
	for text, want := range map[string][]string{
		"Expected delivery: tomorrow": nil, "Expected delivery: 3 February": nil, "Expected delivery: Tuesday": nil,
		"Expected delivery: 3 February 2026": {"2026-02-03"}, "预计2026年2月3日送达": {"2026-02-03"},
	} {
		if got := days(text, time.Time{}); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestTheYearIsThatOfTheMail(t *testing.T) {
	december := time.Date(2025, 12, 30, 9, 0, 0, 0, time.UTC)
	if got := days("Expected delivery: Friday, 2 January", december); !slices.Equal(got, []string{"2026-01-02"}) {
		t.Errorf("got %q, want the next year's", got)
	}
}

func TestManyLinesAreReadInOrder(t *testing.T) {
	got := days("Parcel A\nExpected delivery: 3 February\nParcel B\nExpected delivery:\n5 February", sent)
	if !slices.Equal(got, []string{"2026-02-03", "2026-02-05"}) {
		t.Errorf("got %q, want both", got)
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range []string{
		"Expected delivery: Tuesday, 3 February", "预计2月3日送达", "wird ... zugestellt", "2026-02-03", "3.2.", "ETA 99999999999999999999/1",
		"Expected delivery: 3 - - - 5", "mar mar mar 3 mar", "にお届け", "\xff expected delivery \x00", "delivery date delivery date", "İstanbul expected by ²⁰",
	} {
		f.Add(seed, int64(1770000000))
		f.Add(seed, int64(0))
	}
	f.Fuzz(func(t *testing.T, text string, at int64) {
		at %= 1 << 36 // years of four digits
		when := time.Unix(at, 0)
		if at <= 0 {
			when = time.Time{}
		}
		for _, day := range days(text, when) {
			parsed, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatalf("%q: %q is no day", text, day)
			}
			if ahead := parsed.Sub(when); !when.IsZero() && (ahead < earliest-48*time.Hour || ahead > latest+48*time.Hour) {
				t.Errorf("%q: %s is %v ahead", text, day, ahead)
			}
		}
	})
}

func BenchmarkLine(b *testing.B) {
	line := "Your parcel 1Z4A7B2C0364182055 will be delivered on Wednesday, 4 February 2026 between 10:00 and 14:00."
	r := New(sent)
	b.ReportAllocs()
	for b.Loop() {
		r.Line(line)
	}
}
