package db_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/live"
)

var errBoom = errors.New("boom")

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		things(t, d)
		heard := d.Live().Subscribe("thing")
		defer heard.Close()
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			tx.Notify("thing")
			tx.AfterCommit(func() { t.Error("the hook of a failed transaction ran") })
			if err := put(tx, "a"); err != nil {
				return err
			}
			return errBoom
		})
		if !errors.Is(err, errBoom) {
			t.Errorf("got %v, want %v", err, errBoom)
		}
		if all := names(t, d); len(all) != 0 {
			t.Errorf("%q are left", all)
		}
		hooked := false
		err = d.Tx(t.Context(), func(tx *db.Tx) error {
			tx.Notify("other")
			tx.AfterCommit(func() { hooked = true })
			return put(tx, "b")
		})
		if err != nil || !hooked || len(heard.C) != 0 {
			t.Errorf("got %v, hook ran: %v, heard %d topics of what failed", err, hooked, len(heard.C))
		}
	})
}

// Those who share a commit don't feel each other's errors, panics and ends.
func TestTransactionsThatShareACommitAreApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		things(t, d)
		var want []string
		var group sync.WaitGroup
		for i := range 120 {
			name := fmt.Sprintf("%03d", i)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var fn func(tx *db.Tx) error
			switch i % 5 {
			case 0: // fails after writing
				fn = func(tx *db.Tx) error { return errors.Join(put(tx, name), errBoom) }
			case 1: // a statement fails that the others' transaction must survive
				fn = func(tx *db.Tx) error { return errors.Join(put(tx, name), put(tx, name)) }
			case 2: // whoever waits for it goes away
				fn = func(tx *db.Tx) error { cancel(); return put(tx, name) }
			case 3: // panics
				fn = func(tx *db.Tx) error {
					if err := put(tx, name); err != nil {
						return err
					}
					panic(errBoom)
				}
			default:
				want = append(want, name)
				fn = func(tx *db.Tx) error { return put(tx, name) }
			}
			group.Go(func() {
				defer func() {
					if r := recover(); (r != nil) != (i%5 == 3) {
						t.Errorf("%s: recovered %v", name, r)
					}
				}()
				if err := d.Tx(ctx, fn); (err == nil) != (i%5 == 4) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		group.Wait()
		if got := names(t, d); !slices.Equal(got, want) {
			t.Errorf("kept %q, want %q", got, want)
		}
	})
}

// What an update of many rows did before it failed isn't kept, whoever shares its commit.
func TestAnUpdateThatFailsHalfwayIsTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		things(t, d)
		want := []string{"a", "b"}
		if err := d.Tx(t.Context(), func(tx *db.Tx) error { return errors.Join(put(tx, "a"), put(tx, "b")) }); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 40 {
			name := fmt.Sprintf("m%03d", i)
			want = append(want, name)
			group.Go(func() {
				if err := d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, name) }); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				err := d.Tx(t.Context(), func(tx *db.Tx) error {
					_, err := tx.ExecContext(t.Context(), tx.Update()+" thing SET name = 'z' WHERE name < 'm'")
					return err
				})
				if err == nil {
					t.Error("two things have one name")
				}
			})
		}
		group.Wait()
		if got := names(t, d); !slices.Equal(got, want) {
			t.Errorf("kept %q, want %q", got, want)
		}
	})
}

func TestWhoGaveUpWaitingDoesNotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		things(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Tx(ctx, func(tx *db.Tx) error { return put(tx, "a") }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if err := d.Tx(t.Context(), func(tx *db.Tx) error { return put(tx, "b") }); err != nil {
			t.Error(err)
		}
		if got := names(t, d); !slices.Equal(got, []string{"b"}) {
			t.Errorf("kept %q, want b", got)
		}
	})
}

func TestWritersCountTogether(t *testing.T) {
	const writers, rounds = 8, 25
	dbtest.EachURL(t, func(t *testing.T, url string) {
		replicas := []*db.DB{dbtest.Open(t, url), dbtest.Open(t, url)}
		things(t, replicas[0])
		if err := replicas[0].Tx(t.Context(), func(tx *db.Tx) error { return put(tx, "a") }); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				for range rounds {
					if err := replicas[i%2].Tx(t.Context(), increment); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		var n int
		err := replicas[1].Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), "SELECT count FROM thing").Scan(&n)
		})
		if err != nil || n != writers*rounds {
			t.Errorf("counted to %d (%v), want %d", n, err, writers*rounds)
		}
	})
}

func increment(tx *db.Tx) error {
	ctx := context.Background()
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count FROM thing WHERE name = $1"+tx.Lock(), "a").Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE thing SET count = $1 WHERE name = $2", n+1, "a")
	return err
}

// Two transactions that wait for each other: the server ends one, which is run again.
func TestADeadlockIsRunAgain(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	things(t, d)
	if err := d.Tx(t.Context(), func(tx *db.Tx) error { return errors.Join(put(tx, "a"), put(tx, "b")) }); err != nil {
		t.Fatal(err)
	}
	touch := func(tx *db.Tx, name string) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE thing SET count = count + 1 WHERE name = $1", name)
		return err
	}
	var both, group sync.WaitGroup
	both.Add(2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		group.Go(func() {
			var once sync.Once
			err := d.Tx(t.Context(), func(tx *db.Tx) error {
				if err := touch(tx, order[0]); err != nil {
					return err
				}
				once.Do(func() { both.Done(); both.Wait() })
				return touch(tx, order[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var n int
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(t.Context(), "SELECT min(count) FROM thing").Scan(&n)
	}); err != nil || n != 2 {
		t.Errorf("counted to %d (%v), want 2 each", n, err)
	}
}

func TestTopicsReachEveryMachineAfterTheCommit(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		here := dbtest.Open(t, url)
		machines := []*db.DB{here}
		if here.Dialect() == db.Postgres {
			machines = append(machines, dbtest.Open(t, url))
		}
		things(t, here)
		for _, m := range machines {
			heard := m.Live().Subscribe("thing:1", "thing:2")
			defer heard.Close()
			err := here.Tx(t.Context(), func(tx *db.Tx) error {
				tx.Notify("thing:1")
				tx.Notify("thing:2")
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"thing:1", "thing:2"} {
				if got := <-heard.C; got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
			}
		}
	})
}

func TestALostConnectionMakesEverybodyReadAgain(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	heard := d.Live().Subscribe("thing:1")
	defer heard.Close()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE query LIKE 'LISTEN %' || current_schema() || '%' AND pid <> pg_backend_pid()`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-heard.C; got != live.Resync {
		t.Errorf("heard %q, want a resync", got)
	}
	if err := d.Tx(t.Context(), func(tx *db.Tx) error { tx.Notify("thing:1"); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := <-heard.C; got != "thing:1" {
		t.Errorf("heard %q over the new connection, want thing:1", got)
	}
}

// What FULL costs when everybody commits alone, and when waiting writers share.
func BenchmarkSmallWrites(b *testing.B) {
	for _, writers := range []int{1, 4, 32} {
		b.Run(fmt.Sprintf("sqlite/%d-writers", writers), func(b *testing.B) {
			d := dbtest.Open(b, dbtest.SQLite(b))
			if err := d.Tx(b.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(b.Context(), "CREATE TABLE thing (name TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL DEFAULT 0)")
				return err
			}); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(writers)
			var mu sync.Mutex
			n := 0
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					n++
					name := fmt.Sprint(n)
					mu.Unlock()
					if err := d.Tx(context.Background(), func(tx *db.Tx) error { return put(tx, name) }); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Whoever fails because of what another transaction did finds that when they look: on
// SQLite transactions are committed together, and what they see of each other isn't
// there for others yet.
func TestWhatATransactionFailedForIsThereAfterwards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Exec(t.Context(), `CREATE TABLE taken (id TEXT NOT NULL PRIMARY KEY)`); err != nil {
			t.Fatal(err)
		}
		errTaken := errors.New("taken")
		take := func(id string) error {
			return d.Tx(t.Context(), func(tx *db.Tx) error {
				done, err := tx.ExecContext(t.Context(), `INSERT INTO taken (id) VALUES ($1) ON CONFLICT DO NOTHING`, id)
				if err != nil {
					return err
				}
				if n, err := done.RowsAffected(); err != nil || n == 0 {
					return cmp.Or(err, errTaken)
				}
				return nil
			})
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for i := range 50 {
					id := strconv.Itoa(i)
					switch err := take(id); {
					case err == nil:
						continue
					case !errors.Is(err, errTaken):
						t.Error(err)
						return
					}
					var there int
					err := d.Read(t.Context(), func(tx *db.Tx) error {
						return tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM taken WHERE id = $1`, id).Scan(&there)
					})
					if err != nil || there != 1 {
						t.Errorf("%s was taken and isn't there (%v)", id, err)
						return
					}
				}
			})
		}
		all.Wait()
	})
}
