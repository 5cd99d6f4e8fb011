package quota_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

// A worker is this test binary, started again, which registers and draws until
// it is killed. What it has got done it says on standard output.
const (
	workerURL  = "WAYPOST_TEST_WORKER_URL"
	workerName = "WAYPOST_TEST_WORKER_NAME"
	batch      = 7
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerURL); url != "" {
		fmt.Fprintln(os.Stderr, work(url, os.Getenv(workerName)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// bare is the room without anything that drawing doesn't need.
func bare(ctx context.Context, d *db.DB) (*quota.Store, error) {
	all, err := quota.Open(ctx, quota.Options{Regions: []quota.Region{{Name: "eu", DB: d}}, Plan: unlimited})
	if err != nil {
		return nil, err
	}
	return all.Stores()[0], nil
}

// work never ends by itself, except by an error. Each batch is registered twice,
// as by a client that heard no answer the first time.
func work(url, name string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Connections: 4})
	if err != nil {
		return err
	}
	s, err := bare(ctx, d)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		lines := make([]quota.Line, batch)
		for j := range lines {
			lines[j] = quota.Line{ID: fmt.Sprintf("%s-%d-%d", name, i, j), Matter: quota.Registration}
		}
		for range 2 {
			if err := register(ctx, d, s, lines); err != nil {
				return err
			}
			fmt.Println("registered", i)
		}
	}
}

// register is what a caller of Draw does: its own rows and the draw in one
// transaction.
func register(ctx context.Context, d *db.DB, s *quota.Store, lines []quota.Line) error {
	return d.Tx(ctx, func(tx *db.Tx) error {
		for _, l := range lines {
			if _, err := tx.ExecContext(ctx, `INSERT INTO registered (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, l.ID); err != nil {
				return err
			}
		}
		refused, err := s.Draw(ctx, tx, mia, lines)
		return errors.Join(append(refused, err)...)
	})
}

// However often programs are killed, alone and beside another, each registration
// that is there was drawn once, and nothing else was.
func TestACrashCountsNothingTwice(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK")); err == nil {
		kills = n
	}
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("WAYPOST_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("%d kills, WAYPOST_SEED=%d", kills, seed)
	dbtest.EachURL(t, func(t *testing.T, url string) {
		random := rand.New(rand.NewPCG(seed, 0))
		d := dbtest.Open(t, url)
		s := must(bare(t.Context(), d))(t)
		must(d.Exec(t.Context(), `CREATE TABLE registered (id TEXT NOT NULL PRIMARY KEY)`))(t)
		said := 0
		var other *worker
		for i := range kills {
			w := startWorker(t, url, fmt.Sprintf("W%d", i))
			said += w.hear(t, 1+random.IntN(40))
			if other != nil {
				said += other.kill(t)
			}
			other = w
		}
		said += other.kill(t)

		rows := count(t, d, `SELECT COUNT(*) FROM registered`)
		if rows < said*batch/2 {
			t.Errorf("%d registrations are there, %d batches were said to be", rows, said)
		}
		state := must(s.State(t.Context(), mia))(t)
		lines := count(t, d, `SELECT COUNT(*) FROM quota_line`)
		days := count(t, d, `SELECT SUM(amount) FROM quota_day`)
		strays := count(t, d, `SELECT COUNT(*) FROM quota_line l WHERE NOT EXISTS (SELECT 1 FROM registered r WHERE r.id = l.id)`)
		if rows != lines || rows != int(state.Ever) || rows != days || strays != 0 {
			t.Errorf("%d registrations, %d lines, %d counted, %d by day, %d lines of nothing", rows, lines, state.Ever, days, strays)
		}
		t.Logf("%d registrations, each drawn once", rows)
	})
}

// A worker that runs, and the lines it has said that weren't heard.
type worker struct {
	*exec.Cmd
	said       *bufio.Scanner
	complaints strings.Builder
}

func startWorker(t *testing.T, url, name string) *worker {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{Cmd: exec.CommandContext(t.Context(), self)}
	w.Env = append(os.Environ(), workerURL+"="+url, workerName+"="+name)
	w.Stderr = &w.complaints
	out, err := w.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.said = bufio.NewScanner(out)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

// hear waits until so many lines were said.
func (w *worker) hear(t *testing.T, lines int) int {
	t.Helper()
	n := 0
	for n < lines && w.said.Scan() {
		n++
	}
	if n < lines {
		err := w.Wait()
		t.Fatalf("the worker ended by itself: %v %s", err, w.complaints.String())
	}
	return n
}

// kill kills a worker in the middle of whatever it does, and returns how many
// lines more it had said.
func (w *worker) kill(t *testing.T) int {
	t.Helper()
	if err := w.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for w.said.Scan() {
		if strings.HasPrefix(w.said.Text(), "registered ") {
			n++
		}
	}
	if err := w.Wait(); err == nil || w.complaints.Len() > 0 {
		t.Fatalf("the worker ended by itself: %v %s", err, w.complaints.String())
	}
	return n
}
