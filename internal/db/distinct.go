package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Distinct reads the texts that stand in any of some columns, TABLE.COLUMN, in
// their order: at most most of those that come after one. The empty text is
// nobody's, and left out.
func Distinct[T ~string](ctx context.Context, d *DB, after T, most int, columns ...string) (all []T, err error) {
	parts := make([]string, len(columns))
	for i, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		parts[i] = fmt.Sprintf("SELECT %s AS x FROM %s", column, table)
	}
	query := `SELECT x FROM (` + strings.Join(parts, " UNION ") + `) AS u WHERE x > $1 AND x <> '' ORDER BY x LIMIT $2`
	err = d.Read(ctx, func(tx *Tx) error {
		all, err = Rows(ctx, tx, func(row *sql.Rows) (x T, err error) {
			return x, row.Scan(&x)
		}, query, string(after), most)
		return err
	})
	return all, err
}
