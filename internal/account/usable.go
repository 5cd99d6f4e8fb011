package account

import (
	"context"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// Usable reports whether a member's or business account may be acted for: a
// member's is active, so neither waiting, deactivated nor locked, a business
// account isn't closed. What is no account isn't usable.
func (m *Members) Usable(ctx context.Context, who inventory.Subject) (usable bool, err error) {
	s, err := m.in(regionOf(string(who)))
	if err != nil {
		return false, nil //nolint:nilerr // no such region, no such account
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM account WHERE id = $1 AND state = $2) OR EXISTS (SELECT 1 FROM team WHERE id = $1 AND closed_ms = 0)`,
			string(who), Active).Scan(&usable)
	})
	if err != nil {
		return false, fmt.Errorf("look whether %s is usable: %w", who, err)
	}
	return usable, nil
}
