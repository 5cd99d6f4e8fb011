package account

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A ClosingNews is that the site ends or is handed over, or doesn't after all.
type ClosingNews struct {
	Once    string    // a UUID that names it: who is told twice of one gets one message
	What    What      // ClosureDeclared and the others
	To      string    // who takes it over, "" nobody
	Contact string    // who answers questions
	Ends    time.Time // UTC; on which day
}

// TellClosing tells a member of it, and where their copy is.
func (m *Members) TellClosing(ctx context.Context, who ID, n ClosingNews) error {
	detail := n.Contact
	if n.To != "" {
		detail = n.To + " · " + n.Contact
	}
	if err := m.tellOwner(ctx, who, n.Once, change{what: n.What, detail: detail, link: "my-data", ends: n.Ends}); err != nil {
		return fmt.Errorf("tell %s of %s: %w", who, n.What, err)
	}
	return nil
}

// Everybody is the members of the region after one ("" from the first), in the order
// of their ids, and most of them at most.
func (s *Store) Everybody(ctx context.Context, after ID, most int) ([]ID, error) {
	return s.ownIDs(ctx, after, most, "account.id")
}

// Businesses is Everybody for business accounts.
func (s *Store) Businesses(ctx context.Context, after TeamID, most int) ([]TeamID, error) {
	ids, err := s.ownIDs(ctx, ID(after), most, "team.id")
	teams := make([]TeamID, len(ids))
	for i, id := range ids {
		teams[i] = TeamID(id)
	}
	return teams, err
}

// ownIDs reads ids of the region; others' may be in the same database.
func (s *Store) ownIDs(ctx context.Context, after ID, most int, column string) ([]ID, error) {
	var own []ID
	for len(own) < most {
		some, err := db.Distinct(ctx, s.db, inventory.Subject(after), most, column)
		if err != nil {
			return nil, fmt.Errorf("ids of %s: %w", s.region, err)
		}
		for _, who := range some {
			if after = ID(who); after.Region() == s.region && len(own) < most {
				own = append(own, after)
			}
		}
		if len(some) < most {
			return own, nil
		}
	}
	return own, nil
}
