package watch

import (
	"cmp"
	"context"
	"fmt"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

var (
	errGivenUnused = fault.New(fault.Invalid, "given_unused", "No carrier of this number has a use for that.")
	errThere       = fault.New(fault.Conflict, "watch_there", "You keep this parcel already, with what you entered.")
)

// Demands is what a carrier wants to know of a watch's parcel besides its number,
// or once more; nothing while others may still answer, or have, and of what was
// put away.
func (s *Store) Demands(w Watch) (carrier.Code, []carrier.Need) {
	p := w.Parcel
	if !w.Archived.IsZero() || p.ID == "" || !p.Lacks && (len(p.History.Legs) > 0 || p.Awaits()) {
		return "", nil
	}
	know := s.all.knowledge()
	if code, needs := p.Demands(know.Catalogue); len(needs) > 0 {
		return code, needs
	}
	return know.demands(w.Key)
}

// demands is which carrier of a number wants to know what before it is asked; the
// likeliest one, where several do.
func (know Knowledge) demands(key parcel.Key) (carrier.Code, []carrier.Need) {
	n := know.number(key)
	if _, needs := know.Plan(n, key.Carrier, nil); len(needs) == 0 {
		return "", nil
	}
	if key.Carrier != "" {
		_, needs := know.Plan(n, key.Carrier, nil)
		return key.Carrier, needs
	}
	for _, c := range n.Candidates {
		if _, needs := know.Plan(n, c.Carrier, nil); len(needs) > 0 {
			return c.Carrier, needs
		}
	}
	return "", nil
}

// number reads a key's number as it was read for it.
func (know Knowledge) number(key parcel.Key) recognise.Number {
	var hints recognise.Hints
	if key.Carrier != "" {
		hints.Carriers = []carrier.Code{key.Carrier}
	}
	return know.Index.Number(key.Number, hints)
}

// Give tells the carrier by of a watch's parcel what it demands besides the
// number. The watch is of the parcel from then on that those have who know the
// same; undoing leads back to the one that it was of.
func (s *Store) Give(ctx context.Context, owner inventory.Subject, id ID, by carrier.Code, given carrier.Given) (Done, error) {
	w, err := s.Get(ctx, owner, id)
	if err != nil {
		return Done{}, err
	}
	if given, err = tidied(given); err != nil {
		return Done{}, err
	}
	know := s.all.knowledge()
	n := know.number(w.Key)
	if len(n.Candidates) < 2 {
		by = "" // there is nobody else whom it could be told
	}
	want, _ := know.Plan(n, cmp.Or(w.Carrier, by), given)
	if len(want.Given) == 0 {
		return Done{}, errGivenUnused
	}
	now := s.all.now()
	summaries, err := s.want(ctx, owner, []parcel.Want{want}, now)
	if err != nil {
		return Done{}, fmt.Errorf("give for watch %s: %w", id, err)
	}
	var watched string
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		ids, err := note(ctx, tx, summaries, now.Add(wantFor), now)
		if err != nil {
			return err
		}
		watched = ids[summaries[0].generation()]
		there, err := findWatches(ctx, tx, owner, []stored{{Watched: watched}})
		if err != nil {
			return err
		}
		if other, ok := there[watched]; ok && other.ID != id {
			return errThere
		}
		return nil
	})
	if err != nil {
		return Done{}, fmt.Errorf("give for watch %s: %w", id, err)
	}
	return s.change(ctx, owner, []ID{id}, func(r *stored, _ *Words) error { r.Watched = watched; return nil })
}
