package watch_test

import (
	"slices"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/watch"
)

const glsNumber = "0123456789"

func postcode(code string) carrier.Given { return carrier.Given{carrier.PostalCode: code} }

// saveGLS saves a number whose carrier demands the postal code.
func (w *world) saveGLS(given carrier.Given) watch.ID {
	w.t.Helper()
	return must(w.store().Save(w.t.Context(), mia, watch.New{Number: glsNumber, Carrier: "gls", Given: given}))(w.t)[0].ID
}

// asked are the values with which parcels are asked now.
func (w *world) asked() []string {
	w.t.Helper()
	taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Minute}))(w.t)
	var all []string
	for _, c := range taken.Asks {
		all = append(all, c.Given[carrier.PostalCode])
	}
	return all
}

func TestAWatchIsGivenWhatItsCarrierDemands(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.saveGLS(nil)
		bare := w.get(mia, id)
		if by, needs := s.Demands(bare); by != "gls" || !slices.Equal(needs, []carrier.Need{carrier.PostalCode}) || bare.Mark != "" {
			t.Fatalf("%s demands %v of %+v, want GLS the postal code", by, needs, bare.Key)
		}
		if _, err := s.Give(ctx, mia, id, "gls", postcode("?")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a value that can't be one: %v", err)
		}
		if _, err := s.Give(ctx, noah, id, "gls", postcode("10117")); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another's watch: %v", err)
		}
		done := must(s.Give(ctx, mia, id, "gls", postcode("10117")))(t)
		given := w.get(mia, id)
		if given.Mark == "" || given.ParcelID == bare.ParcelID || done.Undo == "" {
			t.Fatalf("given, the watch is of %+v and can be undone by %q", given.Key, done.Undo)
		}
		if by, needs := s.Demands(given); len(needs) > 0 {
			t.Errorf("%s still demands %v", by, needs)
		}
		if asked := w.asked(); !slices.Equal(asked, []string{"10117"}) {
			t.Errorf("asked with %q, want the postal code", asked)
		}
		must(s.Undo(ctx, mia, done.Undo))(t)
		if back := w.get(mia, id); back.ParcelID != bare.ParcelID {
			t.Errorf("undone, the watch is of %+v", back.Key)
		}

		// Who watches both keeps both.
		both := w.saveGLS(postcode("10117"))
		if w.get(mia, both).ParcelID != given.ParcelID {
			t.Error("saved with the value, it is another parcel")
		}
		if _, err := s.Give(ctx, mia, id, "gls", postcode("10117")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a parcel that is watched already: %v", err)
		}
	})
}

// A watch keeps its parcel's values for as long as it wants it, and asks for them
// when it comes back.
func TestAWatchKeepsItsParcelsValues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.saveGLS(postcode("10117"))
		for range 4 {
			w.ahead += 8 * 24 * time.Hour
			must(s.Renew(ctx))(t)
			must(w.parcels.Expire(ctx, inventory.Purge{Now: w.now()}))(t)
		}
		if got := w.get(mia, id); got.Parcel.Lacks {
			t.Fatal("its value was forgotten, and it is watched")
		}
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, id))(t)
		w.ahead += 30 * 24 * time.Hour
		must(w.parcels.Expire(ctx, inventory.Purge{Now: w.now()}))(t)
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Unarchive}, id))(t)
		back := w.get(mia, id)
		if by, needs := s.Demands(back); !back.Parcel.Lacks || by != "gls" || len(needs) != 1 {
			t.Fatalf("back from the archive %s demands %v of %+v", by, needs, back.Parcel)
		}
		must(s.Give(ctx, mia, id, "gls", postcode("10117")))(t)
		if again := w.get(mia, id); again.Parcel.Lacks || again.ParcelID != back.ParcelID {
			t.Errorf("given again, the watch is of %+v", again.Parcel)
		}
	})
}

func TestAParcelThatWasSeenByItsMarkIsSaved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		seen := must(w.parcels.Want(ctx, []parcel.Want{{
			Key: parcel.Key{Number: glsNumber, Carrier: "gls"}, Given: postcode("10117"), Until: w.now().Add(time.Hour), Visitor: true,
		}}))(t)[0]
		saved := must(s.Save(ctx, mia, watch.New{Number: glsNumber, Carrier: "gls", Mark: seen.Mark}))(t)[0]
		if got := w.get(mia, saved.ID); got.ParcelID != seen.ID {
			t.Errorf("saved %+v, want the parcel that was seen", got.Key)
		}
		if there := must(s.There(ctx, mia, seen.Key))(t); there[seen.Key] != saved.ID {
			t.Errorf("there is %v", there)
		}
		if _, err := s.Save(ctx, mia, watch.New{Number: glsNumber, Carrier: "gls", Mark: "made-up"}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a mark of no parcel: %v", err)
		}
	})
}

func TestAnImportBringsWhatCarriersDemand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		p := must(s.Import(ctx, mia, watch.File{Content: []byte("Tracking No.,Courier,Postal code\n0123456789,gls,10117\n0123456790,gls,\n0123456791,gls,??\n")}))(t)
		if got, want := outcomes(p), "new needs_more needs_more"; got != want || p.Mapping.Columns[2] != watch.PostalCodeColumn {
			t.Fatalf("outcomes %q by %v, want %q", got, p.Mapping.Columns, want)
		}
		p = must(s.Reread(ctx, mia, p.Import, watch.Reading{Given: map[int]carrier.Given{p.Lines[1].At: postcode("75001")}}))(t)
		if got, want := outcomes(p), "new new needs_more"; got != want {
			t.Fatalf("with another given by hand: outcomes %q, want %q", got, want)
		}
		must(s.Commit(ctx, mia, p.Import, p.Revision))(t)
		asked := w.asked()
		if slices.Sort(asked); !slices.Equal(asked, []string{"10117", "75001"}) {
			t.Errorf("asked with %q", asked)
		}
		again := must(s.Import(ctx, mia, watch.File{Content: []byte("Tracking No.,Courier,Postal code\n0123456789,gls,10117\n0123456790,gls,\n")}))(t)
		if got, want := outcomes(again), "there there"; got != want {
			t.Errorf("brought again: outcomes %q, want %q", got, want)
		}
	})
}

// A program that says something else of what a carrier demands has it told that.
func TestARegistrationsCarrierIsToldWhatWasChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		facts := func(code string) map[watch.Fact]string {
			return map[watch.Fact]string{watch.DestinationPostalCode: code}
		}
		first := must(s.Register(ctx, mia, watch.Registering{Number: glsNumber, Carrier: "gls", Details: watch.Details{Facts: facts("10117")}}))(t)[0]
		if first.Err != nil || first.Summary.Mark == "" {
			t.Fatalf("registered as %+v: %v", first.Summary.Key, first.Err)
		}
		ref := watch.Reference{Number: glsNumber, Carrier: "gls"}
		for _, tc := range []struct {
			name  string
			edit  func(*watch.Details)
			moves bool
		}{
			{"a remark", func(d *watch.Details) { d.Remark = "fragile" }, false},
			{"the postal code", func(d *watch.Details) { d.Facts = facts("75001") }, true},
		} {
			before := must(s.Find(ctx, mia, ref))(t)[0][0]
			if got := must(s.ChangeInfo(ctx, mia, watch.InfoChange{Reference: ref, Edit: tc.edit}))(t)[0]; got.Err != nil {
				t.Fatalf("%s: %v", tc.name, got.Err)
			}
			after := must(s.Find(ctx, mia, ref))(t)[0][0]
			if moved := after.Summary.ParcelID != before.Summary.ParcelID; moved != tc.moves || after.Parcel.ID != after.Summary.ParcelID {
				t.Errorf("%s: it is of another parcel: %v, want %v", tc.name, moved, tc.moves)
			}
		}
		asked := w.asked()
		if slices.Sort(asked); !slices.Equal(asked, []string{"10117", "75001"}) {
			t.Errorf("asked with %q", asked)
		}
	})
}
