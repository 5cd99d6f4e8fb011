// Package export writes what a room holds of somebody, column by column as the
// room declares it, so that nothing is held that a copy lacks. It knows no
// room's tables.
package export

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// Withheld is written instead of what opens or checks a way in: whoever gets
// hold of the copy could use it.
const Withheld = "kept, and not written out: it guards the account"

// A Room is what it takes to write what one holds of somebody.
type Room struct {
	Name   string // with which the places of its sealed values begin
	DB     *db.DB
	Vault  *vault.Vault
	Fields []inventory.Field
	Rows   map[string]string // by table: a condition for a subject's rows, $1; of other tables none are anybody's
	From   map[string]string // by table: the rows of it that Touched finds; of other tables all
	Guards []string          // table.column: withheld
	Read   map[string]Reader // by table.column: what was sealed and is no text
	Places map[string]vault.Field
	Keys   map[string]string // by table: the column that names with whose key its rows are sealed; of other tables it is the subject's own
}

// A Reader makes something that goes through JSON of what was sealed with k.
type Reader func(k *vault.Sealer, plain []byte) (any, error)

// JSON is the Reader of what was sealed as JSON.
func JSON(_ *vault.Sealer, plain []byte) (any, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	return json.RawMessage(plain), nil
}

// Owned are the conditions of tables whose rows say in owner whose they are.
func Owned(tables ...string) map[string]string {
	all := map[string]string{}
	for _, t := range tables {
		all[t] = "owner = $1"
	}
	return all
}

// Write writes all that the room holds of a subject as a JSON object: rows by
// table. Nobody's is an empty one.
func (r Room) Write(ctx context.Context, who inventory.Subject, w io.Writer) error {
	k, err := r.Vault.Key(ctx, who)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		_, err := io.WriteString(w, "{}\n")
		return err
	}
	if err != nil {
		return err
	}
	all := map[string][]map[string]any{}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		clear(all)
		for table, mine := range r.Rows {
			rows, err := r.rows(ctx, tx, k, table, mine, who)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			if len(rows) > 0 {
				all[table] = rows
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("export %s of %s: %w", r.Name, who, err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(all)
}

// rows reads a table's rows that are a subject's.
func (r Room) rows(ctx context.Context, tx *db.Tx, k *vault.Sealer, table, mine string, who inventory.Subject) ([]map[string]any, error) {
	var fields []inventory.Field
	var columns []string
	for _, f := range r.Fields {
		if f.Table == table {
			fields, columns = append(fields, f), append(columns, f.Column)
		}
	}
	return db.Rows(ctx, tx, func(row *sql.Rows) (map[string]any, error) {
		cells, to := make([]any, len(fields)), make([]any, len(fields))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := row.Scan(to...); err != nil {
			return nil, err
		}
		read := map[string]any{}
		k, err := r.keyOf(ctx, table, k, fields, cells)
		if err != nil {
			return nil, err
		}
		for i, f := range fields {
			var err error
			if read[f.Column], err = r.readable(k, f, cells[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", f.Column, err)
			}
		}
		return read, nil
	}, `SELECT `+strings.Join(columns, ", ")+` FROM `+table+` WHERE `+mine+` ORDER BY 1, 2`, string(who))
}

// keyOf is what opens a row: the subject's own key, unless the row names another.
func (r Room) keyOf(ctx context.Context, table string, own *vault.Sealer, fields []inventory.Field, cells []any) (*vault.Sealer, error) {
	for i, f := range fields {
		if name, ok := cells[i].(string); ok && f.Column == r.Keys[table] {
			return r.Vault.Key(ctx, inventory.Subject(name))
		}
	}
	return own, nil
}

// readable is a cell as people and programs read it.
func (r Room) readable(k *vault.Sealer, f inventory.Field, cell any) (any, error) {
	name := f.Table + "." + f.Column
	if slices.Contains(r.Guards, name) {
		return Withheld, nil
	}
	switch v := cell.(type) {
	case int64:
		if f.Instant() {
			return instant(v), nil
		}
	case []byte:
		if f.Protection == inventory.Sealed {
			return r.open(k, name, v)
		}
	}
	return cell, nil
}

func instant(ms int64) any {
	if ms == 0 {
		return nil
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339)
}

// open is what was sealed, as text where nothing else is said. A row that two
// subjects share is opened by the one whose key seals it.
func (r Room) open(k *vault.Sealer, name string, sealed []byte) (any, error) {
	place, ok := r.Places[name]
	if !ok {
		place = vault.Field(r.Name + "." + name)
	}
	plain, err := k.Open(place, sealed)
	if err != nil {
		return nil, err
	}
	if read := r.Read[name]; read != nil {
		return read(k, plain)
	}
	if utf8.Valid(plain) {
		return string(plain), nil
	}
	return plain, nil
}

// named finds the columns in a condition for a subject's rows.
var named = regexp.MustCompile(`(\w+) = \$1`)

// Touched are the subjects with a row of a table that was made or changed in a
// time, as inventory.Searched has it.
func (r Room) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) (all []inventory.Subject, err error) {
	var times []string
	for _, f := range r.Fields {
		if f.Table == table && f.Happened() {
			times = append(times, "("+f.Column+" >= $2 AND "+f.Column+" < $3)")
		}
	}
	within := "(" + strings.Join(times, " OR ") + ")"
	if len(times) == 0 {
		within = "CAST($2 AS BIGINT) < CAST($3 AS BIGINT)"
	}
	if until.IsZero() {
		until = time.UnixMilli(1<<53 - 1)
	}
	source := table
	if chosen := r.From[table]; chosen != "" {
		source = "(" + chosen + ") AS t"
	}
	var parts []string
	for _, c := range named.FindAllStringSubmatch(r.Rows[table], -1) {
		parts = append(parts, "SELECT "+c[1]+" AS x FROM "+source+" WHERE "+c[1]+" > $1 AND "+within)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	start := max(from.UnixMilli(), 1) // 0 stands for what hasn't happened
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (who inventory.Subject, err error) { return who, row.Scan(&who) },
			`SELECT x FROM (`+strings.Join(parts, " UNION ")+`) AS u WHERE x <> '' ORDER BY x LIMIT $4`,
			string(after), start, until.UnixMilli(), most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("whose rows of %s were changed: %w", table, err)
	}
	return all, nil
}
