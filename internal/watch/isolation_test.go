package watch_test

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"testing"

	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/watch"
)

// Whatever an owner does with another's ids, it is as if they weren't there.
func TestNobodyReachesAnothersWatches(t *testing.T) {
	name := "noah was here"
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.save(mia, ups, "boots", "gifts")
		view := must(s.SaveView(ctx, mia, watch.View{Name: "mine"}))(t)
		undo := must(s.Apply(ctx, mia, watch.Change{Do: watch.AddTag, Tag: "new"}, id))(t).Undo
		file := must(s.Import(ctx, mia, watch.File{Content: []byte(ups2), Pasted: true}))(t)
		before := w.get(mia, id)
		registered := w.register(mia, watch.Registering{Number: ups3}).ID
		ref := watch.Reference{Number: ups3}
		altered := func(all []watch.Altered, err error) error {
			if err == nil {
				err = all[0].Err
			}
			return err
		}

		reach := map[string]func(inventory.Subject) error{
			"Get":  func(o inventory.Subject) error { _, err := s.Get(ctx, o, id); return err },
			"Edit": func(o inventory.Subject) error { _, err := s.Edit(ctx, o, id, watch.Edit{Name: &name}); return err },
			"Apply": func(o inventory.Subject) error {
				for _, do := range []watch.Action{watch.Archive, watch.Unarchive, watch.Delete, watch.AddTag, watch.RemoveTag, watch.SetAlerts} {
					if _, err := s.Apply(ctx, o, watch.Change{Do: do, Tag: "x"}, id); err == nil {
						return nil
					}
				}
				_, err := s.Apply(ctx, o, watch.Change{Do: watch.Delete}, id)
				return err
			},
			"Give": func(o inventory.Subject) error { _, err := s.Give(ctx, o, id, "ups", postcode("10117")); return err },
			"Undo": func(o inventory.Subject) error { _, err := s.Undo(ctx, o, undo); return err },
			"SaveView": func(o inventory.Subject) error {
				_, err := s.SaveView(ctx, o, watch.View{ID: view, Name: name})
				return err
			},
			"DeleteView":   func(o inventory.Subject) error { return s.DeleteView(ctx, o, view) },
			"Reread":       func(o inventory.Subject) error { _, err := s.Reread(ctx, o, file.Import, watch.Reading{}); return err },
			"Preview":      func(o inventory.Subject) error { _, err := s.Preview(ctx, o, file.Import); return err },
			"Commit":       func(o inventory.Subject) error { _, err := s.Commit(ctx, o, file.Import, file.Revision); return err },
			"Discard":      func(o inventory.Subject) error { return s.Discard(ctx, o, file.Import) },
			"Registration": func(o inventory.Subject) error { _, err := s.Registration(ctx, o, registered); return err },
			"Stop":         func(o inventory.Subject) error { return altered(s.Stop(ctx, o, ref)) },
			"Retrack":      func(o inventory.Subject) error { return altered(s.Retrack(ctx, o, ref)) },
			"Unregister":   func(o inventory.Subject) error { return altered(s.Unregister(ctx, o, ref)) },
			"ChangeCarrier": func(o inventory.Subject) error {
				return altered(s.ChangeCarrier(ctx, o, watch.CarrierChange{Number: ups3, New: "fedex"}))
			},
			"ChangeInfo": func(o inventory.Subject) error {
				return altered(s.ChangeInfo(ctx, o, watch.InfoChange{Reference: ref, Edit: func(d *watch.Details) { d.Tag = name }}))
			},
		}
		empty := map[string]func(inventory.Subject) (any, error){
			"List": func(o inventory.Subject) (any, error) {
				p, err := s.List(ctx, o, watch.Query{Shelf: watch.Both})
				return p.Watches, err
			},
			"Demanded": func(o inventory.Subject) (any, error) { return s.Demanded(ctx, o) },
			"Match":    func(o inventory.Subject) (any, error) { return s.Match(ctx, o, watch.Query{Shelf: watch.Both}) },
			"There":    func(o inventory.Subject) (any, error) { return s.There(ctx, o, parcel.Key{Number: ups}) },
			"Find": func(o inventory.Subject) (any, error) {
				found, err := s.Find(ctx, o, ref)
				return slices.Concat(found...), err
			},
			"Registrations": func(o inventory.Subject) (any, error) {
				page, err := s.Registrations(ctx, o, watch.RegistrationQuery{})
				return page.Registrations, err
			},
			"Registers": func(o inventory.Subject) (any, error) {
				there, err := s.Registers(ctx, o)
				return slices.DeleteFunc([]bool{there}, func(there bool) bool { return !there }), err
			},
			"Kept": func(o inventory.Subject) (any, error) {
				saved, registered, err := s.Kept(ctx, o)
				return slices.DeleteFunc([]int{saved, registered}, func(n int) bool { return n == 0 }), err
			},
			"Tags":  func(o inventory.Subject) (any, error) { return s.Tags(ctx, o) },
			"Views": func(o inventory.Subject) (any, error) { return s.Views(ctx, o) },
			"Import": func(o inventory.Subject) (any, error) {
				p, err := s.Import(ctx, o, watch.File{Content: []byte(ups), Pasted: true})
				return slices.DeleteFunc(p.Lines, func(l watch.Line) bool { return l.Outcome == watch.WillBeNew }), err
			},
			"Write": func(o inventory.Subject) (any, error) {
				var b bytes.Buffer
				err := s.Write(ctx, o, watch.Query{Shelf: watch.Both}, watch.Download{Format: watch.CSV, Sheet: watch.ParcelSheet}, &b)
				return bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n"))[1:], err
			},
			"Export": func(o inventory.Subject) (any, error) {
				var b bytes.Buffer
				err := s.Export(ctx, o, &b)
				return bytes.TrimSpace(bytes.Trim(b.Bytes(), "{}\n")), err
			},
		}
		others := map[string]bool{ // that name no row of an owner, or do what they do for whoever asks
			"Save": true, "Mail": true, "Fields": true, "Erase": true, "Expire": true, "ParcelChanged": true, "Watchers": true, "Renew": true, "Region": true,
			"Demands": true, "Register": true, "Registered": true, "StopOver": true, "Pushed": true, "Subjects": true, "Touched": true, "Uses": true,
		}
		for name, do := range reach {
			wantFault(t, do(noah), "watch_not_found", "undo_not_found", "view_not_found", "import_not_found", "not_registered")
			if err := do("eu-0190d5a0-0000-7000-8000-00000000dead"); err == nil {
				t.Errorf("%s: somebody without a key got through", name)
			}
		}
		for name, read := range empty {
			if name == "Import" {
				continue
			}
			if got, err := read(noah); err != nil || reflect.ValueOf(got).Len() != 0 {
				t.Errorf("%s of noah: %v, %v; want nothing", name, got, err)
			}
		}
		if got, err := empty["Import"](noah); err != nil || reflect.ValueOf(got).Len() != 0 {
			t.Errorf("Import of noah: %v, %v; mia's parcel shows", got, err)
		}
		must(s.Mail(ctx, noah, watch.New{Number: ups, Words: watch.Words{Expected: watch.Expected{Day: "2026-03-06"}}}))(t)
		if err := s.Erase(ctx, noah); err != nil {
			t.Fatal(err)
		}
		if err := s.Pushed(ctx, noah, registered, watch.Push{At: w.now(), Status: watch.PushFailed}); err != nil {
			t.Fatal(err)
		}
		if got := w.found(mia, ups3); !got.Tracking() || got.Tag != "" || got.Push.Status != watch.NotPushed {
			t.Errorf("mia's registration is %+v, want it untouched", got)
		}
		if got := w.get(mia, id); !reflect.DeepEqual(got, before) {
			t.Errorf("mia's watch is %+v, want %+v", got, before)
		}
		for name, do := range reach {
			if name == "Get" || name == "Commit" {
				if err := do(mia); err != nil {
					t.Errorf("%s of mia: %v", name, err)
				}
			}
		}

		door := reflect.TypeFor[*watch.Store]()
		for i := range door.NumMethod() {
			method := door.Method(i).Name
			if reach[method] == nil && empty[method] == nil && !others[method] {
				t.Errorf("%s isn't in the table", method)
			}
		}
	})
}

func TestAnOwnersRegionIsNamedByTheirID(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if s := must(w.Of(mia))(t); s.Region() != "eu" {
			t.Errorf("mia lives in %s", s.Region())
		}
		for _, nobody := range []inventory.Subject{"", "us-0190d5a0-0000-7000-8000-000000000001", "eu-1", "0190d5a0-0000-7000-8000-000000000001"} {
			_, err := w.Of(nobody)
			wantFault(t, err, "watch_region")
		}
		if err := w.store().Export(t.Context(), "eu-0190d5a0-0000-7000-8000-00000000dead", io.Discard); err != nil {
			t.Errorf("export of somebody without a key: %v", err)
		}
	})
}
