package app

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// peopleSizes are among how many others one person's rights are measured.
func peopleSizes(b *testing.B) []int {
	b.Helper()
	said := os.Getenv("WAYPOST_BENCH")
	if said == "once" { // only to see that it can be run
		return []int{10, 100}
	}
	if said == "" {
		return []int{1000, 10000}
	}
	var all []int
	for size := range strings.SplitSeq(said, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// BenchmarkPerson is what one person's rights cost among others, each of whom has
// a row in every table: a run of what deletes by the clock, a copy, and an erasure.
// The x- figures are how much longer that took than among the fewest.
func BenchmarkPerson(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			var least [3]time.Duration
			for i, n := range peopleSizes(b) {
				b.Run(strconv.Itoa(n), func(b *testing.B) {
					spent := benchPerson(b, database.url(b), n)
					if i == 0 {
						least = spent
					}
					for k, what := range []string{"purge", "copy", "erase"} {
						b.ReportMetric(float64(spent[k].Microseconds())/1000, "ms-"+what)
						b.ReportMetric(float64(spent[k])/float64(least[k]), "x-"+what)
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// benchPerson returns the medians.
func benchPerson(b *testing.B, url string, others int) [3]time.Duration {
	b.Helper()
	s, _ := start(b, url, nil)
	fill(b, s)
	crowd(b, s, others)
	var spent [3][]time.Duration
	measure := func(what int, do func() error) {
		began := time.Now()
		if err := do(); err != nil {
			b.Fatal(err)
		}
		spent[what] = append(spent[what], time.Since(began))
	}
	for n := 0; n < 5 || b.Loop(); n++ {
		measure(0, func() error {
			for _, r := range s.rooms() {
				if _, err := s.purge(b.Context(), r, true); err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
			}
			return nil
		})
		measure(1, func() error { return s.rights.Copy(b.Context(), everyone, "en", io.Discard) })
		leaves := newMember(b, s, fmt.Sprintf("leaves-%d@example.com", n))
		keep(b, s, leaves.Account.Subject(), serial(n), "Kettle")
		measure(2, func() error { return s.eraseWhole(b.Context(), leaves.Account.Subject()) })
	}
	var medians [3]time.Duration
	for i, all := range spent {
		slices.Sort(all)
		medians[i] = all[len(all)/2]
	}
	return medians
}

// rare are times of what happens to few.
var rare = []string{"destroyed_ms", "closed_ms", "restricted_ms", "revoked_ms", "lifted_ms"}

// crowd gives others the rows that everyone has, with names, hashes and keys of
// their own, none of them over before the next century.
func crowd(b *testing.B, s *server, others int) {
	b.Helper()
	region := s.people.regions[0]
	numbers := `WITH RECURSIVE other (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM other WHERE n < ` + strconv.Itoa(others) + `) `
	for _, store := range []struct {
		db     *db.DB
		fields []inventory.Field
	}{{region.DB, fieldsOf(s)}, {s.people.keys[0], (*vault.Vault)(nil).Fields()}} {
		types := typesOf(b, store.db)
		tables, values := []string{}, map[string][][2]string{}
		for _, f := range store.fields {
			if slices.Contains([]string{"announcement", "root_key", "hold", "hold_entry"}, f.Table) { // there is one, or few
				continue
			}
			if values[f.Table] == nil {
				tables = append(tables, f.Table)
			}
			value := "t." + f.Column
			switch {
			case f.Protection != inventory.ID && f.Protection != inventory.Hashed && f.Whose != inventory.Nobody && f.Column != "id" && f.Column != "ref":
			case types[f.Table+"."+f.Column] == "text":
				value += " || '-' || CAST(other.n AS TEXT)"
			case types[f.Table+"."+f.Column] == "bytea":
				value += " || CAST(CAST(other.n AS TEXT) AS " + map[db.Dialect]string{db.SQLite: "BLOB", db.Postgres: "BYTEA"}[store.db.Dialect()] + ")"
			}
			if types[f.Table+"."+f.Column] == "bigint" {
				value += " + other.n"
			}
			if f.Instant() {
				value = "4102444800000" // 2100
			}
			if slices.Contains(rare, f.Column) {
				value = "0"
			}
			values[f.Table] = append(values[f.Table], [2]string{f.Column, value})
		}
		for _, table := range tables {
			var into, from []string
			for _, v := range values[table] {
				into, from = append(into, v[0]), append(from, v[1])
			}
			err := store.db.Tx(b.Context(), func(tx *db.Tx) error {
				if err := anyOrder(b, tx); err != nil {
					return err
				}
				_, err := tx.ExecContext(b.Context(), numbers+`INSERT INTO `+table+` (`+strings.Join(into, ", ")+`) SELECT `+strings.Join(from, ", ")+` FROM `+table+` AS t CROSS JOIN other`)
				return err
			})
			if err != nil {
				b.Fatalf("%s: %v", table, err)
			}
		}
		if store.db.Dialect() == db.Postgres {
			if _, err := store.db.Exec(b.Context(), `ANALYZE`); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// serial is a postal number (UPU S10-12, 5.3).
func serial(n int) string {
	digits, sum := fmt.Sprintf("%08d", n), 0
	for i, weight := range []int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += weight * int(digits[i]-'0')
	}
	return fmt.Sprintf("LX%s%dCN", digits, []int{5, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1}[sum%11])
}

// fieldsOf are the fields of all rooms of the first region.
func fieldsOf(s *server) (all []inventory.Field) {
	for _, r := range s.rooms() {
		all = append(all, r.Fields()...)
	}
	return all
}

// BenchmarkHome is a member's home page with fifty parcels, and what of it goes into
// their key and opening what is sealed: ratio is that part of the whole.
func BenchmarkHome(b *testing.B) {
	var cfg config.Config
	s, at := start(b, dbtest.SQLite(b), func(c *config.Config) { cfg = *c })
	mia := newMember(b, s, "mia@example.com")
	for i := range 50 {
		keep(b, s, mia.Account.Subject(), serial(i), "Kettle for the kitchen")
	}
	page := func() {
		r := must(http.NewRequestWithContext(b.Context(), http.MethodGet, at+"/parcels", nil))(b)
		r.AddCookie(&http.Cookie{Name: "waypost_session", Value: string(mia.token)})
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		defer answer.Body.Close()
		body := must(io.ReadAll(answer.Body))(b)
		if answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "Kettle for the kitchen") {
			b.Fatalf("the page says %d:\n%s", answer.StatusCode, body)
		}
	}
	region := s.people.regions[0]
	ring := must(readRing(region.Name, cfg.Keys[region.Name]))(b)
	var sealed [][]byte
	err := region.DB.Read(b.Context(), func(tx *db.Tx) (err error) {
		sealed, err = db.Rows(b.Context(), tx, func(row *sql.Rows) (words []byte, err error) { return words, row.Scan(&words) },
			`SELECT words FROM watch WHERE owner = $1`, string(mia.Account))
		return err
	})
	if err != nil || len(sealed) != 50 {
		b.Fatalf("%d parcels, %v", len(sealed), err)
	}
	page()
	var whole, keys time.Duration
	for b.Loop() {
		began := time.Now()
		page()
		whole += time.Since(began)
		fresh := must(vault.Open(b.Context(), s.people.keys[0], ring))(b) // remembers no key
		began = time.Now()
		k := must(fresh.Key(b.Context(), mia.Account.Subject()))(b)
		for _, words := range sealed {
			must(k.OpenText("watch.watch.words", words))(b)
		}
		keys += time.Since(began)
	}
	b.ReportMetric(keys.Seconds()/whole.Seconds(), "ratio")
}
