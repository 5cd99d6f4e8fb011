package request

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waypost/internal/db"
)

// lapseAtOnce bounds what one run ends.
const lapseAtOnce = 500

// Lapse ends the requests whose person was asked something and didn't answer in
// time, and tells them. It says how many they were.
func (s *Store) Lapse(ctx context.Context) (int, error) {
	var ids []string
	before := s.all.now().Add(-AnswerIn)
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = db.Rows(ctx, tx, func(row *sql.Rows) (id string, err error) { return id, row.Scan(&id) },
			`SELECT id FROM request WHERE region = $1 AND asked_ms > 0 AND asked_ms <= $2 AND ended_ms = 0 ORDER BY id LIMIT $3`, s.Name, db.Ms(before), lapseAtOnce)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("requests that nobody answered: %w", err)
	}
	n := 0
	var failed []error
	for _, id := range ids {
		_, err := s.change(ctx, change{happening: happening{step: DidLapse}, from: []State{Waiting}, to: Lapsed}, `id = $2 AND asked_ms <= $3`, id, db.Ms(before))
		switch {
		case err == nil:
			n++
		case !errors.Is(err, ErrNone) && !errors.Is(err, errState):
			failed = append(failed, err)
		}
	}
	return n, errors.Join(failed...)
}
