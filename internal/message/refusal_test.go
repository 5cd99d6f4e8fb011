package message_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/message"
	"waypost/internal/status"
)

// link has a message sent about a parcel, and returns its token.
func (w *world) link(number string, subs ...status.Sub) message.Token {
	w.t.Helper()
	w.change(number, subs...)
	w.work()
	mails := w.mails()
	if len(mails) == 0 {
		w.t.Fatal("nothing was sent")
	}
	address := strings.Trim(mails[len(mails)-1].unsubscribe, "<>")
	return message.Token(strings.TrimPrefix(address, "https://track.example/unsubscribe/"))
}

func TestALinkEndsAndBeginsMessages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		token := w.link(ups, status.OutForDeliveryOther)
		for _, tc := range []struct {
			scope message.Scope
			off   func(r message.Refusal) bool
		}{
			{message.AllAlerts, func(r message.Refusal) bool { return r.AllOff }},
			{message.ThisParcel, func(r message.Refusal) bool { return r.ParcelOff }},
			{message.ThisStatus, func(r message.Refusal) bool { return len(r.On) == 4 }},
		} {
			for range 2 {
				if err := w.Refuse(t.Context(), token, tc.scope, status.Delivered); err != nil {
					t.Fatal(err)
				}
			}
			if r := must(w.Refusal(t.Context(), token))(t); !tc.off(r) || !r.Parcel {
				t.Errorf("%s: %+v", tc.scope, r)
			}
			if err := w.Readmit(t.Context(), token, tc.scope, status.Delivered); err != nil {
				t.Fatal(err)
			}
			if r := must(w.Refusal(t.Context(), token))(t); tc.off(r) || len(r.On) != 5 {
				t.Errorf("%s, taken back: %+v", tc.scope, r)
			}
		}
		if err := w.Refuse(t.Context(), token, message.AllAlerts, ""); err != nil {
			t.Fatal(err)
		}
		w.change(ups, status.OutForDeliveryOther, status.DeliveredOther)
		w.work()
		if got := len(w.mails()); got != 1 {
			t.Errorf("%d mails, want none after all were ended", got)
		}
	})
}

func TestLinksAreKnownAndCanBeRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		token := w.link(ups, status.OutForDeliveryOther)
		if again := w.link(ups, status.OutForDeliveryOther, status.DeliveredOther); again != token {
			t.Errorf("another message of the parcel has another link")
		}
		for _, wrong := range []message.Token{"", "eu.", "eu.guess", token + "x", "us." + token} {
			if err := w.Refuse(t.Context(), wrong, message.AllAlerts, ""); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: got %v", wrong, err)
			}
		}
		for _, scope := range []message.Scope{"", "everything", message.ThisStatus} {
			if err := w.Refuse(t.Context(), token, scope, "Lost"); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: got %v", scope, err)
			}
		}
		if err := w.store().Revoke(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refusal(t.Context(), token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a revoked link: got %v", err)
		}
	})
}

func TestSideDoor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "Shoes")
		token := w.link(ups, status.DeliveredOther)
		w.set(func(s *message.Settings) { s.Zone = "Asia/Shanghai" })
		var out bytes.Buffer
		if err := w.store().Export(t.Context(), mia, &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "Asia/Shanghai") || !strings.Contains(out.String(), `"outcome": "sent"`) || strings.Contains(out.String(), string(token)) {
			t.Errorf("exported %s", out.String())
		}
		n, err := w.store().Expire(t.Context(), inventory.Purge{Now: time.Now().Add(40 * 24 * time.Hour)})
		if err != nil || n.Rows() != 1 {
			t.Errorf("expired %d rows, %v, want the alert", n.Rows(), err)
		}
		for range 2 {
			if err := w.store().Erase(t.Context(), mia); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Refusal(t.Context(), token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the link outlives its owner: %v", err)
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := message.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, (*message.Store)(nil).Fields())
	})
}
