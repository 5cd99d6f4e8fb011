package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"waypost/internal/account"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/watch"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// Kept says which parcels a member keeps.
type Kept func(ctx context.Context, who account.ID, keys ...parcel.Key) (map[parcel.Key]watch.ID, error)

// A keeping is who looks at a list, and which of its parcels they keep.
type keeping struct {
	member bool
	kept   map[parcel.Key]watch.ID
}

// keeping finds out what the visitor of a request keeps of a list.
func (s *Site) keeping(r *http.Request, rows []row) (keeping, error) {
	v := visit.Of(r.Context())
	if !v.SignedIn() || s.kept == nil {
		return keeping{}, nil
	}
	keys := make([]parcel.Key, len(rows))
	for i := range rows {
		keys[i] = rows[i].key()
	}
	kept, err := s.kept(r.Context(), v.Session.Account, keys...)
	if account.Away(err) {
		return keeping{}, nil // parcels are shown all the same
	}
	if err != nil {
		return keeping{}, fmt.Errorf("look up what is kept: %w", err)
	}
	return keeping{true, kept}, nil
}

// A keep is how a member keeps a parcel: where it is kept, or the form that
// keeps it.
type keep struct {
	Href         string // "" it isn't kept yet
	Number, Code string
	Back         string
}

// keep returns nil for visitors, and for what can't be kept.
func (d *desk) keep(r row) *keep {
	if !d.member || !r.keepable() {
		return nil
	}
	k := &keep{Number: r.Text, Code: string(r.named), Back: d.list.address("/track")}
	if id, ok := d.kept[r.key()]; ok {
		k.Href = "/parcels/" + string(id)
	}
	return k
}

// keepable reports whether a number can be watched, as the watch room has it.
func (r row) keepable() bool {
	return r.named != "" || r.Problem == recognise.NoProblem && len(r.Candidates) > 0
}

// A keepAll keeps everything on a page that isn't kept yet.
type keepAll struct {
	Items []keep
	Back  string
}

// joinTo is where a visitor signs up and comes back to keep what they see.
func (q query) joinTo() string {
	return "/signup?" + ui.Query(url.Values{"next": {q.showing("").address("/track")}})
}

// keeping fills in how the list as a whole is kept.
func (v *resultsView) keeping(of keeping, q query) {
	v.Member = of.member
	if len(v.Cards) == 0 {
		return
	}
	if !of.member {
		v.Join, v.Nums, v.Named = q.joinTo(), q.nums(), q.carriers()
		return
	}
	all := keepAll{Back: v.Here}
	for _, c := range v.Cards {
		if c.Keep != nil && c.Keep.Href == "" {
			all.Items = append(all.Items, *c.Keep)
		}
	}
	if len(all.Items) > 1 {
		v.KeepAll = &all
	}
}
