package watch_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// register registers one number and expects that to work.
func (w *world) register(owner inventory.Subject, r watch.Registering) watch.Registered {
	w.t.Helper()
	done := must(w.store().Register(w.t.Context(), owner, r))(w.t)[0]
	if done.Err != nil {
		w.t.Fatalf("register %s: %v", r.Number, done.Err)
	}
	return done
}

// found is the one registration of a number.
func (w *world) found(owner inventory.Subject, number string) watch.Registration {
	w.t.Helper()
	all := must(w.store().Find(w.t.Context(), owner, watch.Reference{Number: number}))(w.t)[0]
	if len(all) != 1 {
		w.t.Fatalf("%s has %d registrations, want 1", number, len(all))
	}
	return all[0]
}

func TestRegisterAnswersEachNumberByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups2, Carrier: "ups"})
		for _, tc := range []struct {
			name    string
			in      watch.Registering
			carrier carrier.Code
			origin  watch.Origin
			err     error
		}{
			{"the number says whose it is", watch.Registering{Number: ups}, "ups", watch.Detected, nil},
			{"case, blanks and hyphens don't count", watch.Registering{Number: " 1z4a7b2c-0364182055 "}, "ups", watch.Detected, watch.ErrRegistered},
			{"the same number with another carrier", watch.Registering{Number: ups, Carrier: "dhl-express"}, "dhl-express", watch.Named, nil},
			{"a carrier that it fits stays as it was named", watch.Registering{Number: ups3, Carrier: "ups", Detect: true}, "ups", watch.Named, nil},
			{"a carrier that it doesn't fit is only a hint", watch.Registering{Number: postal, Carrier: "ups", Detect: true}, "deutsche-post", watch.Guessed, nil},
			{"too short", watch.Registering{Number: "12"}, "", 0, watch.ErrNumberForm},
			{"too long", watch.Registering{Number: strings.Repeat("1", 51)}, "", 0, watch.ErrNumberForm},
			{"no number", watch.Registering{Number: "1Z4A7B/2C036"}, "", 0, watch.ErrNumberForm},
			{"nobody's numbers look like it", watch.Registering{Number: "QQQQQQQ"}, "", 0, watch.ErrUndetected},
			{"no such carrier", watch.Registering{Number: ups, Carrier: "nobody"}, "nobody", 0, watch.ErrNoCarrier},
			{"there already", watch.Registering{Number: ups2}, "ups", watch.Detected, watch.ErrRegistered},
			{"a last mile of what no post carries", watch.Registering{Number: ups, Carrier: "gls", Final: "ups"}, "gls", 0, watch.ErrFinalCarrier},
		} {
			t.Run(tc.name, func(t *testing.T) {
				got := must(w.store().Register(t.Context(), mia, tc.in))(t)[0]
				if !errors.Is(got.Err, tc.err) || got.Carrier != tc.carrier || got.Origin != tc.origin {
					t.Errorf("got %q, origin %d, error %v; want %q, %d, %v", got.Carrier, got.Origin, got.Err, tc.carrier, tc.origin, tc.err)
				}
			})
		}
	})
}

func TestARegistrationStandsBesideWhatWasSaved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		saved := w.save(mia, ups, "Lamp")
		made := w.register(mia, watch.Registering{Number: ups, Details: watch.Details{Tag: "web-1"}})
		if got := w.get(mia, saved); got.Name != "Lamp" || got.ParcelID != made.Parcel.ID {
			t.Errorf("saved parcel is %q of %s, want it untouched and of %s", got.Name, got.ParcelID, made.Parcel.ID)
		}
		if _, err := w.store().Unregister(t.Context(), mia, watch.Reference{Number: ups}); err != nil {
			t.Fatal(err)
		}
		w.get(mia, saved)
		if all := must(w.store().Find(t.Context(), mia, watch.Reference{Number: ups}))(t)[0]; len(all) != 0 {
			t.Errorf("%d registrations are left, want none", len(all))
		}
	})
}

func TestWhatAProgramSaidIsKeptSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := watch.Details{
			Tag: "tag of Anna", Remark: "gift of Anna", Email: "anna@example.com", OrderNo: "order-of-anna", Lang: "de",
			Facts: map[watch.Fact]string{watch.Consignee: "Anna Example", watch.Phone: "+49 30 5551234"},
		}
		w.register(mia, watch.Registering{Number: ups, Details: d})
		if got := w.found(mia, ups); got.Tag != d.Tag || got.Facts[watch.Consignee] != "Anna Example" || got.Email != d.Email {
			t.Errorf("got %+v, want what was said", got.Details)
		}
		var sealed []byte
		err := w.d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT details FROM registration`).Scan(&sealed)
		})
		if err != nil || len(sealed) == 0 || strings.Contains(strings.ToLower(string(sealed)), "anna") {
			t.Errorf("details are stored as %q, %v", sealed, err)
		}
	})
}

func TestACarrierIsToldWhatItNeeds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := must(w.store().Register(t.Context(), mia, watch.Registering{Number: "12345678901", Carrier: "gls"}))(t)[0]
		var lacking *watch.Lacking
		if !errors.As(got.Err, &lacking) || !slices.Equal(lacking.Needs, []carrier.Need{carrier.PostalCode}) {
			t.Errorf("got %v, want that the postal code is lacking", got.Err)
		}
		for _, d := range []watch.Details{
			{Param: "10117"}, {Facts: map[watch.Fact]string{watch.DestinationPostalCode: "10117"}},
		} {
			got := must(w.store().Register(t.Context(), mia, watch.Registering{Number: "12345678901", Carrier: "gls", Details: d}))(t)[0]
			if errors.As(got.Err, &lacking) {
				t.Errorf("with %+v the postal code is still lacking", d)
			}
		}
	})
}

var errEmpty = fault.New(fault.Limited, "purse_empty", "The purse is empty.")

// A purse grants so many registrations, and keeps which.
type purse struct {
	left    int
	granted []watch.RegistrationID
}

func (p *purse) Draw(_ context.Context, _ *db.Tx, _ inventory.Subject, of []watch.RegistrationID) ([]error, error) {
	refused := make([]error, len(of))
	for i, id := range of {
		if p.left == 0 {
			refused[i] = errEmpty
			continue
		}
		p.left--
		p.granted = append(p.granted, id)
	}
	return refused, nil
}

func TestWhatTheQuotaDoesNotCoverIsNotRegistered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := &purse{left: 1}
		w.SetLedger(p)
		got := must(w.store().Register(t.Context(), mia,
			watch.Registering{Number: "12"}, watch.Registering{Number: ups}, watch.Registering{Number: ups2}, watch.Registering{Number: ups}))(t)
		for i, want := range []error{watch.ErrNumberForm, nil, errEmpty, watch.ErrRegistered} {
			if !errors.Is(got[i].Err, want) {
				t.Errorf("number %d: got %v, want %v", i, got[i].Err, want)
			}
		}
		if r := w.found(mia, ups); !slices.Equal(p.granted, []watch.RegistrationID{r.ID}) {
			t.Errorf("charged for %v, want %s alone", p.granted, r.ID)
		}
		if all := must(w.store().Find(t.Context(), mia, watch.Reference{Number: ups2}))(t)[0]; len(all) != 0 {
			t.Error("a number is registered that nobody paid for")
		}
	})
}

// A post keeps what was told.
type post struct{ told []job.Args }

func (p *post) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	p.told = append(p.told, events...)
	return nil
}

func TestStoppedOnceRestartedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		told := &post{}
		w.SetJobs(told)
		ref := watch.Reference{Number: ups}
		r := w.register(mia, watch.Registering{Number: ups})
		do := func(name string, change func(context.Context, inventory.Subject, ...watch.Reference) ([]watch.Altered, error), want error) {
			t.Helper()
			if got := must(change(t.Context(), mia, ref))(t)[0]; !errors.Is(got.Err, want) {
				t.Errorf("%s: got %v, want %v", name, got.Err, want)
			}
		}
		s := w.store()
		do("restart a running one", s.Retrack, watch.ErrNotStopped)
		do("stop", s.Stop, nil)
		do("stop again", s.Stop, watch.ErrStopped)
		if got := w.found(mia, ups); got.Tracking() || got.Why != watch.ByRequest {
			t.Errorf("it is %+v, want it stopped by request", got)
		}
		do("restart", s.Retrack, nil)
		if got := w.found(mia, ups); !got.Tracking() || !got.Retracked {
			t.Errorf("it is %+v, want it running, and restarted", got)
		}
		do("stop it the second time", s.Stop, nil)
		do("restart it the second time", s.Retrack, watch.ErrRetracked)
		begun, stopped := watch.Begun{Owner: mia, Registrations: []watch.RegistrationID{r.ID}}, watch.Stopped{Owner: mia, Registration: r.ID}
		if want := []job.Args{begun, stopped, begun, stopped}; !reflect.DeepEqual(told.told, want) {
			t.Errorf("told %v, want %v", told.told, want)
		}
		do("delete", s.Unregister, nil)
		do("delete again", s.Unregister, watch.ErrNotRegistered)
		if again := w.register(mia, watch.Registering{Number: ups}); again.ID == r.ID || again.Retracked {
			t.Error("registered again, it isn't a new one")
		}
	})
}

func TestARegistrationEndsByItself(t *testing.T) {
	for _, tc := range []struct {
		name  string
		says  status.Sub
		after time.Duration
		why   watch.StopReason
	}{
		{"silent for 29 days", status.InTransitOther, 29 * day, watch.NotStopped},
		{"silent for 31 days", status.InTransitOther, 31 * day, watch.Expired},
		{"delivered 14 days ago", status.DeliveredOther, 14 * day, watch.NotStopped},
		{"delivered 16 days ago", status.DeliveredOther, 16 * day, watch.Expired},
		{"never found for 29 days", "", 29 * day, watch.NotStopped},
		{"never found for 31 days", "", 31 * day, watch.Expired},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.register(mia, watch.Registering{Number: ups})
				if tc.says != "" {
					w.tell(ups, tc.says, 0)
				}
				for w.ahead < tc.after { // as the job does, only less often
					w.ahead += 12 * time.Hour
					must(w.store().StopOver(t.Context()))(t)
				}
				if got := w.found(mia, ups).Why; got != tc.why {
					t.Errorf("stopped for %q, want %q", got, tc.why)
				}
			})
		})
	}
}

func TestAStoppedRegistrationIsKeptFor90Days(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups})
		w.register(mia, watch.Registering{Number: ups2})
		must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups}))(t)
		for _, step := range []struct {
			ahead time.Duration
			left  int
		}{{89 * day, 2}, {91 * day, 1}} {
			w.ahead = step.ahead
			must(w.store().Expire(t.Context(), inventory.Purge{Now: w.now()}))(t)
			if got := must(w.store().Registrations(t.Context(), mia, watch.RegistrationQuery{}))(t); got.Total != step.left {
				t.Errorf("after %v there are %d, want %d", step.ahead, got.Total, step.left)
			}
		}
	})
}

func TestAParcelIsWantedWhileItsRegistrationRuns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wanted := func() time.Time { return w.found(mia, ups).Parcel.Wanted }
		w.register(mia, watch.Registering{Number: ups})
		w.ahead = 10 * day
		must(w.store().Renew(t.Context()))(t)
		if !wanted().After(w.now().Add(7 * day)) {
			t.Errorf("wanted until %v, want it renewed at %v", wanted(), w.now())
		}
		must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups}))(t)
		before := wanted()
		w.ahead = 20 * day
		must(w.store().Renew(t.Context()))(t)
		if !wanted().Equal(before) {
			t.Errorf("wanted until %v though it was stopped", wanted())
		}
		must(w.store().Retrack(t.Context(), mia, watch.Reference{Number: ups}))(t)
		if !wanted().After(before) {
			t.Error("restarted, it isn't wanted again")
		}
	})
}

func TestACarrierIsChangedFiveTimes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups})
		change := func(c watch.CarrierChange) watch.Altered {
			t.Helper()
			c.Number = ups
			return must(w.store().ChangeCarrier(t.Context(), mia, c))(t)[0]
		}
		if got := change(watch.CarrierChange{New: "fedex"}); !errors.Is(got.Err, watch.ErrPending) {
			t.Errorf("before the first answer: got %v, want that it is pending", got.Err)
		}
		w.answer()
		for _, tc := range []struct {
			name string
			in   watch.CarrierChange
			want error
		}{
			{"to nothing", watch.CarrierChange{}, watch.ErrNoNewCarrier},
			{"to the same", watch.CarrierChange{New: "ups"}, watch.ErrSameCarrier},
			{"to one that there isn't", watch.CarrierChange{New: "nobody"}, watch.ErrNoCarrier},
			{"of one that it isn't with", watch.CarrierChange{Old: "fedex", New: "dhl-express"}, watch.ErrOldCarrier},
			{"with a last mile", watch.CarrierChange{NewFinal: "fedex"}, watch.ErrFinalCarrier},
		} {
			if got := change(tc.in); !errors.Is(got.Err, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.name, got.Err, tc.want)
			}
		}
		to := []carrier.Code{"fedex", "dhl-express", "fedex", "ups", "fedex"}
		for i, code := range to {
			if got := change(watch.CarrierChange{New: code}); got.Err != nil || got.Carrier != code || got.Changes != i+1 {
				t.Fatalf("change %d: got %s after %d changes, %v", i+1, got.Carrier, got.Changes, got.Err)
			}
			w.answer()
		}
		if got := change(watch.CarrierChange{New: "ups"}); !errors.Is(got.Err, watch.ErrChanges) {
			t.Errorf("the sixth time: got %v, want that it is too often", got.Err)
		}
		must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups}))(t)
		if got := change(watch.CarrierChange{New: "ups"}); !errors.Is(got.Err, watch.ErrStopped) {
			t.Errorf("stopped: got %v, want that it is", got.Err)
		}
	})
}

func TestANumberWithSeveralCarriersHasToBeNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, code := range []carrier.Code{"ups", "fedex"} {
			w.register(mia, watch.Registering{Number: ups, Carrier: code})
		}
		w.answer()
		got := must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups}, watch.Reference{Number: ups, Carrier: "fedex"}))(t)
		if !errors.Is(got[0].Err, watch.ErrSeveral) || got[1].Err != nil {
			t.Errorf("got %v and %v, want that it is doubtful whose, and success", got[0].Err, got[1].Err)
		}
		for old, want := range map[carrier.Code]error{"": watch.ErrSeveral, "ups": watch.ErrDuplicate} {
			got := must(w.store().ChangeCarrier(t.Context(), mia, watch.CarrierChange{Number: ups, Old: old, New: "fedex"}))(t)[0]
			if !errors.Is(got.Err, want) {
				t.Errorf("change of %q: got %v, want %v", old, got.Err, want)
			}
		}
	})
}

func TestInfoChangesAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups, Details: watch.Details{Tag: "a", Remark: "kept"}})
		got := must(w.store().ChangeInfo(t.Context(), mia,
			watch.InfoChange{Reference: watch.Reference{Number: ups}, Edit: func(d *watch.Details) { d.Tag = "b" }},
			watch.InfoChange{Reference: watch.Reference{Number: ups}},
			watch.InfoChange{Reference: watch.Reference{Number: ups2}, Edit: func(*watch.Details) {}},
		))(t)
		for i, want := range []error{nil, watch.ErrNoChange, watch.ErrNotRegistered} {
			if !errors.Is(got[i].Err, want) {
				t.Errorf("change %d: got %v, want %v", i, got[i].Err, want)
			}
		}
		if r := w.found(mia, ups); r.Tag != "b" || r.Remark != "kept" {
			t.Errorf("got %+v, want the tag changed alone", r.Details)
		}
	})
}

func TestWhoHasRegisteredAParcel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.register(mia, watch.Registering{Number: ups, Details: watch.Details{Tag: "of mia"}})
		b := w.register(noah, watch.Registering{Number: ups})
		w.register(noah, watch.Registering{Number: ups, Carrier: "fedex"})
		all, next, err := w.store().Registered(t.Context(), a.Parcel.ID, "")
		if err != nil || next != "" || len(all) != 2 || all[0].ID != a.ID || all[1].ID != b.ID || all[0].Tag != "of mia" {
			t.Errorf("got %+v, %q, %v; want mia's and noah's", all, next, err)
		}
		must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups}))(t)
		if err := w.keys.Destroy(t.Context(), noah); err != nil {
			t.Fatal(err)
		}
		if all, _, err := w.store().Registered(t.Context(), a.Parcel.ID, ""); err != nil || len(all) != 0 {
			t.Errorf("got %+v, %v; want none: stopped, and erased", all, err)
		}
	})
}

func TestRegistrationsAreListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, n := range []string{ups, ups2, ups3, dhl} {
			w.register(mia, watch.Registering{Number: n, Carrier: map[bool]carrier.Code{true: "dhl-express", false: "ups"}[n == dhl]})
			w.ahead += time.Minute
		}
		w.register(noah, watch.Registering{Number: ups})
		w.tell(ups, status.DeliveredOther, time.Hour)
		must(w.store().Stop(t.Context(), mia, watch.Reference{Number: ups2}))(t)
		if err := w.store().Pushed(t.Context(), mia, w.found(mia, ups3).ID, watch.Push{At: w.now(), Status: watch.PushFailed, Code: 500}); err != nil {
			t.Fatal(err)
		}
		yes, no, failed, code := true, false, watch.PushFailed, 500
		start := w.now().Add(-4 * time.Minute)
		for _, tc := range []struct {
			name string
			q    watch.RegistrationQuery
			want []string
		}{
			{"all, the newest first", watch.RegistrationQuery{}, []string{dhl, ups3, ups2, ups}},
			{"the oldest first", watch.RegistrationQuery{Sort: watch.OldestFirst}, []string{ups, ups2, ups3, dhl}},
			{"by number", watch.RegistrationQuery{Numbers: []string{strings.ToLower(ups), dhl, "NONE5"}}, []string{dhl, ups}},
			{"by carrier", watch.RegistrationQuery{Carrier: "dhl-express"}, []string{dhl}},
			{"by status", watch.RegistrationQuery{Status: []status.Main{status.Delivered}}, []string{ups}},
			{"running", watch.RegistrationQuery{Tracking: &yes}, []string{dhl, ups3, ups}},
			{"stopped", watch.RegistrationQuery{Tracking: &no}, []string{ups2}},
			{"answered", watch.RegistrationQuery{Answered: &yes}, []string{ups}},
			{"told in vain", watch.RegistrationQuery{Push: &failed, PushCode: &code}, []string{ups3}},
			{"told", watch.RegistrationQuery{Pushed: watch.Span{From: start}}, []string{ups3}},
			{"stopped until now", watch.RegistrationQuery{Stopped: watch.Span{To: w.now()}}, []string{ups2}},
			{"registered after a moment", watch.RegistrationQuery{Registered: watch.Span{From: start.Add(90 * time.Second)}}, []string{dhl, ups3}},
			{"a page", watch.RegistrationQuery{Most: 3, Page: 1}, []string{ups}},
			{"a page behind the last", watch.RegistrationQuery{Most: 3, Page: 2}, nil},
		} {
			t.Run(tc.name, func(t *testing.T) {
				page := must(w.store().Registrations(t.Context(), mia, tc.q))(t)
				var got []string
				for _, r := range page.Registrations {
					got = append(got, r.Number)
				}
				if !slices.Equal(got, tc.want) {
					t.Errorf("got %v, want %v", got, tc.want)
				}
			})
		}
	})
}

func TestRegistrationsAreExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups, Details: watch.Details{Email: "anna@example.com"}})
		var out strings.Builder
		if err := w.store().Export(t.Context(), mia, &out); err != nil || !strings.Contains(out.String(), "anna@example.com") {
			t.Errorf("the export is %s, %v; want the registration's details in it", out.String(), err)
		}
		if err := w.store().Erase(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		if got := must(w.store().Registrations(t.Context(), mia, watch.RegistrationQuery{}))(t); got.Total != 0 {
			t.Errorf("%d are left", got.Total)
		}
	})
}

func TestAnotherOwnersRegistrationsAreNotSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.register(mia, watch.Registering{Number: ups})
		ref := watch.Reference{Number: ups}
		for name, do := range map[string]func(context.Context, inventory.Subject, ...watch.Reference) ([]watch.Altered, error){
			"stop": w.store().Stop, "restart": w.store().Retrack, "delete": w.store().Unregister,
		} {
			if got := must(do(t.Context(), noah, ref))(t)[0]; !errors.Is(got.Err, watch.ErrNotRegistered) {
				t.Errorf("%s: got %v, want that there is none", name, got.Err)
			}
		}
		if fault.KindOf(watch.ErrNotRegistered) != fault.NotFound {
			t.Error("it isn't not found")
		}
	})
}

// answer has the carriers of all that is due say that they don't know it.
func (w *world) answer() {
	w.t.Helper()
	taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Minute}))(w.t)
	outcomes := make([]parcel.Outcome, len(taken.Asks))
	for i, c := range taken.Asks {
		outcomes[i] = parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: c.Number, Problem: &carrier.Problem{Kind: carrier.Missing}}}
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	must(w.parcels.Record(w.t.Context(), outcomes, soon))(w.t)
}
