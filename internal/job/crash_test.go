package job_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// A worker is this test binary, started again, which adds jobs and does them
// until it is killed. What it has added it says on standard output.
const (
	workerURL     = "WAYPOST_TEST_WORKER_URL"
	workerFirst   = "WAYPOST_TEST_WORKER_FIRST"
	workerTimeout = time.Second
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerURL); url != "" {
		first, _ := strconv.Atoi(os.Getenv(workerFirst))
		fmt.Fprintln(os.Stderr, work(url, first))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work never ends by itself, except by an error.
func work(url string, first int) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Connections: 4})
	if err != nil {
		return err
	}
	q, err := job.New(ctx, d, job.Options{Timeout: workerTimeout})
	if err != nil {
		return err
	}
	note(q, d)
	failed := make(chan error, 1)
	go func() { failed <- q.Run(ctx) }()
	for turn := first; ; turn++ {
		err := d.Tx(ctx, func(tx *db.Tx) error { return q.Add(ctx, tx, changed{Turn: turn}) })
		if err != nil {
			return err
		}
		fmt.Println(turn)
		select {
		case err := <-failed:
			return err
		default:
		}
	}
}

// note makes q write down what it is told.
func note(q *job.Queue, d *db.DB) {
	job.On(q, "webhook.parcel_changed", func(ctx context.Context, c changed) error {
		return d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO noted (turn) VALUES ($1)", c.Turn)
			return err
		})
	})
}

// However often workers are killed, every job that was added is done.
func TestACrashLosesNoJob(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK")); err == nil {
		kills = n
	}
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		q := open(t, d, workerTimeout)
		note(q, d)
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "CREATE TABLE noted (turn BIGINT NOT NULL)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		added := map[string]bool{}
		for i := range kills {
			runAndKill(t, url, 1_000_000*i, 1+rand.IntN(100), added)
		}
		cut := len(column(t, d, "SELECT kind FROM river_job WHERE state = 'running'"))
		run(t, q)
		for end := time.Now().Add(3 * patience); ; time.Sleep(100 * time.Millisecond) {
			lost := len(added)
			noted := column(t, d, "SELECT CAST(turn AS TEXT) FROM noted")
			for _, turn := range dedup(noted) {
				if added[turn] {
					lost--
				}
			}
			if lost == 0 {
				t.Logf("%d kills, %d jobs, %d cut off, %d told twice", kills, len(added), cut, len(noted)-len(dedup(noted)))
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d of %d jobs are lost", lost, len(added))
			}
		}
	})
}

func dedup(all []string) []string {
	seen := map[string]bool{}
	var once []string
	for _, s := range all {
		if !seen[s] {
			once, seen[s] = append(once, s), true
		}
	}
	return once
}

// runAndKill starts a worker and kills it in the middle of whatever it does
// after so many lines; what it said goes into added.
func runAndKill(t *testing.T, url string, first, lines int, added map[string]bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.CommandContext(t.Context(), self)
	worker.Env = append(os.Environ(), workerURL+"="+url, workerFirst+"="+strconv.Itoa(first))
	var complaints strings.Builder
	worker.Stderr = &complaints
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 1; said.Scan(); n++ {
		added[said.Text()] = true
		if n == lines {
			if err := worker.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := worker.Wait(); err == nil || complaints.Len() > 0 {
		t.Fatalf("the worker ended by itself: %v %s", err, complaints.String())
	}
}
