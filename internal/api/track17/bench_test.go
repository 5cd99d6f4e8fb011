package track17_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/watch"
)

const (
	benchNumbers = 40 // in a request, the most that there may be
	benchEvents  = 15 // of a parcel
	benchTurn    = 10 // requests before the other has its turn
)

// BenchmarkInfo is gettrackinfo of forty numbers through the whole door, against
// reading the same rows by the same keys, in as many transactions, and writing the
// same answer with encoding/json. BenchmarkRegister registers forty, against inserting the same
// rows with one statement a table and a transaction a database. ratio is how many
// requests are answered for one that is done barely.
func BenchmarkInfo(b *testing.B) {
	onBoth(b, func(b *testing.B, w *world) {
		numbers := w.crowd(b)
		body := listed(numbers)
		answer := w.post(b, "gettrackinfo", body)
		var typed infoAnswer
		if err := json.Unmarshal(answer, &typed); err != nil || len(typed.Data.Accepted) != benchNumbers {
			b.Fatalf("%d numbers, %v", len(typed.Data.Accepted), err)
		}
		if again := must(json.Marshal(typed))(b); len(again) < len(answer)*9/10 {
			b.Fatalf("the bare answer has %d bytes, ours %d", len(again), len(answer))
		}
		bare := w.bareRead(b, numbers)
		ratio(b, func() { w.post(b, "gettrackinfo", body) }, func() {
			w.readBarely(b, bare)
			must(json.Marshal(typed))(b)
		})
	})
}

func BenchmarkRegister(b *testing.B) {
	onBoth(b, func(b *testing.B, w *world) {
		w.crowd(b)
		tables := w.templates(b)
		next := 1_000_000
		ratio(b, func() {
			next += benchNumbers
			answer := w.post(b, "register", listed(serials(next)))
			if strings.Contains(string(answer), "error") {
				b.Fatalf("%s", answer)
			}
		}, func() {
			next += benchNumbers
			w.insertBarely(b, tables, serials(next))
		})
	})
}

func onBoth(b *testing.B, bench func(b *testing.B, w *world)) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			bench(b, newWorld(b, dbtest.Open(b, database.url(b)), roomy, quota.Plan{Total: quota.Unlimited}))
		})
	}
}

// ratio lets both work in turns, so that a noisy machine disturbs both alike.
func ratio(b *testing.B, ours, bare func()) {
	b.Helper()
	var spent [2]time.Duration
	for b.Loop() {
		for i, work := range []func(){ours, bare} {
			begun := time.Now()
			for range benchTurn {
				work()
			}
			spent[i] += time.Since(begun)
		}
	}
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "ratio")
	b.ReportMetric(float64(spent[0].Microseconds())/float64(b.N*benchTurn), "µs/request")
}

// serials are forty postal numbers with right check digits.
func serials(from int) []string {
	weights := []int{8, 6, 4, 2, 3, 5, 9, 7} // UPU S10-12, 5.3
	numbers := make([]string, benchNumbers)
	for i := range numbers {
		digits, sum := fmt.Sprintf("%08d", from+i), 0
		for j, w := range weights {
			sum += w * int(digits[j]-'0')
		}
		check := 11 - sum%11
		switch check {
		case 10:
			check = 0
		case 11:
			check = 5
		}
		numbers[i] = fmt.Sprintf("LX%s%dCN", digits, check)
	}
	return numbers
}

func listed(numbers []string) string {
	return `[{"number":"` + strings.Join(numbers, `","tag":"web-5512"},{"number":"`) + `","tag":"web-5512"}]`
}

func (w *world) post(b *testing.B, endpoint, body string) []byte {
	r := httptest.NewRequest(http.MethodPost, "/track/v2.4/"+endpoint, strings.NewReader(body))
	r.Header.Set("17token", w.secret)
	w.heard.Reset() // as a client reads into the same memory
	answer := httptest.NewRecorder()
	answer.Body = &w.heard
	w.handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", endpoint, answer.Code, answer.Body)
	}
	return answer.Body.Bytes()
}

// crowd registers two thousand numbers, all with a history, and returns forty.
func (w *world) crowd(b *testing.B) []string {
	b.Helper()
	var events []carrier.Event
	start := time.Now().Add(-benchEvents * 7 * time.Hour).UTC()
	for i := range benchEvents {
		at := start.Add(time.Duration(i) * 7 * time.Hour)
		events = append(events, carrier.Event{
			Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: fmt.Sprintf("OP%d", i), Status: status.InTransitOther,
			Words: fmt.Sprintf("The shipment was processed in the parcel centre of origin, step %d", i),
		})
	}
	const lots = 50
	for lot := range lots {
		w.post(b, "register", listed(serials(lot*benchNumbers)))
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(time.Hour) }
	for {
		taken := must(w.parcels.Claim(b.Context(), parcel.Claim{Account: "17track/main", Most: 200, Lease: time.Minute}))(b)
		if len(taken.Asks) == 0 {
			must(w.db.Writer().ExecContext(b.Context(), "ANALYZE"))(b) // as PostgreSQL does by itself before long
			return serials(lots / 2 * benchNumbers)
		}
		outcomes := make([]parcel.Outcome, len(taken.Asks))
		for i, c := range taken.Asks {
			outcomes[i] = parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: c.Number, Events: events}}
		}
		must(w.parcels.Record(b.Context(), outcomes, soon))(b)
	}
}

// A bareRead is the rows that gettrackinfo needs, by the keys by which it reads
// them.
type bareRead struct {
	registrations, parcels, asks string // queries
	numbers, ids                 []any
}

func (w *world) bareRead(b *testing.B, numbers []string) bareRead {
	b.Helper()
	r := bareRead{numbers: []any{string(mia)}}
	var refs []watch.Reference
	for _, n := range numbers {
		r.numbers, refs = append(r.numbers, n), append(refs, watch.Reference{Number: n})
	}
	for _, found := range must(w.watches.Stores()[0].Find(b.Context(), mia, refs...))(b) {
		r.ids = append(r.ids, string(found[0].Parcel.ID))
	}
	places := func(first, n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("$%d", first+i)
		}
		return strings.Join(all, ",")
	}
	owner := "r.owner"
	if w.db.Dialect() == db.SQLite {
		owner += " || ''" // else it goes through all of the owner's
	}
	r.registrations = `SELECT r.*, p.* FROM watched p CROSS JOIN registration r
		WHERE r.watched_id = p.id AND ` + owner + ` = $1 AND p.number IN (` + places(2, len(numbers)) + `)`
	of := places(1, len(r.ids))
	r.parcels = `SELECT p.*, h.revision, h.bytes FROM parcel p LEFT JOIN history h ON h.parcel_id = p.id WHERE p.id IN (` + of + `)`
	r.asks = `SELECT * FROM ask WHERE parcel_id IN (` + of + `)`
	return r
}

// readBarely reads the rows in as many transactions as gettrackinfo: one where
// people are, another where parcels are.
func (w *world) readBarely(b *testing.B, r bareRead) {
	b.Helper()
	must(struct{}{}, w.db.Read(b.Context(), func(tx *db.Tx) error { return drain(b.Context(), tx, r.registrations, r.numbers...) }))(b)
	must(struct{}{}, w.db.Read(b.Context(), func(tx *db.Tx) error {
		if err := drain(b.Context(), tx, r.parcels, r.ids...); err != nil {
			return err
		}
		return drain(b.Context(), tx, r.asks, r.ids...)
	}))(b)
}

// drain reads all rows, each column as the driver has it.
func drain(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A template is a row of a table, of which others are made.
type template struct {
	table   string
	columns []string
	values  []any
	insert  string // statement for forty of them
}

// templates are the rows that a registration writes, parcels' first.
func (w *world) templates(b *testing.B) []template {
	b.Helper()
	all := []template{{table: "parcel"}, {table: "ask"}, {table: "watched"}, {table: "registration"}, {table: "quota_line"}}
	for i := range all {
		w.read(b, &all[i])
		all[i].insert = all[i].statement()
	}
	return all
}

// read reads the first row of a template's table.
func (w *world) read(b *testing.B, t *template) {
	b.Helper()
	rows, err := w.db.Writer().QueryContext(b.Context(), "SELECT * FROM "+t.table+" LIMIT 1")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	t.columns = must(rows.Columns())(b)
	t.values = make([]any, len(t.columns))
	into := make([]any, len(t.columns))
	for i := range into {
		into[i] = &t.values[i]
	}
	if !rows.Next() {
		b.Fatalf("%s is empty: %v", t.table, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		b.Fatal(err)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// insertBarely writes the rows of forty registrations, and their owner's counts:
// a transaction where parcels are, another where people are, each with one
// statement a table.
func (w *world) insertBarely(b *testing.B, tables []template, numbers []string) {
	b.Helper()
	named := make([]map[string]any, len(numbers))
	for i, n := range numbers {
		named[i] = map[string]any{"number": n, "parcel_id": newID(), "watched_id": newID(), "registration": newID(), "line": newID()}
	}
	const parcels = 2
	for _, some := range [][]template{tables[:parcels], tables[parcels:]} {
		tx, err := w.db.Writer().BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range some {
			if err := t.write(b.Context(), tx, named); err != nil {
				b.Fatalf("%s: %v", t.table, err)
			}
		}
		if some[0].table != "parcel" {
			count(b, tx)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// count adds forty to what mia has drawn, ever and today.
func count(b *testing.B, tx *sql.Tx) {
	b.Helper()
	for _, counter := range []string{
		`UPDATE quota_account SET used = used + $1, month_used = month_used + $1, day_used = day_used + $1 WHERE owner = $2`,
		`UPDATE quota_day SET amount = amount + $1, used = used + $1 WHERE owner = $2`,
	} {
		must(tx.ExecContext(b.Context(), counter, benchNumbers, string(mia)))(b)
	}
}

// statement inserts forty rows.
func (t template) statement() string {
	rows := make([]string, benchNumbers)
	for i := range rows {
		places := make([]string, len(t.columns))
		for j := range places {
			places[j] = fmt.Sprintf("$%d", i*len(places)+j+1)
		}
		rows[i] = "(" + strings.Join(places, ",") + ")"
	}
	return "INSERT INTO " + t.table + " (" + strings.Join(t.columns, ",") + ") VALUES " + strings.Join(rows, ",")
}

func (t template) write(ctx context.Context, tx *sql.Tx, named []map[string]any) error {
	ids := map[string]string{"parcel": "parcel_id", "watched": "watched_id", "registration": "registration", "quota_line": "line"}
	args := make([]any, 0, len(named)*len(t.columns))
	for _, of := range named {
		for i, column := range t.columns {
			value := t.values[i]
			if column == "id" {
				value = of[ids[t.table]]
			} else if v, ok := of[column]; ok {
				value = v
			}
			args = append(args, value)
		}
	}
	_, err := tx.ExecContext(ctx, t.insert, args...)
	return err
}

// An infoAnswer is gettrackinfo's of v2.4, as encoding/json writes it.
type infoAnswer struct {
	Code int `json:"code"`
	Data struct {
		Accepted []struct {
			Number     string  `json:"number"`
			Carrier    int     `json:"carrier"`
			Param      *string `json:"param"`
			Tag        *string `json:"tag"`
			Lang       *string `json:"lang"`
			Postal     *string `json:"destination_postal_code"`
			Origin     *string `json:"origin_country"`
			Dest       *string `json:"destination_country"`
			City       *string `json:"destination_city"`
			ShipDate   *string `json:"ship_date"`
			Shipper    *string `json:"shipper"`
			Consignee  *string `json:"consignee"`
			PhoneLast4 *string `json:"phone_number_last_4"`
			Phone      *string `json:"phone_number"`
			Tax        *string `json:"cpf_or_cnpj"`
			Special    *string `json:"special_tracking_info"`
			TrackInfo  struct {
				Shipping struct {
					Shipper   addressAnswer `json:"shipper_address"`
					Recipient addressAnswer `json:"recipient_address"`
				} `json:"shipping_info"`
				Status struct {
					Status string  `json:"status"`
					Sub    string  `json:"sub_status"`
					Descr  *string `json:"sub_status_descr"`
				} `json:"latest_status"`
				Latest  *eventAnswer `json:"latest_event"`
				Metrics struct {
					A   int `json:"days_after_order"`
					B   int `json:"days_of_transit"`
					C   int `json:"days_of_transit_done"`
					D   int `json:"days_after_last_update"`
					ETA struct {
						Source *string `json:"source"`
						From   *string `json:"from"`
						To     *string `json:"to"`
					} `json:"estimated_delivery_date"`
				} `json:"time_metrics"`
				Milestone []struct {
					Key string `json:"key_stage"`
					timesAnswer
				} `json:"milestone"`
				Misc struct {
					Risk      int     `json:"risk_factor"`
					Service   *string `json:"service_type"`
					Weight    *string `json:"weight_raw"`
					Kilos     *string `json:"weight_kg"`
					Pieces    *string `json:"pieces"`
					Size      *string `json:"dimensions"`
					Customer  *string `json:"customer_number"`
					Reference *string `json:"reference_number"`
					Local     *string `json:"local_number"`
					Provider  *string `json:"local_provider"`
					Key       int     `json:"local_key"`
				} `json:"misc_info"`
				Tracking struct {
					Hash      int32 `json:"providers_hash"`
					Providers []struct {
						Provider struct {
							Key      int     `json:"key"`
							Name     string  `json:"name"`
							Alias    string  `json:"alias"`
							Tel      *string `json:"tel"`
							Homepage *string `json:"homepage"`
							Country  *string `json:"country"`
						} `json:"provider"`
						Lang    *string       `json:"provider_lang"`
						Tips    *string       `json:"provider_tips"`
						Service *string       `json:"service_type"`
						Status  string        `json:"latest_sync_status"`
						Time    *string       `json:"latest_sync_time"`
						Hash    int32         `json:"events_hash"`
						Events  []eventAnswer `json:"events"`
					} `json:"providers"`
				} `json:"tracking"`
			} `json:"track_info"`
		} `json:"accepted"`
		Rejected []struct{} `json:"rejected"`
	} `json:"data"`
}

type timesAnswer struct {
	ISO *string `json:"time_iso"`
	UTC *string `json:"time_utc"`
	Raw struct {
		Date *string `json:"date"`
		Time *string `json:"time"`
		Zone *string `json:"timezone"`
	} `json:"time_raw"`
}

type eventAnswer struct {
	timesAnswer
	Description string        `json:"description"`
	Translation *string       `json:"description_translation"`
	Location    *string       `json:"location"`
	Stage       *string       `json:"stage"`
	Sub         *string       `json:"sub_status"`
	Address     addressAnswer `json:"address"`
}

type addressAnswer struct {
	Country     *string `json:"country"`
	State       *string `json:"state"`
	City        *string `json:"city"`
	Street      *string `json:"street"`
	Postal      *string `json:"postal_code"`
	Coordinates struct {
		Longitude *string `json:"longitude"`
		Latitude  *string `json:"latitude"`
	} `json:"coordinates"`
}
