package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// A source is a database, or what pg_dump wrote of one.
type source interface {
	// tables are those there are, with their columns.
	tables(ctx context.Context) (map[string][]string, error)
	// rows reads some columns of a table; texts and numbers as they are written,
	// nothing as nil.
	rows(ctx context.Context, table string, columns []string, each func(row [][]byte) error) error
	close() error
}

func openSource(address string) (source, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		d, err := sql.Open("sqlite", "file:"+rest+"?mode=ro")
		return database{d, false}, err
	case "postgres", "postgresql":
		d, err := sql.Open("pgx", address)
		return database{d, true}, err
	case "dump":
		return dump(rest), nil
	}
	return nil, fmt.Errorf("%q is no sqlite:FILE, postgres://… or dump:FILE", address)
}

// A database is one that is open.
type database struct {
	*sql.DB
	postgres bool
}

func (d database) close() error { return d.Close() }

func (d database) tables(ctx context.Context) (map[string][]string, error) {
	query := `SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.name, c.cid`
	if d.postgres {
		query = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	}
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		all[table] = append(all[table], column)
	}
	return all, rows.Err()
}

func (d database) rows(ctx context.Context, table string, columns []string, each func(row [][]byte) error) error {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = `"` + c + `"`
	}
	rows, err := d.QueryContext(ctx, `SELECT `+strings.Join(quoted, ", ")+` FROM "`+table+`"`) //nolint:gosec // names that the database gave
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		cells, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		row := make([][]byte, len(columns))
		for i, c := range cells {
			row[i] = written(c)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// written is a cell as it is written.
func written(cell any) []byte {
	switch v := cell.(type) {
	case nil:
		return nil
	case []byte:
		return slices.Clone(v)
	case string:
		return []byte(v)
	case int64:
		return strconv.AppendInt(nil, v, 10)
	}
	return fmt.Append(nil, cell)
}

// A dump is a file of pg_dump --format=custom, which pg_restore writes out as text.
type dump string

func (d dump) close() error { return nil }

// text has do read what pg_restore makes of the file.
func (d dump) text(ctx context.Context, do func(r io.Reader) error) error {
	cmd := exec.CommandContext(ctx, "pg_restore", "--file=-", string(d))
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = do(out)
	_, rest := io.Copy(io.Discard, out)
	if wait := cmd.Wait(); wait != nil {
		return errors.Join(err, rest, fmt.Errorf("pg_restore: %w: %s", wait, &said))
	}
	return errors.Join(err, rest)
}

// longestLine bounds a row of a dump, in bytes: a copy of somebody's data may be in it.
const longestLine = 1 << 30

// copies reads the COPY blocks of the text: their tables, columns and lines.
func (d dump) copies(ctx context.Context, each func(table string, columns []string, line string) error) error {
	return d.text(ctx, func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, longestLine)
		table, columns := "", []string(nil)
		for lines.Scan() {
			line := lines.Text()
			switch {
			case table == "" && strings.HasPrefix(line, "COPY ") && strings.HasSuffix(line, ") FROM stdin;"):
				name, rest, _ := strings.Cut(strings.TrimPrefix(line, "COPY "), " (")
				_, table, _ = strings.Cut(name, ".")
				columns = strings.Split(strings.TrimSuffix(rest, ") FROM stdin;"), ", ")
				if err := each(table, columns, ""); err != nil {
					return err
				}
			case line == `\.`:
				table = ""
			case table != "":
				if err := each(table, columns, line); err != nil {
					return err
				}
			}
		}
		return lines.Err()
	})
}

func (d dump) tables(ctx context.Context) (map[string][]string, error) {
	all := map[string][]string{}
	err := d.copies(ctx, func(table string, columns []string, _ string) error {
		all[table] = columns
		return nil
	})
	return all, err
}

func (d dump) rows(ctx context.Context, table string, columns []string, each func(row [][]byte) error) error {
	return d.copies(ctx, func(at string, all []string, line string) error {
		if at != table || line == "" {
			return nil
		}
		cells := strings.Split(line, "\t")
		row := make([][]byte, len(columns))
		for i, c := range columns {
			j := slices.Index(all, c)
			if j < 0 || j >= len(cells) {
				return fmt.Errorf("%s has no column %s", table, c)
			}
			row[i] = unescaped(cells[j])
		}
		return each(row)
	})
}

// unescaped is a cell of COPY's text format; bytes stand there in hex.
func unescaped(cell string) []byte {
	if cell == `\N` {
		return nil
	}
	if rest, ok := strings.CutPrefix(cell, `\\x`); ok {
		if plain, err := hex.DecodeString(rest); err == nil {
			return plain
		}
	}
	return []byte(strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(cell))
}
