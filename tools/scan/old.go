package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// slack is how much longer than its period a row may be there: runs come every
// hour, and one may fail.
const slack = 3 * time.Hour

// An overdue table holds rows for longer than it may.
type overdue struct {
	Data  string        `json:"data"` // the database's number, in the order in which they were given
	Table string        `json:"table"`
	Rows  int           `json:"rows"`
	Since time.Time     `json:"since"` // UTC; from when the oldest's time counts
	For   time.Duration `json:"for"`   // nanoseconds
}

// old looks for rows of people's that are older than their declared period at a
// time. Tables whose rows go with an account or by their owner's hand have none.
func old(ctx context.Context, out io.Writer, inventory string, data []string, now time.Time) (int, error) {
	if len(data) == 0 {
		return 0, errUsage
	}
	fields, err := readInventory(inventory)
	if err != nil {
		return 0, err
	}
	all := []overdue{}
	for i, address := range data {
		some, err := oldIn(ctx, address, fields, now)
		if err != nil {
			return 0, err
		}
		for j := range some {
			some[j].Data = strconv.Itoa(i + 1)
		}
		all = append(all, some...)
	}
	if err := printJSON(out, all); err != nil {
		return 0, err
	}
	if len(all) > 0 {
		return exitFound, nil
	}
	return exitFine, nil
}

func oldIn(ctx context.Context, address string, fields []field, now time.Time) (all []overdue, err error) {
	d, err := openSource(address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	tables, err := d.tables(ctx)
	if err != nil {
		return nil, err
	}
	looked := map[string]bool{}
	for _, f := range fields {
		columns := instants(fields, f.Table, tables[f.Table])
		if looked[f.Table] || f.Whose == "nobody" || len(columns) == 0 {
			continue
		}
		looked[f.Table] = true
		period := time.Duration(f.Retention.For+f.Retention.Most) * time.Millisecond
		since, ok := begins[f.Retention.Rule]
		if !ok || period == 0 {
			continue
		}
		one := overdue{Table: f.Table, For: period}
		err := d.rows(ctx, f.Table, columns, func(row [][]byte) error {
			from, err := since(row)
			if err != nil || from.IsZero() || !from.Add(period+slack).Before(now) {
				return err
			}
			if one.Rows++; one.Since.IsZero() || from.Before(one.Since) {
				one.Since = from
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if one.Rows > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

// instants are a table's columns that hold times: all that end in _ms, but one of
// how long something took.
func instants(fields []field, table string, there []string) (all []string) {
	for _, f := range fields {
		if f.Table == table && strings.HasSuffix(f.Column, "_ms") && f.Column != "took_ms" && slices.Contains(there, f.Column) {
			all = append(all, f.Column)
		}
	}
	return all
}

// begins is from when a row's time counts, by the rule of its retention: from when
// it was made, which is the first of its times, or from when it was last used,
// which is the last of them. By other rules no period ends by the clock alone.
var begins = map[string]func(row [][]byte) (time.Time, error){
	"made": first, "swept": first, "answer": first, "shown": first, "session": first, "used": last,
}

func first(row [][]byte) (at time.Time, err error) {
	return extreme(row, func(a, b time.Time) bool { return a.Before(b) })
}

func last(row [][]byte) (at time.Time, err error) {
	return extreme(row, func(a, b time.Time) bool { return a.After(b) })
}

func extreme(row [][]byte, better func(a, b time.Time) bool) (at time.Time, err error) {
	for _, cell := range row {
		ms, err := strconv.ParseInt(string(cell), 10, 64)
		if err != nil {
			return at, err
		}
		if t := time.UnixMilli(ms).UTC(); ms > 0 && (at.IsZero() || better(t, at)) {
			at = t
		}
	}
	return at, nil
}
