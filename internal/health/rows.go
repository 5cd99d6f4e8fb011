package health

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Source is what is known of a source before it is asked.
type Source struct {
	Code   carrier.SourceCode
	Shapes func() []carrier.Shape // of the answers that were shipped with it; nil none
	Uses   func(name string) bool // whether its reading names a field so
}

// Use says which sources are asked, and by which files.
func (b *Book) Use(ctx context.Context, sources []Source) error {
	if err := b.Flush(ctx); err != nil {
		return err
	}
	var rows []row
	err := b.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, scanRow, selectRows)
		return err
	})
	if err != nil {
		return fmt.Errorf("read what is known of answers: %w", err)
	}
	all := map[carrier.SourceCode]*known{}
	for _, s := range sources {
		k := &known{rows: map[carrier.ProblemKind]map[string]*row{}}
		for _, r := range rows {
			if r.source == s.Code {
				k.read(r, s.Uses)
			}
		}
		k.shipped = s.Shapes
		all[s.Code] = k
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sources = all
	return nil
}

func (k *known) read(r row, uses func(string) bool) {
	if k.rows[r.kind] == nil {
		k.rows[r.kind] = map[string]*row{}
	}
	_, name := carrier.CutPath(r.path)
	if now := uses(name); now != r.used {
		r.used, r.dirty = now, true
	}
	k.rows[r.kind][r.path], k.real = &r, true
}

// Shaped notes how an answer of a source is built.
func (b *Book) Shaped(code carrier.SourceCode, s carrier.Shape) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.sources[code]
	if k == nil {
		k = &known{rows: map[carrier.ProblemKind]map[string]*row{}}
		b.sources[code] = k
	}
	k.begin()
	if !k.meet(s, time.Now()) {
		return
	}
	select {
	case b.urgent <- struct{}{}:
	default: // Run has yet to see an earlier one
	}
}

const selectRows = `SELECT source, kind, path, forms, met, chances, used, first_ms, last_ms, change, change_ms, seen_ms FROM health_path`

func scanRow(at *sql.Rows) (row, error) {
	var r row
	var first, last, changed, seen int64
	err := at.Scan(&r.source, &r.kind, &r.path, &r.forms, &r.met, &r.chances, &r.used, &first, &last, &r.change, &changed, &seen)
	r.first, r.last, r.changed, r.seen = db.At(first), db.At(last), db.At(changed), db.At(seen)
	r.wroteMet, r.wroteChances = r.met, r.chances
	return r, err
}

// saveRows adds rows' counts to the table's, everybody in the same order. What
// another program said of a path stays unless there is more to say.
func saveRows(ctx context.Context, tx *db.Tx, rows []row) error {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(string(a.source), string(b.source)), strings.Compare(string(a.kind), string(b.kind)), strings.Compare(a.path, b.path))
	})
	for _, r := range rows {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO health_path (source, kind, path, forms, met, chances, used, first_ms, last_ms, change, change_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (source, kind, path) DO UPDATE SET
				forms     = health_path.forms | excluded.forms,
				met       = health_path.met + excluded.met,
				chances   = health_path.chances + excluded.chances,
				used      = excluded.used,
				last_ms   = excluded.last_ms,
				seen_ms   = CASE WHEN $12 AND (health_path.change <> excluded.change OR (health_path.forms | excluded.forms) <> health_path.forms)
					THEN 0 ELSE health_path.seen_ms END,
				change    = CASE WHEN $12 THEN excluded.change ELSE health_path.change END,
				change_ms = CASE WHEN $12 AND health_path.change <> excluded.change THEN excluded.change_ms ELSE health_path.change_ms END`,
			string(r.source), string(r.kind), r.path, int64(r.forms), r.met, r.chances, r.used, db.Ms(r.first), db.Ms(r.last), string(r.change), db.Ms(r.changed), r.told)
		if err != nil {
			return err
		}
	}
	return nil
}
