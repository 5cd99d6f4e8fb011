package parcel_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// toldJobs are jobs that are told of changes and never done.
func toldJobs(ctx context.Context, d *db.DB) (*job.Queue, error) {
	q, err := job.New(ctx, d, job.Options{})
	if err == nil {
		job.On(q, "test.parcel_changed", func(context.Context, parcel.Changed) error { return nil })
	}
	return q, err
}

// sum returns the number that a query answers.
func sum(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRowContext(t.Context(), query).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// listener keeps what it is told.
type listener struct {
	heard []parcel.Changed
	err   error
}

func (l *listener) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	for _, e := range events {
		l.heard = append(l.heard, e.(parcel.Changed))
	}
	return l.err
}

func TestEachChangeIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		var l listener
		s.Tell(&l)
		p := want(t, s, simple("AB100001"))[0]
		tell := func(subs ...status.Sub) []parcel.Changed {
			l.heard = nil
			c.pass(day)
			record(t, s, in(minute), answer(claim(t, s, acme)[0], c.Now(), start, subs...))
			return l.heard
		}
		for _, tc := range []struct {
			name string
			subs []status.Sub
			want []parcel.Changed
		}{
			{"the first answer", []status.Sub{status.InTransitOther}, []parcel.Changed{{Parcel: p.ID, Revision: 1, From: status.NotFoundOther, To: status.InTransitOther}}},
			{"the same answer", []status.Sub{status.InTransitOther}, nil},
			{"an event that leaves the status", []status.Sub{status.InTransitOther, status.InTransitOther}, []parcel.Changed{{Parcel: p.ID, Revision: 2, From: status.InTransitOther, To: status.InTransitOther}}},
			{"another status", []status.Sub{status.InTransitOther, status.InTransitOther, status.DeliveredOther}, []parcel.Changed{{Parcel: p.ID, Revision: 3, From: status.InTransitOther, To: status.DeliveredOther}}},
		} {
			got := tell(tc.subs...)
			if len(got) != len(tc.want) || len(got) == 1 && got[0] != tc.want[0] {
				t.Errorf("%s: told %+v, want %+v", tc.name, got, tc.want)
			}
		}
	})
}

func TestSeveralAnswersAtOnceAreOneChange(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		var l listener
		s.Tell(&l)
		w := simple("AB100002")
		w.Askings = append(w.Askings, asking(fjord, "AB100002", parcel.Destination, 1))
		want(t, s, w)
		record(t, s, in(minute),
			answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitOther),
			answer(claim(t, s, fjord)[0], c.Now(), start.Add(5*day), status.DeliveredOther))
		if len(l.heard) != 1 || l.heard[0].Revision != 1 || l.heard[0].From != status.NotFoundOther || l.heard[0].To != status.DeliveredOther {
			t.Errorf("told %+v", l.heard)
		}
	})
}

func TestAChangeThatCantBeToldIsNotMade(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		l := &listener{err: errors.New("no room")}
		s.Tell(l)
		p := want(t, s, simple("AB100003"))[0]
		asked := claim(t, s, acme)[0]
		_, err := s.Record(t.Context(), []parcel.Outcome{answer(asked, c.Now(), start, status.DeliveredOther)}, in(minute))
		if err == nil || get(t, s, p.ID).Revision != 0 {
			t.Errorf("got %v, revision %d", err, get(t, s, p.ID).Revision)
		}
	})
}

func TestAChangeIsAJobInTheSameDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		s := newStore(t, d, c)
		q, err := toldJobs(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		s.Tell(q)
		p := want(t, s, simple("AB100004"))[0]
		record(t, s, in(minute), answer(claim(t, s, acme)[0], c.Now(), start, status.DeliveredOther))
		var args []byte
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), "SELECT CAST(args AS TEXT) FROM river_job WHERE kind = $1", "test.parcel_changed").Scan(&args)
		})
		if err != nil {
			t.Fatal(err)
		}
		var got parcel.Changed
		if err := json.Unmarshal(args, &got); err != nil || got != (parcel.Changed{Parcel: p.ID, Revision: 1, From: status.NotFoundOther, To: status.DeliveredOther}) {
			t.Errorf("the job says %s, %v", args, err)
		}
	})
}
