package db_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
)

// soon is how long something may take that doesn't wait for a database.
const soon = time.Second

func openWaiting(t *testing.T, address string) *db.DB {
	t.Helper()
	return openLogging(t, address, slog.New(slog.DiscardHandler))
}

func openLogging(t *testing.T, address string, log *slog.Logger) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{Connections: 4, Wait: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// arrive waits until the database is there.
func arrive(t *testing.T, d *db.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := d.Await(ctx); err != nil {
		t.Fatal("it doesn't come back: ", err)
	}
}

var pots = fstest.MapFS{"0001_pot.sql": {Data: []byte("-- +goose Up\nCREATE TABLE pot (id TEXT NOT NULL PRIMARY KEY);")}}

// A database that is away when it is opened is prepared in order as soon as it is
// there, and until then nobody waits for it.
func TestWhatComesFirstWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	address, proxy := dbtest.Through(t, dbtest.Postgres(t))
	proxy.Cut()
	d := openWaiting(t, address)
	var done []string
	if err := d.Migrate(t.Context(), "pot", pots); err != nil {
		t.Fatal(err)
	}
	err := d.First(t.Context(), func(ctx context.Context) error {
		_, err := d.Exec(ctx, `INSERT INTO pot (id) VALUES ('first')`)
		done = append(done, "row")
		return err
	})
	if err != nil || len(done) > 0 {
		t.Fatalf("done before it is there: %v, %v", done, err)
	}
	began := time.Now()
	if _, err := d.Exec(t.Context(), `INSERT INTO pot (id) VALUES ('early')`); !errors.Is(err, db.ErrAway) || d.Reachable() || time.Since(began) > soon {
		t.Errorf("while it is away: %v after %s", err, time.Since(began))
	}
	proxy.Mend(t)
	arrive(t, d)
	if n, err := d.Exec(t.Context(), `DELETE FROM pot WHERE id = 'first'`); err != nil || n != 1 {
		t.Errorf("what came first wrote %d rows, %v", n, err)
	}
}

// What is under way fails when the way is cut, what comes then fails at once, and
// when the way is mended everything goes on by itself, listening included.
func TestADatabaseGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	direct := dbtest.Postgres(t)
	address, proxy := dbtest.Through(t, direct)
	d := openWaiting(t, address)
	if err := d.Migrate(t.Context(), "pot", pots); err != nil {
		t.Fatal(err)
	}
	begun, cut := make(chan bool), make(chan error)
	go func() {
		cut <- d.Tx(t.Context(), func(tx *db.Tx) error {
			close(begun)
			_, err := tx.ExecContext(t.Context(), `SELECT pg_sleep(30)`)
			return err
		})
	}()
	<-begun
	proxy.Cut()
	if err := <-cut; !errors.Is(err, db.ErrAway) {
		t.Errorf("what was under way: %v", err)
	}
	for range 3 {
		began := time.Now()
		err := d.Read(t.Context(), func(*db.Tx) error { return nil })
		if !errors.Is(err, db.ErrAway) || time.Since(began) > soon {
			t.Errorf("while it is away: %v after %s", err, time.Since(began))
		}
	}
	if err := d.First(t.Context(), func(ctx context.Context) error {
		_, err := d.Exec(ctx, `INSERT INTO pot (id) VALUES ('late')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	proxy.Mend(t)
	arrive(t, d)
	if n, err := d.Exec(t.Context(), `DELETE FROM pot`); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := d.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	heard := d.Live().Subscribe("pot")
	defer heard.Close()
	other := dbtest.Open(t, direct)
	for deadline := time.After(time.Minute); ; {
		err := other.Tx(t.Context(), func(tx *db.Tx) error {
			tx.Notify("pot")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case topic := <-heard.C:
			if topic == "pot" {
				return
			}
		case <-time.After(100 * time.Millisecond): // it listens again soon
		case <-deadline:
			t.Fatal("it doesn't hear what others change")
		}
	}
}

// What can't be done first because the database is away is said in the log, as its
// going away and coming back are.
func TestGoingAwayIsLoggedWhoeverFindsIt(t *testing.T) {
	t.Parallel()
	address, proxy := dbtest.Through(t, dbtest.Postgres(t))
	log := &lines{}
	d := openLogging(t, address, slog.New(slog.NewTextHandler(log, nil)))
	proxy.Cut()
	if err := d.First(t.Context(), d.Ping); err != nil {
		t.Fatal(err)
	}
	proxy.Mend(t)
	arrive(t, d)
	if said := log.String(); !strings.Contains(said, "a database can't be reached;") || !strings.Contains(said, "a database can be reached again") {
		t.Errorf("the log says %q", said)
	}
}

// A lines is a log that may be read meanwhile.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Only a server that doesn't answer is waited for: what an operator has to mend
// is said at the start.
func TestAWrongDatabaseIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	const silent = "postgres://waypost@127.0.0.1:1/none"
	other, err := url.Parse(dbtest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	other.Path = "/there_is_none"
	for address, code := range map[string]string{silent + "?sslmode=nonsense": "database_url", other.String(): "database_missing"} {
		var f *fault.Error
		if _, err := db.Open(t.Context(), address, db.Options{Wait: true}); !errors.As(err, &f) || f.Code != code {
			t.Errorf("%s: %v, want %s", code, err, code)
		}
		if set, err := db.OpenSet(t.Context(), dbtest.SQLite(t), map[string]string{"eu": address, "us": dbtest.SQLite(t)}, db.Options{}); err == nil {
			t.Errorf("%s: a region is waited for", code)
			set.Close() //nolint:errcheck // the test has failed
		}
	}
	set, err := db.OpenSet(t.Context(), dbtest.SQLite(t), map[string]string{"eu": silent, "us": dbtest.SQLite(t)}, db.Options{})
	if err != nil {
		t.Fatal("a server that doesn't answer isn't waited for: ", err)
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}
