package member

import (
	"context"
	"net/http"
	"net/url"

	"waypost/internal/fault"
	"waypost/internal/watch"
)

var errNoneTicked = fault.New(fault.Invalid, "none_ticked", "Tick the parcels that are meant.")

// changeParcels serves POST /parcels/change: do is what is done to those whose
// id is ticked, or to everything found, where all is ticked.
func (p *Pages) changeParcels(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	back := backTo(f)
	q, err := s.backQuery(r.Context(), back)
	if err != nil {
		return err
	}
	change := watch.Change{Do: watch.Action(f.text("do")), Tag: f.text("tag")}
	ids, err := p.meant(r, s, f, q)
	if err != nil {
		return p.parcelsPage(w, r, s, q, addBox{}, err)
	}
	done, err := s.Apply(r.Context(), s.owner, change, ids...)
	if err != nil {
		return p.parcelsPage(w, r, s, q, addBox{}, err)
	}
	return p.goTo(w, r, s.home+told(back, string(change.Do), done.Changed, done))
}

// meant are the parcels that a form means.
func (p *Pages) meant(r *http.Request, s shelf, f *form, q watch.Query) ([]watch.ID, error) {
	if f.text("all") != "" {
		return s.Match(r.Context(), s.owner, q)
	}
	var ids []watch.ID
	for _, id := range f.values["id"] {
		ids = append(ids, watch.ID(id))
	}
	if len(ids) == 0 {
		return nil, errNoneTicked
	}
	return ids, nil
}

// backQuery is the query of the list that a form came from; of a saved view,
// what the view says.
func (s shelf) backQuery(ctx context.Context, back string) (watch.Query, error) {
	v, err := url.ParseQuery(back)
	if err != nil {
		return watch.Query{}, nil //nolint:nilerr // an address that can't be read asks for the whole list
	}
	if v.Get("view") == "" {
		return listQuery(v), nil
	}
	views, err := s.Views(ctx, s.owner)
	for _, view := range views {
		if string(view.ID) == v.Get("view") {
			return view.Query, nil
		}
	}
	return watch.Query{}, err
}

// undoParcels serves POST /parcels/undo: id names the change that is taken back.
func (p *Pages) undoParcels(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	back := backTo(f)
	q, err := s.backQuery(r.Context(), back)
	if err != nil {
		return err
	}
	undone, err := s.Undo(r.Context(), s.owner, watch.UndoID(f.text("id")))
	if err != nil {
		return p.parcelsPage(w, r, s, q, addBox{}, err)
	}
	said := told(back, "undo", undone.Restored, watch.Done{})
	if next := f.next(""); next != "" {
		return p.goTo(w, r, next+said)
	}
	return p.goTo(w, r, s.home+said)
}

// A savedView is a query that the member gave a name.
type savedView struct {
	ID, Name, Href string
	Current        bool
}

// saveView serves POST /parcels/views: name, and the query of the list.
func (p *Pages) saveView(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	q, err := s.backQuery(r.Context(), backTo(f))
	if err != nil {
		return err
	}
	id, err := s.SaveView(r.Context(), s.owner, watch.View{Name: f.text("name"), Query: q})
	if err != nil {
		return p.parcelsPage(w, r, s, q, addBox{}, err)
	}
	return p.goTo(w, r, s.home+told("view="+url.QueryEscape(string(id)), "view", 1, watch.Done{}))
}

// deleteView serves POST /parcels/views/delete.
func (p *Pages) deleteView(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.DeleteView(r.Context(), s.owner, watch.ViewID(f.text("id"))); err != nil {
		return p.parcelsPage(w, r, s, watch.Query{}, addBox{}, err)
	}
	return p.goTo(w, r, s.home+told("", "view_deleted", 1, watch.Done{}))
}
