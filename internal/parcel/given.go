package parcel

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// A Mark stands for what somebody knows of a parcel besides its number: a keyed
// hash of number and values, of which nothing can be read. "" is nothing.
type Mark string

const (
	fieldMark  vault.Field = "parcel.parcel.mark"
	fieldGiven vault.Field = "parcel.given.sealed"
)

var errNotSealed = fault.New(fault.Unavailable, "given_not_sealed", "What a carrier wants to know besides the number can't be kept here.")

// SealWith has values that carriers demand sealed with the installation's key in
// v. It is called before anything is wanted; without it no values can be given.
func (s *Store) SealWith(v *vault.Vault) { s.vault = v }

// Mark stands for the values in a parcel's Key; spaces and hyphens make no
// difference. The same values of another number have another mark, so nobody sees
// that two parcels go to one address.
func (s *Store) Mark(number string, given carrier.Given) Mark {
	if len(given) == 0 || s.vault == nil {
		return ""
	}
	bare := make(carrier.Given, len(given))
	for need, value := range given {
		bare[need] = strings.Map(letterOrDigit, value)
	}
	return Mark(s.vault.Lookup(fieldMark, number+"\x00"+string(spell(bare))))
}

func letterOrDigit(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return -1
}

// spell writes values in their one form: names in order, as encoding/json has it.
func spell(given carrier.Given) []byte {
	text, err := json.Marshal(given)
	if err != nil {
		panic(err) // of strings only
	}
	return text
}

// seal marks the wants that bring values, and seals these.
func (s *Store) seal(ctx context.Context, wants []Want) (sealed [][]byte, err error) {
	sealed = make([][]byte, len(wants))
	for i := range wants {
		w := &wants[i]
		if len(w.Given) == 0 {
			continue
		}
		if s.vault == nil {
			return nil, errNotSealed
		}
		house, err := s.vault.House(ctx)
		if err != nil {
			return nil, err
		}
		w.Mark = s.Mark(w.Number, w.Given)
		sealed[i] = house.Seal(fieldGiven, spell(w.Given))
	}
	return sealed, nil
}

// open gives claimed asks the values that their parcels have. Those whose values
// can't be opened now are left out: they are due again when their lease ends.
func (s *Store) open(ctx context.Context, asks []Claimed, sealed map[ID][]byte) []Claimed {
	if len(sealed) == 0 {
		return asks
	}
	opened := asks[:0]
	for _, c := range asks {
		if text, ok := sealed[c.Parcel]; ok {
			var err error
			if c.Given, err = s.openOne(ctx, text); err != nil {
				s.log.Error("what a carrier demands can't be opened, its parcel waits", "parcel", c.Parcel, "err", err)
				continue
			}
		}
		opened = append(opened, c)
	}
	return opened
}

func (s *Store) openOne(ctx context.Context, sealed []byte) (given carrier.Given, err error) {
	if s.vault == nil {
		return nil, errNotSealed
	}
	house, err := s.vault.House(ctx)
	if err != nil {
		return nil, err
	}
	text, err := house.Open(fieldGiven, sealed)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, fmt.Errorf("read what was given: %w", err)
	}
	return given, nil
}

// loadGiven reads the sealed values of those parcels that have any.
func loadGiven(ctx context.Context, tx *db.Tx, ids []ID) (map[ID][]byte, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type given struct {
		of     ID
		sealed []byte
	}
	among, args := db.In(tx, "parcel_id", ids, 0)
	rows, err := db.Rows(ctx, tx, func(at *sql.Rows) (g given, err error) {
		return g, at.Scan(&g.of, &g.sealed)
	}, "SELECT parcel_id, sealed FROM given WHERE "+among, args...)
	if err != nil {
		return nil, err
	}
	all := make(map[ID][]byte, len(rows))
	for _, g := range rows {
		all[g.of] = g.sealed
	}
	return all, nil
}

// withGiven reads the values of marked parcels that still have them.
func withGiven(ctx context.Context, tx *db.Tx, rows []*row) error {
	var marked []ID
	for _, r := range rows {
		if r.Mark != "" {
			marked = append(marked, r.ID)
		}
	}
	given, err := loadGiven(ctx, tx, marked)
	for _, r := range rows {
		r.given = given[r.ID]
	}
	return err
}

// insertGiven writes the values that parcels were given.
func insertGiven(ctx context.Context, tx *db.Tx, rows []*row) error {
	b := db.NewBatch("new", "parcel_id", "sealed")
	for _, r := range rows {
		if r.giving {
			b.Add(string(r.ID), r.given)
		}
	}
	_, err := tx.ExecBatch(ctx, b, `INSERT INTO given (parcel_id, sealed) SELECT parcel_id, sealed FROM new WHERE TRUE ON CONFLICT DO NOTHING`)
	if err != nil {
		return fmt.Errorf("keep what was given: %w", err)
	}
	return nil
}

// forgetGiven deletes the values of parcels that nobody wants or keeps any more, and puts
// their asks to rest: without them there is nothing to ask.
func forgetGiven(ctx context.Context, tx *db.Tx, now time.Time) (inventory.Gone, error) {
	gone, before := inventory.Gone{Table: "given"}, db.Ms(givenEnd.Before(now))
	for _, statement := range []string{
		// The edition keeps whoever wants one of them just now from taking its
		// values for kept.
		`UPDATE parcel SET edition = edition + 1
			WHERE wanted_ms <= $1 AND stays_ms <= $1 AND id IN (SELECT parcel_id FROM given)`,
		`UPDATE ask SET due_ms = 0, lease = '', claimed_ms = 0
			WHERE parcel_id IN (SELECT g.parcel_id FROM given AS g JOIN parcel AS p ON p.id = g.parcel_id
				WHERE p.wanted_ms <= $1 AND p.stays_ms <= $1)`,
		`DELETE FROM given WHERE parcel_id IN (SELECT id FROM parcel WHERE wanted_ms <= $1 AND stays_ms <= $1 AND mark <> '')`,
	} {
		done, err := tx.ExecContext(ctx, statement, before)
		if err != nil {
			return gone, fmt.Errorf("forget what was given: %w", err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return gone, fmt.Errorf("forget what was given: %w", err)
		}
		gone.Rows = int(n) // the last statement's
	}
	return gone, nil
}
