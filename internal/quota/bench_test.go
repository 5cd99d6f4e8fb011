package quota_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/limit"
	"waypost/internal/quota"
	"waypost/internal/vault"
)

// BenchmarkEnter is a call's key looked up: remembered, and read from the
// database, each against reading the secret's row alone. x-bare is the time
// against that.
func BenchmarkEnter(b *testing.B) {
	eachBench(b, func(b *testing.B, d *db.DB) {
		all, s := benchRoom(b, d)
		k := must(s.Make(b.Context(), mia, quota.Settings{Name: "n", Scopes: quota.Scopes}, false))(b)
		var hash string
		err := d.Read(b.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(b.Context(), `SELECT hash FROM api_secret`).Scan(&hash)
		})
		if err != nil {
			b.Fatal(err)
		}
		enter := func() error {
			_, err := all.Enter(b.Context(), k.Secret, home)
			return err
		}
		bare := func() error {
			return d.Read(b.Context(), func(tx *db.Tx) error {
				var ends int64
				return tx.QueryRowContext(b.Context(), `SELECT ends_ms FROM api_secret WHERE hash = $1`, hash).Scan(&ends)
			})
		}
		var ahead time.Duration
		all.SetClock(func() time.Time { return time.Now().Add(ahead) })
		read := func() error {
			ahead += 6 * time.Second // nothing is remembered
			return enter()
		}
		b.Run("remembered", func(b *testing.B) { against(b, enter, bare) })
		b.Run("read", func(b *testing.B) { against(b, read, bare) })
	})
}

// BenchmarkDraw is 40 lines drawn in a transaction, against 40 rows inserted in
// one by one statement.
func BenchmarkDraw(b *testing.B) {
	eachBench(b, func(b *testing.B, d *db.DB) {
		_, s := benchRoom(b, d)
		must(d.Exec(b.Context(), `CREATE TABLE bare (owner TEXT NOT NULL, id TEXT NOT NULL, matter TEXT NOT NULL, created_ms BIGINT NOT NULL, PRIMARY KEY (owner, id, matter))`))(b)
		n := 0
		draw := func() error {
			n++
			lines := make([]quota.Line, 40)
			for i := range lines {
				lines[i] = quota.Line{ID: fmt.Sprintf("%012d-%02d", n, i), Matter: quota.Registration}
			}
			return d.Tx(b.Context(), func(tx *db.Tx) error {
				_, err := s.Draw(b.Context(), tx, mia, lines)
				return err
			})
		}
		bare := func() error {
			n++
			values, args := make([]string, 40), []any{string(mia), "registration", time.Now().UnixMilli()}
			for i := range values {
				values[i] = "($1, $" + strconv.Itoa(i+4) + ", $2, $3)"
				args = append(args, fmt.Sprintf("%012d-%02d", n, i))
			}
			return d.Tx(b.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(b.Context(), `INSERT INTO bare (owner, id, matter, created_ms) VALUES `+strings.Join(values, ", "), args...)
				return err
			})
		}
		against(b, draw, bare)
	})
}

func eachBench(b *testing.B, bench func(b *testing.B, d *db.DB)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, dbtest.Open(b, dbtest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { bench(b, dbtest.Open(b, dbtest.Postgres(b))) })
}

func benchRoom(b *testing.B, d *db.DB) (*quota.Stores, *quota.Store) {
	b.Helper()
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(b)
	keys := must(vault.Open(b.Context(), dbtest.Open(b, dbtest.SQLite(b)), ring))(b)
	if err := keys.Create(b.Context(), mia); err != nil {
		b.Fatal(err)
	}
	calls := must(limit.Open(b.Context(), d, func(text string) string { return text }))(b)
	all := must(quota.Open(b.Context(), quota.Options{Regions: []quota.Region{{Name: "eu", DB: d, Vault: keys, Count: calls}}, Plan: unlimited}))(b)
	return all, all.Stores()[0]
}

// against does both in turns, so that a noisy machine disturbs both alike.
// x-bare is the quotient of their medians.
func against(b *testing.B, do, bare func() error) {
	var done, without []time.Duration
	for b.Loop() {
		for _, one := range []struct {
			do    func() error
			spent *[]time.Duration
		}{{do, &done}, {bare, &without}} {
			begun := time.Now()
			if err := one.do(); err != nil {
				b.Fatal(err)
			}
			*one.spent = append(*one.spent, time.Since(begun))
		}
	}
	slices.Sort(done)
	slices.Sort(without)
	middle := len(done) / 2
	b.ReportMetric(float64(done[middle])/float64(without[middle]), "x-bare")
	b.ReportMetric(float64(done[middle].Nanoseconds())/1000, "µs-median")
}
