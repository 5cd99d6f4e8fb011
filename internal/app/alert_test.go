package app

import (
	"fmt"
	"log/slog"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/mailtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// A change of a watched parcel's status, recorded as the poller does, goes
// through the real queues, and becomes one e-mail at a real SMTP server.
func TestAChangeOfStatusBecomesOneMail(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		sink := mailtest.Start(t, mailtest.Options{})
		cfg := settings(t, map[string]any{
			"url": "http://track.example", "database.parcels": address, "mail.smtp": sink.Addr, "mail.from": "Waypost <post@track.example>",
		})
		s, err := newServer(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		deliver(t, s)
		const number = "1Z4A7B2C0364182055"
		for _, name := range []string{"mia", "noah"} {
			member := newMember(t, s, name+"@mail.example")
			team, err := s.people.members.Teams().New(t.Context(), member.Session, "Heron Supplies") // nobody is told for it
			if err != nil {
				t.Fatal(err)
			}
			keep(t, s, member.Account.Subject(), number, name+"'s kettle")
			keep(t, s, team.Subject(), number, "our kettle")
		}
		for i, sub := range []status.Sub{status.InTransitOther, status.OutForDeliveryOther, status.OutForDeliveryOther, status.DeliveredOther} {
			told(t, s, number, sub, i)
			wanted := map[status.Sub]int{status.OutForDeliveryOther: 1, status.DeliveredOther: 2}[sub]
			for _, name := range []string{"mia", "noah"} {
				alerts(t, sink, name, wanted)
			}
		}
	})
}

// keep has somebody save a parcel.
func keep(t testing.TB, s *server, owner inventory.Subject, number, name string) {
	t.Helper()
	store, err := s.watches.Of(owner)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), owner, watch.New{Number: number, Words: watch.Words{Name: name}}); err != nil {
		t.Fatal(err)
	}
}

// told has a source answer that a parcel has a status since the i-th minute.
func told(t *testing.T, s *server, number string, sub status.Sub, i int) {
	t.Helper()
	asking := parcel.Asking{Account: "test/main", Source: "test", Carrier: "ups", Number: number, Role: parcel.Origin}
	want := parcel.Want{Key: parcel.Key{Number: number}, Askings: []parcel.Asking{asking}, Until: time.Now().Add(time.Hour)}
	if _, err := s.store.Want(t.Context(), []parcel.Want{want}); err != nil {
		t.Fatal(err)
	}
	taken, err := s.store.Claim(t.Context(), parcel.Claim{Account: asking.Account, Most: 1, Lease: time.Minute})
	if err != nil || len(taken.Asks) != 1 {
		t.Fatalf("asks %+v, %v", taken, err)
	}
	at := time.Now().UTC().Truncate(time.Minute).Add(time.Duration(i-10) * time.Minute)
	event := carrier.Event{Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: fmt.Sprint(i), Status: sub, Words: "Somewhere"}
	report := carrier.Report{Number: number, Latest: true, Events: []carrier.Event{event}}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	if _, err := s.store.Record(t.Context(), []parcel.Outcome{{Claimed: taken.Asks[0], At: time.Now(), Report: report}}, soon); err != nil {
		t.Fatal(err)
	}
}

// alertsWithin is longer than who died while sending keeps a message to themselves,
// and what a busy machine makes a job try again.
const alertsWithin = 5 * time.Minute

// alerts waits until somebody has so many e-mails about their parcel, and fails
// the test when there are others.
func alerts(t *testing.T, sink *mailtest.Sink, name string, wanted int) {
	t.Helper()
	var subjects []string
	for deadline := time.Now().Add(alertsWithin); time.Now().Before(deadline); {
		subjects = nil
		for _, m := range sink.Mails() {
			subject := subjectOf(t, m)
			if m.To == name+"@mail.example" && strings.Contains(subject, "kettle") {
				subjects = append(subjects, subject)
				if !strings.Contains(subject, name) {
					t.Errorf("%s is told of another's parcel: %q", name, subject)
				}
			}
		}
		if len(subjects) == wanted {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	t.Fatalf("%s got %d e-mails, want %d: %q", name, len(subjects), wanted, subjects)
}

func subjectOf(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(string(m.Raw)))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return subject
}
