package db_test

import (
	"fmt"
	"strconv"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

func TestABatchIsATable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, n := range []int{0, 1, 7, 300} {
			table := fmt.Sprintf("sums_%d", n)
			_, err := d.Exec(t.Context(), `CREATE TABLE `+table+` (owner TEXT, n BIGINT, twice BIGINT, name TEXT, seal `+map[db.Dialect]string{db.SQLite: "BLOB", db.Postgres: "BYTEA"}[d.Dialect()]+`)`)
			if err != nil {
				t.Fatal(err)
			}
			b := db.NewBatch("given", "n", "twice", "name", "seal")
			for i := range n {
				b.Add(i, int64(2*i), "name "+strconv.Itoa(i), []byte{byte(i)})
			}
			if b.Len() != n {
				t.Fatalf("%d rows, want %d", b.Len(), n)
			}
			err = d.Tx(t.Context(), func(tx *db.Tx) error {
				changed, err := tx.ExecBatch(t.Context(), b, `INSERT INTO `+table+` (owner, n, twice, name, seal) SELECT $1, n, twice, name, seal FROM given`, "ada")
				if changed != int64(n) {
					t.Errorf("%d rows changed, want %d", changed, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var rows, sum int
			err = d.Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRowContext(t.Context(), `SELECT COUNT(*), COALESCE(SUM(twice), 0) FROM `+table+` WHERE owner = $1 AND twice = 2 * n AND LENGTH(seal) = 1`, "ada").Scan(&rows, &sum)
			})
			if err != nil || rows != n || sum != n*(n-1) {
				t.Errorf("%d rows sum up to %d (%v), want %d and %d", rows, sum, err, n, n*(n-1))
			}
		}
	})
}

func TestABatchSaysWhatItCannotHold(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	b := db.NewBatch("given", "n")
	b.Add(1.5)
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecBatch(t.Context(), b, `SELECT n FROM given`)
		return err
	})
	if err == nil || err.Error() != "column n of a batch: no array holds a float64" {
		t.Errorf("a fraction was taken: %v", err)
	}
}

func TestARowHasAValueForEachColumn(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a row of one value is taken for two columns")
		}
	}()
	db.NewBatch("given", "n", "name").Add(1)
}
