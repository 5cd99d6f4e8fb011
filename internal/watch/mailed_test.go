package watch_test

import (
	"testing"

	"waypost/internal/watch"
)

func TestAMailSavesItsParcelsAndTellsTheirDays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		of := func(number, day string) watch.New {
			return watch.New{Number: number, Words: watch.Words{Expected: watch.Expected{Day: day, By: "shop.example"}}}
		}
		kept := w.save(mia, ups, "boots")
		put := w.save(mia, ups2, "away")
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, put))(t)

		got := must(s.Mail(ctx, mia, of(ups, "2026-03-06"), of(ups2, "2026-03-07"), of(dhl, "2026-03-08"), of("1Z4A7B2C0364182056", "2026-03-09")))(t)
		if got != (watch.Mailed{Made: 1, Told: 2}) {
			t.Errorf("got %+v, want one made and two told", got)
		}
		if b := w.get(mia, kept); b.Name != "boots" || b.Expected != (watch.Expected{Day: "2026-03-06", By: "shop.example"}) || b.Source != watch.ByHand {
			t.Errorf("what was there is %+v, want its own words and the day", b)
		}
		if a := w.get(mia, put); a.Archived.IsZero() || a.Expected.Day != "2026-03-07" {
			t.Errorf("what was put away is %+v, want the day, and that it stays away", a)
		}
		list := must(s.List(ctx, mia, watch.Query{Sort: watch.ByETA}))(t)
		if len(list.Watches) != 2 || list.Watches[0].Number != ups || list.Watches[1].Number != dhl || list.Watches[1].Source != watch.ByMail {
			t.Errorf("listed %+v, want both, the sooner first, the new one by mail", list.Watches)
		}

		if again := must(s.Mail(ctx, mia, of(ups, "2026-03-06"), of(dhl, "2026-03-08")))(t); again != (watch.Mailed{}) {
			t.Errorf("the same again: %+v, want nothing", again)
		}
		if later := must(s.Mail(ctx, mia, of(ups, "2026-03-10"), of(dhl, "")))(t); later != (watch.Mailed{Told: 1}) || w.get(mia, kept).Expected.Day != "2026-03-10" {
			t.Errorf("another day: %+v, want it told", later)
		}
		if his := must(s.List(ctx, noah, watch.Query{}))(t); his.Total != 0 {
			t.Errorf("somebody else has %d", his.Total)
		}
	})
}

func TestWhatIsNoDayIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		must(w.store().Mail(t.Context(), mia, watch.New{Number: ups, Words: watch.Words{Expected: watch.Expected{Day: "soon", By: longText(400)}}}))(t)
		list := must(w.store().List(t.Context(), mia, watch.Query{}))(t)
		if len(list.Watches) != 1 || list.Watches[0].Expected != (watch.Expected{}) {
			t.Errorf("got %+v, want the parcel and no day", list.Watches)
		}
	})
}

func TestAMailIsImportedLikeAList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mail := "From: UPS <pkginfo@ups.com>\r\nSubject: Your parcel\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n" +
			"<p>F\xfcr Sie: 1Z4A7B2C0364182055</p><script type=\"application/ld+json\">" +
			`{"@type": "ParcelDelivery", "trackingNumber": "1Z4A7B2C0364182055", "provider": {"name": "UPS"}, "expectedArrivalUntil": "2026-03-06"}</script>` + "\r\n"
		p := must(w.store().Import(t.Context(), mia, watch.File{Content: []byte(mail)}))(t)
		if p.Table || len(p.Lines) == 0 || p.Lines[0].Number != ups || p.Lines[0].Expected != (watch.Expected{Day: "2026-03-06", By: "ups.com"}) {
			t.Fatalf("preview %+v, want the number and its day", p)
		}
		p = must(w.store().Reread(t.Context(), mia, p.Import, watch.Reading{Tags: &[]string{"mailed"}}))(t)
		must(w.store().Commit(t.Context(), mia, p.Import, p.Revision))(t)
		list := must(w.store().List(t.Context(), mia, watch.Query{}))(t)
		if len(list.Watches) != 1 || list.Watches[0].Expected.Day != "2026-03-06" || list.Watches[0].Source != watch.Imported {
			t.Errorf("imported %+v", list.Watches)
		}
	})
}
