package parcel_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

const (
	benchBatch = 100 // asks a claim takes
	benchLong  = 50  // how often one works before the other
)

// benchTurn is benchLong; 1 where a benchmark is run only to see that it can be.
var benchTurn = benchLong

// BenchmarkStore claims and reads among as many parcels as WAYPOST_BENCH says
// ("10000,1000000"; 10000 without it; once: few, briefly), next to the bare driver with the least
// SQL that does the same to the same tables. One operation is a turn of each at
// each size. x-bare is the time against the bare driver's, x-small the time
// against that with the first size.
func BenchmarkStore(b *testing.B) {
	sizes := os.Getenv("WAYPOST_BENCH")
	switch sizes {
	case "":
		sizes = "10000"
	case "once":
		sizes, benchTurn = "500", 1
	}
	for _, database := range []struct {
		name, driver string
		url          func(testing.TB) string
	}{{"sqlite", "sqlite", dbtest.SQLite}, {"postgres", "pgx", dbtest.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			var all []*warehouse
			for _, size := range strings.Split(sizes, ",") {
				n, err := strconv.Atoi(size)
				if err != nil || n < benchBatch {
					b.Fatalf("WAYPOST_BENCH=%q: want sizes of %d and more", sizes, benchBatch)
				}
				all = append(all, newWarehouse(b, database.driver, database.url(b), n))
			}
			for _, work := range []struct {
				name       string
				ours, bare func(*warehouse) error
			}{
				{"read", (*warehouse).read, (*warehouse).bareRead},
				{"find-40", (*warehouse).find40, (*warehouse).bareFind40},
				{"claim-100", (*warehouse).claim, (*warehouse).bareClaim},
				{"record-100", (*warehouse).record, nil},
			} {
				b.Run(work.name, func(b *testing.B) { compare(b, all, work.ours, work.bare) })
			}
		})
	}
}

// compare lets ours and bare work in turns, in each warehouse, so that a noisy
// machine disturbs all alike. A turn is long, because on SQLite whoever comes
// after another connection's write reads every page anew.
func compare(b *testing.B, all []*warehouse, ours, bare func(*warehouse) error) {
	b.Helper()
	type times struct{ ours, bare time.Duration }
	spent := make([]times, len(all))
	for b.Loop() {
		for i, w := range all {
			spent[i].ours += turn(b, w, ours)
			if bare != nil {
				spent[i].bare += turn(b, w, bare)
			}
		}
	}
	for i, w := range all {
		at := fmt.Sprintf("-at-%d", len(w.ids))
		b.ReportMetric(float64(spent[i].ours.Microseconds())/float64(b.N*benchTurn), "µs"+at)
		if bare != nil {
			b.ReportMetric(float64(spent[i].ours)/float64(spent[i].bare), "x-bare"+at)
		}
		if i > 0 {
			b.ReportMetric(float64(spent[i].ours)/float64(spent[0].ours), "x-small"+at)
		}
	}
}

func turn(b *testing.B, w *warehouse, work func(*warehouse) error) time.Duration {
	b.Helper()
	begun := time.Now()
	for range benchTurn {
		if err := work(w); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begun)
}

// A warehouse is a database full of parcels that are all due, for ever again.
type warehouse struct {
	d     *db.DB
	s     *parcel.Store
	bare  *sql.DB
	ids   []parcel.ID
	clock *clock
	lease time.Duration // after which all others have had their turn
	asks  []parcel.Claimed
}

func newWarehouse(b *testing.B, driver, url string, n int) *warehouse {
	b.Helper()
	d, err := db.Open(b.Context(), url, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	w := &warehouse{d: d, clock: &clock{now: start}, lease: time.Duration(n/benchBatch) * time.Millisecond}
	if w.s, err = parcel.Open(b.Context(), d, slog.New(slog.DiscardHandler)); err != nil {
		b.Fatal(err)
	}
	w.s.SetClock(w.clock.Now)
	dsn := url
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		dsn = "file:" + file + "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=cache_size(-8192)&_pragma=mmap_size(4294967296)"
	}
	if w.bare, err = sql.Open(driver, dsn); err != nil {
		b.Fatal(err)
	}
	w.bare.SetMaxOpenConns(1)
	b.Cleanup(func() {
		if err := errors.Join(w.bare.Close(), w.d.Close()); err != nil {
			b.Error(err)
		}
	})
	w.fill(b, n)
	return w
}

// fill makes n parcels with a history of fifteen events, as a copy of one that
// went through the door.
func (w *warehouse) fill(b *testing.B, n int) {
	b.Helper()
	history := benchHistory(b)
	const step = 1000
	for from := 0; from < n; from += step {
		err := w.d.Tx(b.Context(), func(tx *db.Tx) error {
			var parcels, asks, histories rows
			for i := from; i < min(from+step, n); i++ {
				id := fmt.Sprintf("01900000-0000-7000-8%03x-%012x", rand.Uint64N(1<<12), rand.Uint64N(1<<48)) // random: ids of a year are not read in order
				number := fmt.Sprintf("BENCH%09d", i)
				w.ids = append(w.ids, parcel.ID(id))
				parcels.add(id, number, "", 0, "acme", "only", 0, start.UnixMilli(), start.Add(1000*day).UnixMilli(), start.Add(1000*day).UnixMilli())
				asks.add(id, "acme", "acme", number, "acme/main", "origin", 0, "waiting", false,
					start.Add(-time.Duration(rand.IntN(1000))*time.Second).UnixMilli(), "", 0, 0, 0, 0, "", "")
				histories.add(id, 1, history)
			}
			if err := parcels.insert(b.Context(), tx, "parcel (id, number, carrier, generation, found, choice, edition, created_ms, wanted_ms, kept_ms)"); err != nil {
				return err
			}
			if err := asks.insert(b.Context(), tx, "ask (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms, lease, claimed_ms, asked_ms, answered_ms, failures, problem, reason)"); err != nil {
				return err
			}
			return histories.insert(b.Context(), tx, "history (parcel_id, revision, bytes)")
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.bare.ExecContext(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	w.warm(b)
}

// warm reads all that a claim reads: a program that has run for a while has
// mapped the file's pages, on both connections.
func (w *warehouse) warm(b *testing.B) {
	b.Helper()
	for _, statement := range []string{
		"SELECT max(due_ms + length(reason)) FROM ask", "SELECT max(wanted_ms + length(choice)) FROM parcel",
		"SELECT count(*) FROM ask WHERE account = 'acme/main' AND visitor = false AND due_ms > 0",
	} {
		err := w.drain(b.Context(), statement)
		if err == nil {
			err = w.d.Tx(b.Context(), func(tx *db.Tx) error {
				var n int64
				return tx.QueryRowContext(b.Context(), statement).Scan(&n)
			})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

type rows struct {
	args []any
	n    int
}

func (r *rows) add(values ...any) { r.args, r.n = append(r.args, values...), r.n+1 }

func (r *rows) insert(ctx context.Context, tx *db.Tx, table string) error {
	var places []string
	for i := range r.n {
		var one []string
		for j := range len(r.args) / r.n {
			one = append(one, fmt.Sprintf("$%d", i*(len(r.args)/r.n)+j+1))
		}
		places = append(places, "("+strings.Join(one, ",")+")")
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO "+table+" VALUES "+strings.Join(places, ","), r.args...)
	return err
}

func benchHistory(b *testing.B) []byte {
	b.Helper()
	report := carrier.Report{Number: "BENCH"}
	for i := range 15 {
		at := start.Add(time.Duration(i) * 7 * time.Hour)
		report.Events = append(report.Events, carrier.Event{
			Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: fmt.Sprintf("OP%d", i), Status: status.InTransitOther,
			Words: fmt.Sprintf("The shipment was processed in the parcel centre of origin, step %d", i),
			Place: place.Place{City: fmt.Sprintf("Teststadt %d", i%5), Country: "DE"},
		})
	}
	history, _ := parcel.Merge(parcel.History{}, asking(acme, "BENCH", parcel.Origin, 0), report, start)
	bytes, err := history.Encode()
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

func (w *warehouse) random() parcel.ID { return w.ids[rand.IntN(len(w.ids))] }

func (w *warehouse) read() error {
	parcels, err := w.s.Get(context.Background(), w.random())
	if err == nil && (len(parcels) != 1 || len(parcels[0].History.Events) != 15) {
		err = fmt.Errorf("read %d parcels", len(parcels))
	}
	return err
}

func (w *warehouse) bareRead() error {
	ctx, id := context.Background(), string(w.random())
	if err := w.drain(ctx, "SELECT p.*, h.revision, h.bytes FROM parcel AS p LEFT JOIN history AS h ON h.parcel_id = p.id WHERE p.id = $1", id); err != nil {
		return err
	}
	return w.drain(ctx, "SELECT * FROM ask WHERE parcel_id = $1", id)
}

func (w *warehouse) numbers() []string {
	var numbers []string
	for range 40 {
		numbers = append(numbers, fmt.Sprintf("BENCH%09d", rand.IntN(len(w.ids))))
	}
	return numbers
}

func (w *warehouse) find40() error {
	var keys []parcel.Key
	for _, n := range w.numbers() {
		keys = append(keys, parcel.Key{Number: n})
	}
	parcels, err := w.s.Find(context.Background(), keys...)
	if err == nil && len(parcels) != 40 {
		err = fmt.Errorf("found %d parcels", len(parcels))
	}
	return err
}

func (w *warehouse) bareFind40() error {
	ctx := context.Background()
	var places []string
	var args []any
	for i, n := range w.numbers() {
		places, args = append(places, fmt.Sprintf("$%d", i+1)), append(args, n)
	}
	in := strings.Join(places, ",")
	if err := w.drain(ctx, "SELECT p.*, h.revision, h.bytes FROM parcel AS p LEFT JOIN history AS h ON h.parcel_id = p.id WHERE p.number IN ("+in+")", args...); err != nil {
		return err
	}
	return w.drain(ctx, "SELECT a.* FROM ask AS a JOIN parcel AS p ON p.id = a.parcel_id WHERE p.number IN ("+in+")", args...)
}

func (w *warehouse) claim() error {
	w.clock.pass(time.Millisecond)
	taken, err := w.s.Claim(context.Background(), parcel.Claim{Account: acme, Most: benchBatch, Lease: w.lease})
	if err == nil && len(taken.Asks) != benchBatch {
		err = fmt.Errorf("claimed %d asks", len(taken.Asks))
	}
	w.asks = taken.Asks
	return err
}

// bareClaim is one statement in one transaction, without budget, wants or lease.
func (w *warehouse) bareClaim() error {
	w.clock.pass(time.Millisecond)
	now := w.clock.Now()
	rows, err := w.bare.QueryContext(context.Background(), `
		UPDATE ask SET due_ms = $1 WHERE (parcel_id, source, carrier, number) IN (
			SELECT parcel_id, source, carrier, number FROM ask
			WHERE account = 'acme/main' AND visitor = false AND due_ms > 0 AND due_ms <= $2 ORDER BY due_ms LIMIT $3)
		RETURNING parcel_id, source, carrier, number`,
		now.Add(w.lease).UnixMilli(), now.UnixMilli(), benchBatch)
	if err != nil {
		return err
	}
	return exhaust(rows)
}

// record claims a batch and records answers that change nothing, but for every tenth.
func (w *warehouse) record() error {
	if err := w.claim(); err != nil {
		return err
	}
	var outcomes []parcel.Outcome
	for i, a := range w.asks {
		o := problem(a, w.clock.Now(), carrier.Unavailable)
		if i%10 == 0 {
			o = answer(a, w.clock.Now(), w.clock.Now(), status.InTransitOther)
			o.Report.Latest = true
		}
		outcomes = append(outcomes, o)
	}
	_, err := w.s.Record(context.Background(), outcomes, in(w.lease))
	return err
}

func (w *warehouse) drain(ctx context.Context, query string, args ...any) error {
	rows, err := w.bare.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return exhaust(rows)
}

// exhaust reads all rows into bytes.
func exhaust(rows *sql.Rows) error {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	n := 0
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return fmt.Errorf("no rows: %w", sql.ErrNoRows)
	}
	return rows.Err()
}
