package member_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/message"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// number is one that the carrier files invented.
const number = "1Z4A7B2C0364182055"

// ignored are jobs that the test does by hand.
type ignored struct{}

func (ignored) Add(context.Context, *db.Tx, ...job.Args) error              { return nil }
func (ignored) AddAt(context.Context, *db.Tx, time.Time, ...job.Args) error { return nil }

// profiles finds members.
type profiles struct{ *account.Members }

func (p profiles) Profile(ctx context.Context, id account.ID) (account.Profile, error) {
	s, err := p.Of(id)
	if err != nil {
		return account.Profile{}, err
	}
	return s.Profile(ctx, id)
}

// openAlerts opens what the world's members are told.
func openAlerts(t *testing.T, w *world, d *db.DB, keys *vault.Vault) *message.Messages {
	t.Helper()
	m, err := message.Open(t.Context(), message.Options{
		URL: "http://waypost.example", Mail: w.sent.Mail(), SMS: w.sent.SMS(), People: profiles{w.members}, Watches: w.watches,
		Regions: []message.Region{{Name: "eu", DB: d, Vault: keys, Jobs: ignored{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// owner is who a browser is signed in as.
func (b *browser) owner() inventory.Subject {
	b.t.Helper()
	session, err := b.members.Session(b.t.Context(), account.Token(b.cookies()["waypost_session"]))
	if err != nil {
		b.t.Fatal(err)
	}
	return session.Account.Subject()
}

// told has a member told of a status of a parcel they keep, and returns where
// they unsubscribe.
func (w *world) told(owner inventory.Subject, revision int64, now status.Sub) string {
	w.t.Helper()
	store := w.watches.Stores()[0]
	if _, err := store.Save(w.t.Context(), owner, watch.New{Number: number}); err != nil {
		w.t.Fatal(err)
	}
	p, err := w.parcels.Find(w.t.Context(), parcel.Key{Number: number})
	if err != nil || len(p) != 1 {
		w.t.Fatalf("%d parcels, %v", len(p), err)
	}
	err = w.alerts.ParcelChanged(w.t.Context(), parcel.Changed{Parcel: p[0].ID, Revision: revision, From: status.InTransitOther, To: now})
	if err == nil {
		err = w.alerts.AlertsDue(w.t.Context(), message.AlertsDue{Owner: owner})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	sent := w.sent.Messages()
	if len(sent) == 0 || sent[0].Mail == nil || sent[0].Mail.Unsubscribe == nil {
		return ""
	}
	return sent[0].Mail.Unsubscribe.Path
}

func TestWhichAlertsAreWanted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.browser().get("/account/alerts").isAt("/signin?next=%2Faccount%2Falerts")
		b := w.join()
		b.get("/account").says(`href="/account/alerts"`)
		b.get("/account/alerts").is(http.StatusOK).says(mia).says(`value="Delivered" checked`).says(`value="Europe/Berlin"`).says(`value="22:00"`)
		b.post("/account/alerts", "mail", "yes", "on", "InTransit", "quiet", "yes", "from", "21:30", "until", "06:00", "zone", "Asia/Shanghai", "pause", "week").
			isAt("/account/alerts?done=alerts").says("Your choice was saved").says(`value="InTransit" checked`).says(`value="21:30"`).says("Paused until")
		for name, tc := range map[string]struct{ field, value, says string }{
			"a zone that is none":            {"zone", "Middle/Earth", "Middle/Earth"},
			"hours that end when they begin": {"until", "21:30", "different times"},
			"a time that is none":            {"until", "soon", "different times"},
		} {
			form := map[string]string{"mail": "yes", "quiet": "yes", "from": "21:30", "until": "06:00", "zone": "Asia/Shanghai", "pause": "none"}
			form[tc.field] = tc.value
			var pairs []string
			for k, v := range form {
				pairs = append(pairs, k, v)
			}
			got := b.post("/account/alerts", pairs...).is(http.StatusBadRequest)
			if !strings.Contains(got.body, tc.says) {
				t.Errorf("%s: %q is not said", name, tc.says)
			}
		}
	})
}

func TestUnsubscribingByOneClick(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owner := w.join().owner()
		link := w.told(owner, 2, status.OutForDeliveryOther)
		if link == "" {
			t.Fatal("the message has no link to unsubscribe")
		}
		// A mail program: no cookies, and a page of its own.
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+link, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://mail.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		program := w.browser()
		program.send(r).is(http.StatusOK).says("no longer sent")
		if got := program.cookies(); len(got) != 0 {
			t.Errorf("it was given cookies: %v", got)
		}
		before := len(w.sent.Messages())
		w.told(owner, 3, status.DeliveredOther)
		if got := len(w.sent.Messages()); got != before {
			t.Error("something is still sent")
		}
	})
}

func TestUnsubscribingOnThePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owner := w.join().owner()
		link := w.told(owner, 2, status.OutForDeliveryOther)
		b := w.browser()
		for range 2 { // a program that follows links ends nothing
			b.get(link + "?about=OutForDelivery").is(http.StatusOK).says("this parcel").says("Out for delivery").says("at all")
		}
		for _, scope := range []string{"parcel", "status", "all"} {
			b.post(link, "scope", scope, "about", "OutForDelivery").is(http.StatusOK).says("no longer sent").says("Send them again")
			b.post(link, "do", "again", "scope", scope, "about", "OutForDelivery").is(http.StatusOK).says("sent again")
		}
		b.post(link, "scope", "all")
		b.get(link).is(http.StatusOK).says("You are sent no alerts")
		b.post(link, "scope", "everything").is(http.StatusBadRequest)
		b.get("/unsubscribe/eu.guess").is(http.StatusNotFound).says("can’t be used any more")
		b.post("/unsubscribe/eu.guess", "scope", "all").is(http.StatusNotFound)
		if got := b.cookies(); len(got) != 0 {
			t.Errorf("it was given cookies: %v", got)
		}
	})
}

func TestAParcelCanHaveAChoiceOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		store := w.watches.Stores()[0]
		saved, err := store.Save(t.Context(), b.owner(), watch.New{Number: number})
		if err != nil {
			t.Fatal(err)
		}
		page := "/parcels/alerts/" + string(saved[0].ID)
		b.get("/parcels/" + string(saved[0].ID)).is(http.StatusOK).says(`href="` + page + `"`)
		b.get(page).is(http.StatusOK).says(`value="no" checked`).says(`value="Delivered" checked`)
		b.post(page, "own", "yes", "on", "InTransit").says("Saved")
		b.get(page).says(`value="yes" checked`).says(`value="InTransit" checked`)
		got, err := store.Get(t.Context(), b.owner(), saved[0].ID)
		if err != nil || !got.Alerts.Own || len(got.Alerts.On) != 1 {
			t.Errorf("kept %+v, %v", got.Alerts, err)
		}
		b.post(page, "own", "no", "on", "InTransit").says("Saved")
		b.get(page).says(`value="no" checked`)
		b.get("/parcels/alerts/nothing").is(http.StatusNotFound)
	})
}
