package lawful

import (
	"context"
	"database/sql"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Preserving is somebody whose data has to stay by an authority's order, or had to.
type Preserving struct {
	Ref       string
	Who       inventory.Subject
	By        string // who of the staff approved it
	Authority string
	Reference string // the authority's own
	Silent    bool   // law forbids to tell them
	Over      bool   // the order was closed
	Hold      string // that keeps it, "" none yet
}

// Preserving is whose data of a region has to stay by orders to preserve, and whose
// hold is to be lifted because the order was closed.
func (s *Store) Preserving(ctx context.Context) ([]Preserving, error) {
	var all []Preserving
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := db.Rows(ctx, tx, func(row *sql.Rows) (p Preserving, err error) {
			var gag int64
			var state State
			err = row.Scan(&p.Ref, &p.Who, &p.Hold, &gag, &state)
			p.Silent, p.Over = gag > s.all.now().UnixMilli(), state == Closed
			return p, err
		}, `
			SELECT p.ref, p.owner, p.hold, r.gag_until_ms, r.state FROM lawful_subject p JOIN lawful_request r ON r.ref = p.ref
			WHERE r.region = $1 AND r.kind = $2 AND (r.state = $3 OR r.state = $4 AND p.hold <> '') ORDER BY p.ref, p.owner`,
			s.Name, string(Preservation), string(Approved), string(Closed))
		if err != nil {
			return err
		}
		all = rows
		for i := range all {
			one, _, err := s.request(ctx, tx, all[i].Ref, "")
			if err != nil {
				return err
			}
			all[i].By, all[i].Authority, all[i].Reference = one.Approver(), one.Authority, one.Reference
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("whose data is preserved: %w", err)
	}
	return all, nil
}

// Preserve notes which hold keeps somebody's data, "" none any more.
func (s *Store) Preserve(ctx context.Context, p Preserving, hold string) error {
	if _, err := s.DB.Exec(ctx, `UPDATE lawful_subject SET hold = $1 WHERE ref = $2 AND owner = $3`, hold, p.Ref, string(p.Who)); err != nil {
		return fmt.Errorf("note the hold of %s: %w", p.Ref, err)
	}
	return nil
}
