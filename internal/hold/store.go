package hold

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// The places of what is sealed. None is ever renamed.
const (
	fieldDetail vault.Field = "hold.hold.detail"
	fieldWords  vault.Field = "hold.hold_entry.words"
)

// A detail is what is sealed of a hold.
type detail struct {
	Ref    string `json:"ref"`
	Reason string `json:"reason"`
}

// Set holds somebody's data, on a ground, with its number on record, the reason and
// a day on which it is looked at again; by is which of the staff, "" the console.
// Somebody may be held several times. also is done in the same transaction.
func (h *Holds) Set(ctx context.Context, by string, want Hold, also ...Also) (ID, error) {
	want.Ref, want.Reason = strings.TrimSpace(want.Ref), strings.TrimSpace(want.Reason)
	if err := h.check(want); err != nil {
		return "", err
	}
	s, err := h.at(string(want.Of))
	if err != nil {
		return "", errOf
	}
	k, err := s.key(ctx, want.Of)
	if err != nil {
		return "", err
	}
	sealed, err := json.Marshal(detail{want.Ref, want.Reason})
	if err != nil {
		return "", fmt.Errorf("hold %s: %w", want.Of, err)
	}
	id := ID(s.Name + "-" + uuid.Must(uuid.NewV7()).String())
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO hold (id, owner, ground, told, detail, review_ms, set_ms, lifted_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			string(id), string(want.Of), string(want.Ground), want.Ground.Told(), k.Seal(fieldDetail, sealed), want.Review.UnixMilli(), h.now().UnixMilli())
		if err != nil {
			return err
		}
		return h.add(ctx, tx, k, by, Hold{ID: id, Of: want.Of, Ground: want.Ground}, Entry{Did: DidSet, Words: want.Reason, Review: want.Review}, also)
	})
	if err != nil {
		return "", fmt.Errorf("hold %s: %w", want.Of, err)
	}
	return id, nil
}

// key is that of somebody of whom there is one.
func (s *Store) key(ctx context.Context, who inventory.Subject) (*vault.Sealer, error) {
	k, err := s.Vault.Key(ctx, who)
	if fault.KindOf(err) == fault.NotFound {
		return nil, errOf
	}
	return k, err
}

// add writes down what was done to a hold, and does what is to be done with it.
func (h *Holds) add(ctx context.Context, tx *db.Tx, k *vault.Sealer, by string, of Hold, e Entry, also []Also) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO hold_entry (id, hold_id, owner, told, what, clerk, words, review_ms, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		uuid.Must(uuid.NewV7()).String(), string(of.ID), string(of.Of), of.Ground.Told(), string(e.Did), by, k.SealText(fieldWords, e.Words), db.Ms(e.Review), h.now().UnixMilli())
	if err != nil {
		return err
	}
	for _, do := range also {
		if err := do(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// An Also is something that is to be done together with a change of a hold, or not
// at all, in the database of the region: writing down who did it.
type Also = func(ctx context.Context, tx *db.Tx) error

// Review says that a hold was looked at and is still needed, why, and until when
// it is looked at again. also is done in the same transaction.
func (h *Holds) Review(ctx context.Context, by string, id ID, next time.Time, words string, also ...Also) error {
	if err := h.reviewable(next); err != nil {
		return err
	}
	return h.change(ctx, by, id, Entry{Did: DidReview, Words: words, Review: next},
		`UPDATE hold SET review_ms = $1 WHERE id = $2 AND lifted_ms = 0`, next.UnixMilli(), also)
}

// Lift ends a hold, and says why. What it kept goes with the next run. also is done
// in the same transaction.
func (h *Holds) Lift(ctx context.Context, by string, id ID, words string, also ...Also) error {
	return h.change(ctx, by, id, Entry{Did: DidLift, Words: words}, `UPDATE hold SET lifted_ms = $1 WHERE id = $2 AND lifted_ms = 0`, h.now().UnixMilli(), also)
}

func (h *Holds) change(ctx context.Context, by string, id ID, e Entry, statement string, to int64, also []Also) error {
	e.Words = strings.TrimSpace(e.Words)
	if err := said(e.Words); err != nil {
		return err
	}
	was, err := h.Get(ctx, id)
	if err != nil {
		return err
	}
	s, _ := h.at(string(id))
	k, err := s.key(ctx, was.Of)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, statement, to, string(id))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return errOver
		}
		return h.add(ctx, tx, k, by, was, e, also)
	})
	if err != nil {
		return fmt.Errorf("hold %s %s: %w", id, e.Did, err)
	}
	return nil
}

// Get returns a hold.
func (h *Holds) Get(ctx context.Context, id ID) (Hold, error) {
	s, err := h.at(string(id))
	if err != nil {
		return Hold{}, err
	}
	all, err := s.list(ctx, `id = $1`, string(id))
	if err == nil && len(all) == 0 {
		err = errNone
	}
	if err != nil {
		return Hold{}, err
	}
	return all[0], nil
}

// mostListed bounds a list.
const mostListed = 1000

// List are the holds in force, the one to be looked at next first, and after them
// those that were lifted, the last one first; 1,000 of each region at most. away are
// the regions that can't be reached now, whose holds are missing.
func (h *Holds) List(ctx context.Context) (all []Hold, away []string, err error) {
	away, err = h.stores.Reached(func(s *Store) error {
		some, err := s.list(ctx, `substr(id, 1, $1) = $2`, len(s.Name)+1, s.Name+"-")
		all = append(all, some...)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(all, func(a, b Hold) int {
		if a.Lifted.IsZero() && b.Lifted.IsZero() {
			return cmp.Or(a.Review.Compare(b.Review), strings.Compare(string(a.ID), string(b.ID)))
		}
		if a.Lifted.IsZero() != b.Lifted.IsZero() {
			return map[bool]int{true: -1, false: 1}[a.Lifted.IsZero()]
		}
		return cmp.Or(b.Lifted.Compare(a.Lifted), strings.Compare(string(a.ID), string(b.ID)))
	})
	return all, away, nil
}

// Of are the holds in force on somebody that they may know of.
func (h *Holds) Of(ctx context.Context, who inventory.Subject) ([]Hold, error) {
	s, err := h.at(string(who))
	if err != nil {
		return nil, nil //nolint:nilerr // who lives in no region is held in none
	}
	return s.list(ctx, `owner = $1 AND told AND lifted_ms = 0`, string(who))
}

func (s *Store) list(ctx context.Context, where string, args ...any) (all []Hold, err error) {
	var sealed [][]byte
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		sealed = nil
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (h Hold, err error) {
			var text []byte
			var review, set, lifted int64
			err = row.Scan(&h.ID, &h.Of, &h.Ground, &text, &review, &set, &lifted)
			h.Review, h.Set, h.Lifted = db.At(review), db.At(set), db.At(lifted)
			sealed = append(sealed, text)
			return h, err
		}, `SELECT id, owner, ground, detail, review_ms, set_ms, lifted_ms FROM hold WHERE `+where+
			fmt.Sprintf(` ORDER BY lifted_ms > 0, lifted_ms DESC, review_ms, id LIMIT %d`, mostListed), args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("holds: %w", err)
	}
	for i := range all {
		k, err := s.Vault.Key(ctx, all[i].Of)
		if err != nil {
			return nil, fmt.Errorf("hold %s: %w", all[i].ID, err)
		}
		text, err := k.Open(fieldDetail, sealed[i])
		if err != nil {
			return nil, fmt.Errorf("hold %s: %w", all[i].ID, err)
		}
		var d detail
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("hold %s: %w", all[i].ID, err)
		}
		all[i].Ref, all[i].Reason = d.Ref, d.Reason
	}
	return all, nil
}

// History is what was done to a hold, oldest first.
func (h *Holds) History(ctx context.Context, of Hold) ([]Entry, error) {
	s, err := h.at(string(of.ID))
	if err != nil {
		return nil, err
	}
	k, err := s.Vault.Key(ctx, of.Of)
	if err != nil {
		return nil, err
	}
	var all []Entry
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (e Entry, err error) {
			var words []byte
			var review, when int64
			if err = row.Scan(&e.Did, &e.By, &words, &review, &when); err != nil {
				return e, err
			}
			e.Review, e.At = db.At(review), db.At(when)
			e.Words, err = k.OpenText(fieldWords, words)
			return e, err
		}, `SELECT what, clerk, words, review_ms, at_ms FROM hold_entry WHERE hold_id = $1 ORDER BY at_ms, id`, string(of.ID))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of hold %s: %w", of.ID, err)
	}
	return all, nil
}

// held are those whose data has to stay.
func (s *Store) held(ctx context.Context) (all []inventory.Subject, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (who inventory.Subject, err error) { return who, row.Scan(&who) },
			`SELECT DISTINCT owner FROM hold WHERE lifted_ms = 0`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("who is held: %w", err)
	}
	return all, nil
}
