package db

import (
	"context"
	"database/sql"
)

// A Column is one column of the schema as it stands.
type Column struct {
	Table, Name string
	Text        bool // TEXT or BYTES: no number, and not yes or no
}

// Columns lists every column of every table, those of libraries too, by table.
func (d *DB) Columns(ctx context.Context) ([]Column, error) {
	query := `
		SELECT t.name, c.name, upper(c.type) IN ('TEXT', 'BLOB') FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`
	if d.dialect == Postgres {
		query = `
			SELECT table_name, column_name, data_type IN ('text', 'bytea') FROM information_schema.columns
			WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	}
	var columns []Column
	err := d.Read(ctx, func(tx *Tx) (err error) {
		columns, err = Rows(ctx, tx, func(row *sql.Rows) (c Column, err error) {
			return c, row.Scan(&c.Table, &c.Name, &c.Text)
		}, query)
		return err
	})
	return columns, err
}
