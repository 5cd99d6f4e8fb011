package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"waypost/internal/db"
)

// A snapshot is somebody's ways in as they stood: rows of tables, what is
// sealed still sealed. The password isn't in it: who undoes a change sets another.
type snapshot struct {
	Tables map[string][][]json.RawMessage `json:"tables"` // by name, a row in the order of its table's columns
}

// A waysTable is a table of ways in, and makes where its columns are read to.
type waysTable struct {
	name    string
	columns []string // new ones come last: snapshots are kept for a week
	cells   func() []any
	stay    string // a condition: rows that are never taken back; "" none
}

var waysTables = []waysTable{
	{"contact", []string{"account_id", "kind", "value", "lookup", "verified_ms", "main"},
		func() []any { return []any{new(string), new(string), new([]byte), new(string), new(int64), new(bool)} }, ""},
	{"passkey", []string{"id", "account_id", "lookup", "credential", "name", "backed_up", "created_ms", "used_ms"},
		func() []any {
			return []any{new(string), new(string), new(string), new([]byte), new([]byte), new(bool), new(int64), new(int64)}
		}, ""},
	{"totp", []string{"account_id", "secret", "step", "created_ms", "confirmed_ms"},
		func() []any { return []any{new(string), new([]byte), new(int64), new(int64), new(int64)} }, ""},
	{"recovery_code", []string{"account_id", "hash", "created_ms", "used_ms"},
		func() []any { return []any{new(string), new(string), new(int64), new(int64)} }, "used_ms > 0"},
	{"link", []string{"account_id", "provider", "nickname", "created_ms", "used_ms", "person"},
		func() []any { return []any{new(string), new(string), new([]byte), new(int64), new(int64), new([]byte)} }, ""},
	{"link_key", []string{"account_id", "provider", "lookup"},
		func() []any { return []any{new(string), new(string), new(string)} }, ""},
}

// takeSnapshot reads an account's ways in.
func takeSnapshot(ctx context.Context, tx *db.Tx, id ID) (*snapshot, error) {
	taken := &snapshot{Tables: map[string][][]json.RawMessage{}}
	for _, t := range waysTables {
		rows, err := db.Rows(ctx, tx, func(row *sql.Rows) ([]json.RawMessage, error) {
			cells := t.cells()
			if err := row.Scan(cells...); err != nil {
				return nil, err
			}
			return marshalAll(cells)
		}, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+` WHERE account_id = $1`, id)
		if err != nil {
			return nil, fmt.Errorf("snapshot of %s: %w", t.name, err)
		}
		taken.Tables[t.name] = rows
	}
	return taken, nil
}

func marshalAll(cells []any) ([]json.RawMessage, error) {
	row := make([]json.RawMessage, len(cells))
	for i, c := range cells {
		text, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		row[i] = text
	}
	return row, nil
}

// restore puts an account's ways in back. What meanwhile became somebody
// else's (an address that was free) stays theirs, and a recovery code that was
// used meanwhile stays used.
func (t *snapshot) restore(ctx context.Context, tx *db.Tx, id ID) error {
	for _, table := range waysTables {
		gone := `DELETE FROM ` + table.name + ` WHERE account_id = $1`
		if table.stay != "" {
			gone += ` AND NOT (` + table.stay + `)`
		}
		if _, err := tx.ExecContext(ctx, gone, id); err != nil {
			return fmt.Errorf("restore %s: %w", table.name, err)
		}
		for _, row := range t.Tables[table.name] {
			if err := table.insert(ctx, tx, row); err != nil {
				return fmt.Errorf("restore %s: %w", table.name, err)
			}
		}
	}
	return nil
}

// insert writes a row. One that was taken before the table's last columns came is
// shorter, and has in them what the database gives.
func (t waysTable) insert(ctx context.Context, tx *db.Tx, row []json.RawMessage) error {
	cells := t.cells()
	if len(row) > len(cells) {
		return fmt.Errorf("has %d columns, want %d", len(row), len(cells))
	}
	args, places := make([]any, len(row)), make([]string, len(row))
	for i, c := range cells[:len(row)] {
		if err := json.Unmarshal(row[i], c); err != nil {
			return err
		}
		args[i], places[i] = value(c), "$"+strconv.Itoa(i+1)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO `+t.name+` (`+strings.Join(t.columns[:len(row)], ", ")+`) VALUES (`+strings.Join(places, ", ")+`) ON CONFLICT DO NOTHING`, args...)
	return err
}

// value is what a cell of waysTable points to.
func value(cell any) any {
	switch c := cell.(type) {
	case *string:
		return *c
	case *int64:
		return *c
	case *bool:
		return *c
	case *[]byte:
		return orEmpty(*c)
	}
	panic("a cell of another type than waysTables makes")
}
