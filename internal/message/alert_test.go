package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"waypost/internal/account"
	"waypost/internal/message"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

func TestAChangeIsOneMessageHoweverOftenItIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		c := w.change(ups, status.OutForDeliveryOther)
		for range 3 {
			if err := w.ParcelChanged(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := w.AlertsDue(t.Context(), message.AlertsDue{Owner: mia}); err != nil {
				t.Fatal(err)
			}
		}
		w.ahead = time.Hour
		w.work()
		mails := w.mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails, want one", len(mails))
		}
		m := mails[0]
		if m.subject != "Shoes: Out for delivery" || m.post != "List-Unsubscribe=One-Click" || !strings.HasPrefix(m.unsubscribe, "<https://track.example/unsubscribe/eu.") {
			t.Errorf("%+v", m)
		}
		for _, want := range []string{"UPS", ups, "Says the carrier", "https://track.example/track?nums", `"ParcelDelivery"`} {
			if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(m.body, "=\r\n", ""), "=3D", "="), want) {
				t.Errorf("%q is missing in %s", want, m.body)
			}
		}
	})
}

// What waits is dropped, and isn't told once it is lifted: it is no news then.
func TestWhatWaitsForWhoIsRestrictedIsDropped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		w.change(ups, status.OutForDeliveryOther)
		w.restricted = true
		w.work()
		w.restricted = false
		if err := w.AlertsDue(t.Context(), message.AlertsDue{Owner: mia}); err != nil {
			t.Fatal(err)
		}
		if mails := w.mails(); len(mails) != 0 {
			t.Errorf("got %+v", mails)
		}
	})
}

func TestWhoIsToldAndWhoIsNot(t *testing.T) {
	silent := watch.Alerts{Own: true}
	for _, tc := range []struct {
		name string
		with func(w *world, id watch.ID)
		subs []status.Sub
		want int
	}{
		{"a status that is told by default", nil, []status.Sub{status.DeliveredOther}, 1},
		{"one that isn't", nil, []status.Sub{status.InTransitOther}, 0},
		{"one that the parcel has a choice of its own for", func(w *world, id watch.ID) {
			must(w.watches.Stores()[0].Edit(w.t.Context(), mia, id, watch.Edit{Alerts: &watch.Alerts{Own: true, On: []status.Main{status.InTransit}}}))(w.t)
		}, []status.Sub{status.InTransitOther}, 1},
		{"a parcel that is silent", func(w *world, id watch.ID) {
			must(w.watches.Stores()[0].Edit(w.t.Context(), mia, id, watch.Edit{Alerts: &silent}))(w.t)
		}, []status.Sub{status.DeliveredOther}, 0},
		{"an archived parcel", func(w *world, id watch.ID) {
			must(w.watches.Stores()[0].Apply(w.t.Context(), mia, watch.Change{Do: watch.Archive}, id))(w.t)
		}, []status.Sub{status.DeliveredOther}, 0},
		{"a member who wants no e-mail", func(w *world, _ watch.ID) {
			w.set(func(s *message.Settings) { s.Mail = false })
		}, []status.Sub{status.DeliveredOther}, 0},
		{"a deactivated account", func(w *world, _ watch.ID) { w.member.State = account.Deactivated }, []status.Sub{status.DeliveredOther}, 0},
		{"a member whose data is restricted", func(w *world, _ watch.ID) { w.restricted = true }, []status.Sub{status.DeliveredOther}, 0},
		{"an account that has gone", func(w *world, _ watch.ID) { w.member.State = "" }, []status.Sub{status.DeliveredOther}, 0},
		{"a member without an e-mail address", func(w *world, _ watch.ID) { w.member.Contacts = nil }, []status.Sub{status.DeliveredOther}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				id := w.save(mia, ups, "Shoes")
				if tc.with != nil {
					tc.with(w, id)
				}
				w.change(ups, tc.subs...)
				w.work()
				if got := len(w.mails()); got != tc.want {
					t.Errorf("%d mails, want %d", got, tc.want)
				}
			})
		})
	}
}

func TestQuietHoursHoldTheNewestStateOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		w.save(mia, ups2, "Lamp")
		now := time.Now().UTC()
		minute := func(d time.Duration) message.Minute {
			at := now.Add(d)
			return message.Minute(at.Hour()*60 + at.Minute())
		}
		w.set(func(s *message.Settings) {
			s.Zone, s.Quiet = "UTC", message.Quiet{On: true, From: minute(-2 * time.Hour), To: minute(2 * time.Hour)}
		})
		w.change(ups, status.OutForDeliveryOther)
		w.work()
		w.change(ups, status.OutForDeliveryOther, status.DeliveredOther)
		w.change(ups2, status.AvailableForPickupOther)
		w.work()
		if got := w.mails(); len(got) != 0 {
			t.Fatalf("sent in the quiet hours: %+v", got)
		}
		w.ahead = 2*time.Hour + time.Minute
		w.work()
		mails := w.mails()
		if len(mails) != 1 || mails[0].subject != "News of 2 parcels" {
			t.Fatalf("got %+v, want one message of both", mails)
		}
		body := strings.ReplaceAll(mails[0].body, "=\r\n", "")
		if !strings.Contains(body, "Delivered.") || !strings.Contains(body, "Ready for pick-up.") || strings.Contains(body, "Out for delivery") {
			t.Errorf("the newest states are not all there is: %s", body)
		}
	})
}

func TestASenderThatIsKilledIsFollowedBySameMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		w.change(ups, status.DeliveredOther)
		w.answer = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
		w.work()
		w.answer = nil
		w.save(mia, ups2, "Lamp")
		w.change(ups2, status.DeliveredOther)
		w.work()
		if got := w.mails(); len(got) != 1 || got[0].subject != "Lamp: Delivered" {
			t.Fatalf("got %+v, want the other parcel only, while the first message waits", got)
		}
		w.ahead = message.Sending + time.Minute
		w.work()
		w.ahead = time.Hour
		w.work()
		if got := w.mails(); len(got) != 2 || got[1].subject != "Shoes: Delivered" {
			t.Fatalf("got %+v, want the first message once", got)
		}
	})
}

func TestAnAddressThatTakesNothingEndsTheAlert(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		w.change(ups, status.DeliveredOther)
		w.answer = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		w.work()
		w.answer = nil
		w.ahead = time.Hour
		w.work()
		if got := w.mails(); len(got) != 0 {
			t.Errorf("sent again: %+v", got)
		}
	})
}

func TestANameIsNoHeader(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes\r\nBcc: all@mail.example\u2028<script>alert(1)</script>{status}")
		w.change(ups, status.DeliveredOther)
		w.work()
		mails := w.mails()
		if len(mails) != 1 || w.sink.Mails()[0].To != "mia@mail.example" || strings.Contains(string(w.sink.Mails()[0].Raw), "\nBcc:") {
			t.Fatalf("%+v", mails)
		}
		if _, html, _ := strings.Cut(mails[0].body, "text/html"); html == "" || strings.Contains(html, "<script>alert") {
			t.Errorf("a script came in: %s", html)
		}
	})
}

func TestAlertsCanBeSaidInEveryLanguage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "")
		for i, language := range []string{"en", "zh", "ar"} {
			w.member.Language = language
			subs := []status.Sub{status.OutForDeliveryOther, status.DeliveredOther, status.ExceptionReturned}
			w.change(ups, subs[:i+1]...)
			w.work()
			mails := w.mails()
			if len(mails) != i+1 || strings.Contains(mails[i].body, "=E2=9F=A6") {
				t.Errorf("%s: %d mails, %+v", language, len(mails), mails)
			}
		}
	})
}

// Changes that follow each other closely are written down by jobs that overtake
// each other. Whichever is written first, the later change is what is told.
func TestTheLaterChangeIsToldHoweverLateTheEarlierIsWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		earlier := w.tell(ups, status.InTransitOther)
		later := w.tell(ups, status.InTransitOther, status.OutForDeliveryOther)
		for _, c := range []parcel.Changed{later, earlier} {
			if err := w.ParcelChanged(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			w.ahead += time.Second
		}
		w.work()
		if mails := w.mails(); len(mails) != 1 || mails[0].subject != "Shoes: Out for delivery" {
			t.Errorf("%+v, want one mail, that the shoes are out for delivery", mails)
		}
	})
}
