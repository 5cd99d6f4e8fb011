package main

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A reading is how many values of a field open with somebody's keys.
type reading struct {
	Data   string `json:"data"` // the database's number, in the order in which they were given
	Field  string `json:"field"`
	Opened int    `json:"opened"`
	Bytes  int    `json:"bytes"` // of plain text
}

// A readable is what somebody's keys open.
type readable struct {
	Keys      int       `json:"keys"` // how many key stores have one
	Destroyed int       `json:"destroyed"`
	Fields    []reading `json:"fields"`
}

// reads opens everything of a subject that opens.
func reads(ctx context.Context, out io.Writer, inventory string, keys, stores, data []string, subject string) (int, error) {
	if subject == "" || len(keys) == 0 || len(stores) == 0 || len(data) == 0 {
		return 0, errUsage
	}
	fields, err := readInventory(inventory)
	if err != nil {
		return 0, err
	}
	r, err := readRing(keys)
	if err != nil {
		return 0, err
	}
	var result readable
	var open []cipher.AEAD
	for _, address := range stores {
		f, err := keyIn(ctx, address, r, subject)
		if err != nil {
			return 0, err
		}
		if f.key != nil {
			open, result.Keys = append(open, f.key), result.Keys+1
		}
		if f.destroyed {
			result.Destroyed++
		}
	}
	for i, address := range data {
		some, err := readAll(ctx, address, fields, open, subject)
		if err != nil {
			return 0, err
		}
		for j := range some {
			some[j].Data = fmt.Sprint(i + 1)
		}
		result.Fields = append(result.Fields, some...)
	}
	if err := printJSON(out, result); err != nil {
		return 0, err
	}
	if len(result.Fields) == 0 {
		return exitFound, nil
	}
	return exitFine, nil
}

func keyIn(ctx context.Context, address string, r ring, subject string) (found, error) {
	store, err := openSource(address)
	if err != nil {
		return found{}, err
	}
	f, err := keyOf(ctx, store, r, subject)
	return f, errors.Join(err, store.close())
}

// readAll tries every sealed cell of a database with every key, at its own place
// first, then at all others: values are moved together with their place.
func readAll(ctx context.Context, address string, fields []field, keys []cipher.AEAD, subject string) (all []reading, err error) {
	d, err := openSource(address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	tables, err := d.tables(ctx)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, f := range fields {
		if f.Protection == "sealed" {
			places = append(places, f.place())
		}
	}
	for _, f := range fields {
		if f.Protection != "sealed" || !slices.Contains(tables[f.Table], f.Column) {
			continue
		}
		one := reading{Field: f.place()}
		try := append([]string{f.place()}, places...)
		err := d.rows(ctx, f.Table, []string{f.Column}, func(row [][]byte) error {
			if plain, ok := opened(keys, row[0], try, subject); ok {
				one.Opened++
				one.Bytes += len(plain)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if one.Opened > 0 {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b reading) int { return strings.Compare(a.Field, b.Field) })
	return all, nil
}

func opened(keys []cipher.AEAD, sealed []byte, places []string, subject string) ([]byte, bool) {
	for _, k := range keys {
		for _, p := range places {
			if plain, err := open(k, sealed, p, subject); err == nil {
				return plain, true
			}
		}
	}
	return nil, false
}
