package watch_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

const (
	benchEach    = 50 // watches of a member
	benchMembers = 20 // whose work is measured
	benchLong    = 20 // how often one size works before the next
)

// benchTurn is benchLong; 1 where a benchmark is run only to see that it can be.
var benchTurn = benchLong

// BenchmarkMember is what one member does, among as many watches of all members
// as WAYPOST_BENCH says ("10000,1000000"; 10000 without it; once: few, briefly): looks at home,
// searches, archives all and takes that back. One operation is a turn at each
// size, so that a noisy machine disturbs all alike. x-small is the time against
// that with the first size: it says whether others cost anything.
func BenchmarkMember(b *testing.B) {
	sizes := os.Getenv("WAYPOST_BENCH")
	switch sizes {
	case "":
		sizes = "10000"
	case "once":
		sizes, benchTurn = "1000", 1
	}
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			var all []*shelves
			for _, size := range strings.Split(sizes, ",") {
				n, err := strconv.Atoi(size)
				if err != nil || n < benchEach*benchMembers {
					b.Fatalf("WAYPOST_BENCH=%q: want sizes of %d and more", sizes, benchEach*benchMembers)
				}
				all = append(all, crowd(b, dbtest.Open(b, database.url(b)), n))
			}
			for _, work := range []struct {
				name string
				do   func(context.Context, *watch.Store, inventory.Subject) error
			}{{"home", home}, {"search", search}, {"archive", archive}} {
				b.Run(work.name, func(b *testing.B) { compare(b, all, work.do) })
			}
		})
	}
}

// Shelves are a store with n watches, and the members who are measured.
type shelves struct {
	*watch.Store
	n       int
	members []inventory.Subject
}

func compare(b *testing.B, all []*shelves, work func(context.Context, *watch.Store, inventory.Subject) error) {
	spent := make([]time.Duration, len(all))
	for b.Loop() {
		for i, s := range all {
			begun := time.Now()
			for range benchTurn {
				if err := work(b.Context(), s.Store, s.members[rand.IntN(len(s.members))]); err != nil {
					b.Fatal(err)
				}
			}
			spent[i] += time.Since(begun)
		}
	}
	for i, s := range all {
		b.ReportMetric(float64(spent[i].Microseconds())/float64(b.N*benchTurn), fmt.Sprintf("µs-at-%d", s.n))
		if i > 0 {
			b.ReportMetric(float64(spent[i])/float64(spent[0]), fmt.Sprintf("x-small-at-%d", s.n))
		}
	}
}

func home(ctx context.Context, s *watch.Store, owner inventory.Subject) error {
	p, err := s.List(ctx, owner, watch.Query{})
	if err == nil && len(p.Watches) != benchEach {
		err = fmt.Errorf("home shows %d", len(p.Watches))
	}
	return err
}

func search(ctx context.Context, s *watch.Store, owner inventory.Subject) error {
	p, err := s.List(ctx, owner, watch.Query{Text: "stiefel no17"})
	if err == nil && p.Total != 1 {
		err = fmt.Errorf("found %d", p.Total)
	}
	return err
}

func archive(ctx context.Context, s *watch.Store, owner inventory.Subject) error {
	ids, err := s.Match(ctx, owner, watch.Query{})
	if err != nil {
		return err
	}
	done, err := s.Apply(ctx, owner, watch.Change{Do: watch.Archive}, ids...)
	if err == nil && done.Changed != benchEach {
		err = fmt.Errorf("archived %d", done.Changed)
	}
	if err == nil {
		_, err = s.Undo(ctx, owner, done.Undo)
	}
	return err
}

// crowd makes n watches, those of the measured members through the door and
// the others as copies, and returns the measured ones.
func crowd(b *testing.B, d *db.DB, n int) *shelves {
	b.Helper()
	ring := must(vault.ParseRing("bench", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(b)
	keys := must(vault.Open(b.Context(), dbtest.Open(b, dbtest.SQLite(b)), ring))(b)
	parcels := must(parcel.Open(b.Context(), d, slog.New(slog.DiscardHandler)))(b)
	all := must(watch.Open(b.Context(), watch.Options{
		Regions: []watch.Region{{Name: "eu", DB: d, Vault: keys}}, Parcels: parcels, Knowledge: known,
	}))(b)
	s := all.Stores()[0]
	copies := n - benchMembers*benchEach
	strangers(b, d, copies/2, 0)
	var members []inventory.Subject
	for m := range benchMembers {
		owner := member()
		if err := keys.Create(b.Context(), owner); err != nil {
			b.Fatal(err)
		}
		var news []watch.New
		for i := range benchEach {
			news = append(news, watch.New{
				Number: fmt.Sprintf("MINE%04dX%04d", m, i), Carrier: "ups",
				Words: watch.Words{Name: fmt.Sprintf("Größere Stiefel No%d", i), Note: "für den Winter, in Blau", Tags: []string{"Geschenke"}, Order: "A-0"},
			})
		}
		must(s.Save(b.Context(), owner, news...))(b)
		members = append(members, owner)
	}
	strangers(b, d, copies-copies/2, copies/2)
	must(0, d.Tx(b.Context(), func(tx *db.Tx) error { _, err := tx.ExecContext(b.Context(), "ANALYZE"); return err }))(b)
	return &shelves{s, n, members}
}

func member() inventory.Subject { return inventory.Subject("eu-" + uuid.Must(uuid.NewV7()).String()) }

// strangers writes n watches of others, each of a parcel of its own.
func strangers(b *testing.B, d *db.DB, n, from int) {
	b.Helper()
	sealed := make([]byte, 160)
	const chunk = 500
	var owner inventory.Subject
	for begin := 0; begin < n; begin += chunk {
		err := d.Tx(b.Context(), func(tx *db.Tx) error {
			var watched, watches []string
			var parcelArgs, watchArgs []any
			for i := begin; i < min(begin+chunk, n); i++ {
				if i%benchEach == 0 {
					owner = member()
				}
				id := uuid.Must(uuid.NewV7()).String()
				watched = append(watched, row(&parcelArgs, id, id, fmt.Sprintf("THEIRS%010d", from+i), "ups", 0, 0, "ups", "InTransit_Other", 0, 0, 0, "", 0, 0, 1, 0))
				watches = append(watches, row(&watchArgs, string(owner), id, id, "hand", sealed, "", 0, 0, 1))
			}
			if _, err := tx.ExecContext(b.Context(), "INSERT INTO watched VALUES "+strings.Join(watched, ","), parcelArgs...); err != nil {
				return err
			}
			_, err := tx.ExecContext(b.Context(), "INSERT INTO watch VALUES "+strings.Join(watches, ","), watchArgs...)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// row spells the places of values.
func row(args *[]any, values ...any) string {
	var places []string
	for range values {
		places = append(places, "$"+strconv.Itoa(len(*args)+len(places)+1))
	}
	*args = append(*args, values...)
	return "(" + strings.Join(places, ",") + ")"
}
