package once_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/once"
	"waypost/internal/vault"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// A world is requests of one region, and a clock that can be moved on.
type world struct {
	*once.Requests
	t     *testing.T
	ahead time.Duration
	done  int // how often something was done
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t}
		ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []inventory.Subject{mia, noah} {
			if err := keys.Create(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		if w.Requests, err = once.Open(t.Context(), once.Region{Name: "eu", DB: d, Vault: keys}); err != nil {
			t.Fatal(err)
		}
		w.SetClock(func() time.Time { return time.Now().Add(w.ahead) })
		test(t, w)
	})
}

func good(a once.Answer) bool { return a.Status < 300 }

// do asks for something, which is answered with a status.
func (w *world) do(who inventory.Subject, name, asked string, status int) (string, bool, error) {
	a, again, err := w.Do(w.t.Context(), "eu", once.Request{Owner: who, Name: name, Asked: asked}, good, func() (once.Answer, error) {
		w.done++
		return once.Answer{Status: status, Body: []byte(asked + " done")}, nil
	})
	return string(a.Body), again, err
}

func TestWhatIsRepeatedIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 3 {
			body, again, err := w.do(mia, "a", "lamp", 201)
			if err != nil || body != "lamp done" || again != (i > 0) {
				t.Errorf("answer %d is %q, %v, %v", i, body, again, err)
			}
		}
		if w.done != 1 {
			t.Errorf("done %d times, want once", w.done)
		}
		if _, _, err := w.do(mia, "a", "table", 201); !errors.Is(err, once.ErrOther) {
			t.Errorf("another request by the same name: %v", err)
		}
		if _, again, err := w.do(noah, "a", "table", 201); err != nil || again {
			t.Errorf("somebody else's request by the same name: %v, %v", again, err)
		}
		w.ahead = 25 * time.Hour
		if _, again, err := w.do(mia, "a", "table", 201); err != nil || again {
			t.Errorf("another request a day later: %v, %v", again, err)
		}
	})
}

func TestWhatFailedCanBeRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 2 {
			if _, again, err := w.do(mia, "a", "lamp", 422); err != nil || again {
				t.Errorf("a refusal is answered again: %v, %v", again, err)
			}
		}
		broken := errors.New("broken")
		_, _, err := w.Do(t.Context(), "eu", once.Request{Owner: mia, Name: "a", Asked: "lamp"}, good, func() (once.Answer, error) { return once.Answer{}, broken })
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want what went wrong", err)
		}
		if _, again, err := w.do(mia, "a", "lamp", 201); err != nil || again {
			t.Errorf("after a failure: %v, %v", again, err)
		}
	})
}

// A program that repeats a request at the same time gets one answer, or is told
// to wait; it is done once.
func TestAtTheSameTimeItIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() {
			_, _, err := w.Do(t.Context(), "eu", once.Request{Owner: mia, Name: "a", Asked: "lamp"}, good, func() (once.Answer, error) {
				close(begun)
				<-goOn
				return once.Answer{Status: 201, Body: []byte("first")}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-begun
		if _, _, err := w.do(mia, "a", "lamp", 201); !errors.Is(err, once.ErrBusy) {
			t.Errorf("while it is done: %v", err)
		}
		close(goOn)
		group.Wait()
		if body, again, err := w.do(mia, "a", "lamp", 201); body != "first" || !again || err != nil {
			t.Errorf("afterwards: %q, %v, %v", body, again, err)
		}
	})
}

// Whose program died in the middle can repeat the request a minute later; a dead
// one that comes back spoils nothing.
func TestWhatWasLeftInTheMiddleCanBeRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, _, err := w.Do(t.Context(), "eu", once.Request{Owner: mia, Name: "a", Asked: "lamp"}, good, func() (once.Answer, error) {
			w.ahead = 2 * time.Minute
			if body, again, err := w.do(mia, "a", "lamp", 201); body != "lamp done" || again || err != nil {
				t.Errorf("two minutes later: %q, %v, %v", body, again, err)
			}
			return once.Answer{Status: 201, Body: []byte("late")}, nil
		})
		if err != nil {
			t.Error(err)
		}
		if body, again, err := w.do(mia, "a", "lamp", 201); body != "lamp done" || !again || err != nil {
			t.Errorf("afterwards: %q, %v, %v", body, again, err)
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := once.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, (*once.Store)(nil).Fields())
	})
}

func TestRequestsAreExportedErasedAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, store := t.Context(), w.Stores()[0]
		for _, who := range []inventory.Subject{mia, noah} {
			if _, _, err := w.do(who, "a", "lamp", 201); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := store.Export(ctx, mia, &out); err != nil || strings.Count(out.String(), "lamp done") != 1 {
			t.Errorf("export is %s, %v", out.String(), err)
		}
		for range 2 {
			if err := store.Erase(ctx, mia); err != nil {
				t.Fatal(err)
			}
		}
		if _, again, err := w.do(mia, "a", "lamp", 201); again || err != nil {
			t.Errorf("after erasing: %v, %v", again, err)
		}
		if gone, err := store.Expire(ctx, inventory.Purge{Now: time.Now()}); gone.Rows() != 0 || err != nil {
			t.Errorf("%d forgotten too early, %v", gone.Rows(), err)
		}
		if gone, err := store.Expire(ctx, inventory.Purge{Now: time.Now().Add(25 * time.Hour)}); gone.Rows() != 2 || err != nil {
			t.Errorf("%d forgotten, %v, want 2", gone.Rows(), err)
		}
	})
}
