package parcel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// pushed is what acme tells of a number by itself.
func pushed(number string, at, first time.Time, subs ...status.Sub) parcel.Push {
	report := answer(parcel.Claimed{Asking: parcel.Asking{Number: number}}, at, first, subs...).Report
	return parcel.Push{Source: "acme", Reports: []carrier.Report{report}, At: at, Next: in(day)}
}

func hear(t *testing.T, s *parcel.Store, p parcel.Push) parcel.Heard {
	t.Helper()
	heard, err := s.Hear(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

func TestWhatASourceTellsByItselfIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		id := want(t, s, simple("TEST1"))[0].ID
		record(t, s, in(time.Hour), answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.InTransitPickedUp))
		c.pass(minute)

		heard := hear(t, s, pushed("TEST1", c.Now(), start, status.OutForDeliveryOther))
		if heard.Known != 1 || len(heard.Changes) != 1 || heard.Changes[0].To != status.OutForDeliveryOther {
			t.Fatalf("heard %+v, want one change to out for delivery", heard)
		}
		p := get(t, s, id)
		if len(p.History.Events) != 2 {
			t.Errorf("%d events, want the polled and the pushed one", len(p.History.Events))
		}
		if a := p.Asks[0]; !a.Pushed.Equal(c.Now()) || !a.Due.Equal(c.Now().Add(day)) || !a.Asked.Equal(start) {
			t.Errorf("the ask is %+v, want it put off to tomorrow, and not taken for asked", a)
		}

		once := get(t, s, id)
		if again := hear(t, s, pushed("TEST1", c.Now(), start, status.OutForDeliveryOther)); again.Known != 1 || len(again.Changes) != 0 {
			t.Errorf("told twice it changes %+v", again.Changes)
		}
		if diff := cmp.Diff(once, get(t, s, id)); diff != "" {
			t.Errorf("told twice the parcel differs:\n%s", diff)
		}
	})
}

func TestALatePushUndoesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, _ *clock) {
		id := want(t, s, simple("TEST1"))[0].ID
		last := pushed("TEST1", start, start.Add(-time.Hour), status.DeliveredOther)
		last.Reports[0].State = status.DeliveredOther
		hear(t, s, last)
		late := pushed("TEST1", start.Add(minute), start.Add(-3*time.Hour), status.OutForDeliveryOther)
		late.Reports[0].State = status.OutForDeliveryOther
		hear(t, s, late)

		p := get(t, s, id)
		if got := p.Standing(start.Add(minute)).Status; got != status.DeliveredOther {
			t.Errorf("a push that came late makes it %s", got)
		}
		if len(p.History.Events) != 2 || p.History.Events[0].Status != status.OutForDeliveryOther {
			t.Errorf("events %+v, want both, the earlier one first", p.History.Events)
		}
	})
}

func TestPushesOfWhatNobodyWantsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		id := want(t, s, simple("TEST1"))[0].ID
		elsewhere := pushed("TEST1", start, start, status.DeliveredOther)
		elsewhere.Source = "fjordpost"
		refused := pushed("TEST1", start, start)
		refused.Reports[0].Problem = &carrier.Problem{Kind: carrier.Missing}
		for name, push := range map[string]parcel.Push{
			"an unknown number":              pushed("TEST2", start, start, status.DeliveredOther),
			"a source that isn't asked":      elsewhere,
			"a problem":                      refused,
			"a parcel that nobody wants now": pushed("TEST1", start.Add(8*day), start, status.DeliveredOther),
		} {
			if heard := hear(t, s, push); heard.Known != 0 || len(heard.Changes) != 0 {
				t.Errorf("%s: heard %+v", name, heard)
			}
		}
		if p := get(t, s, id); p.Revision != 0 || !p.Asks[0].Pushed.IsZero() {
			t.Errorf("the parcel is %+v, want it as it was", p)
		}
		c.pass(minute)
		if found, err := s.Find(t.Context(), parcel.Key{Number: "TEST2"}); err != nil || len(found) != 0 {
			t.Errorf("a push made the parcel %+v (%v)", found, err)
		}
	})
}

func TestAPushSettlesWhoseParcelItIs(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		id := want(t, s, guess("TEST1", fjord, acme))[0].ID
		hear(t, s, pushed("TEST1", c.Now(), start.Add(-time.Hour), status.InTransitPickedUp))
		p := get(t, s, id)
		if diff := cmp.Diff(map[carrier.Code]parcel.State{"fjordpost": parcel.Dropped, "acme": parcel.Waiting}, states(p)); p.Found != "acme" || diff != "" {
			t.Errorf("it is %q's, asks:\n%s", p.Found, diff)
		}
	})
}

// A push that comes while the source is being asked leaves the ask to whoever asks.
func TestAPushDuringAnAskLeavesItsLease(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		id := want(t, s, simple("TEST1"))[0].ID
		held := claim(t, s, acme)[0]
		hear(t, s, pushed("TEST1", c.Now(), start, status.OutForDeliveryOther))
		c.pass(time.Second)
		record(t, s, in(time.Hour), answer(held, c.Now(), start, status.OutForDeliveryOther, status.DeliveredOther))
		p := get(t, s, id)
		if len(p.History.Events) != 2 || !p.Asks[0].Asked.Equal(c.Now()) || !p.Asks[0].Due.Equal(c.Now().Add(time.Hour)) {
			t.Errorf("kept %d events, ask %+v, want the answer recorded", len(p.History.Events), p.Asks[0])
		}
	})
}

// A push that comes between an answer and its recording is not forgotten.
func TestAnAnswerIsRecordedBesideAPush(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		id := want(t, s, simple("TEST1"))[0].ID
		held := claim(t, s, acme)[0]
		came := false
		next := func(_ parcel.History, st parcel.Standing, o parcel.Outcome) time.Time {
			if !came {
				came = true
				hear(t, s, pushed("TEST1", c.Now(), start, status.OutForDeliveryOther))
			}
			return st.Now.Add(time.Hour)
		}
		record(t, s, next, problem(held, c.Now(), carrier.LimitedKind))
		p := get(t, s, id)
		if a := p.Asks[0]; !a.Pushed.Equal(c.Now()) || a.Problem != carrier.LimitedKind || len(p.History.Events) != 1 {
			t.Errorf("kept %d events, ask %+v, want the push and the answer", len(p.History.Events), a)
		}
	})
}
