package parcel

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/status"
)

const (
	// mostUnmapped bounds what is kept of one source: what comes beyond would
	// be no list that anybody reads.
	mostUnmapped = 300

	// unmappedFor is how long a code is kept that doesn't come any more.
	unmappedFor = 90 * 24 * time.Hour
)

// An Unmapped is a code that a source sent and its file doesn't have.
type Unmapped struct {
	Source carrier.SourceCode
	carrier.Unknown
	Answers     int       // that had it
	First, Last time.Time // UTC
}

// NoteUnmapped counts what was unknown in a source's answers; what is named
// twice was in two answers. Of each code the newest words are kept.
func (s *Store) NoteUnmapped(ctx context.Context, source carrier.SourceCode, all []carrier.Unknown) error {
	now := db.Ms(s.now())
	all = slices.SortedFunc(slices.Values(all), func(a, b carrier.Unknown) int { // everybody locks in the same order
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Words, b.Words))
	})
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, u := range all {
			if err := noteUnmapped(ctx, tx, source, u, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note unmapped codes of %s: %w", source, err)
	}
	return nil
}

func noteUnmapped(ctx context.Context, tx *db.Tx, source carrier.SourceCode, u carrier.Unknown, now int64) error {
	code, words, phrase := clip(u.Code, maxField), clip(u.Words, maxWords), ""
	if code == "" {
		phrase = words
	}
	done, err := tx.ExecContext(ctx, `
		UPDATE unmapped SET words = $1, means = $2, answers = answers + 1, last_ms = $3
		WHERE source = $4 AND code = $5 AND phrase = $6`, words, string(u.Means), now, string(source), code, phrase)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var kept int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM unmapped WHERE source = $1`, string(source)).Scan(&kept); err != nil || kept >= mostUnmapped {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO unmapped (source, code, phrase, words, means, answers, first_ms, last_ms)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
		ON CONFLICT (source, code, phrase) DO UPDATE SET answers = unmapped.answers + 1, last_ms = excluded.last_ms`,
		string(source), code, phrase, words, string(u.Means), now)
	return err
}

// Unmapped lists what is unmapped, by source, what came most often first.
func (s *Store) Unmapped(ctx context.Context) ([]Unmapped, error) {
	var all []Unmapped
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all = nil
		rows, err := tx.QueryContext(ctx, `
			SELECT source, code, words, means, answers, first_ms, last_ms FROM unmapped
			ORDER BY source, answers DESC, code, phrase`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u Unmapped
			var means string
			var first, last int64
			if err := rows.Scan(&u.Source, &u.Code, &u.Words, &means, &u.Answers, &first, &last); err != nil {
				return err
			}
			u.Means, u.First, u.Last = status.Sub(means), db.At(first), db.At(last)
			all = append(all, u)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list unmapped codes: %w", err)
	}
	return all, nil
}
