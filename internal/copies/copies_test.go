package copies_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"waypost/internal/copies"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/vault"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// A world is copies of one region, what they add as jobs, and a clock that can be
// moved on.
type world struct {
	*copies.Store
	t     *testing.T
	d     *db.DB
	asked []copies.Asked
	ahead time.Duration
}

func (w *world) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	for _, e := range events {
		w.asked = append(w.asked, e.(copies.Asked))
	}
	return nil
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d}
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
		all, err := copies.Open(t.Context(), copies.Region{Name: "eu", DB: d, Vault: keys, Jobs: w})
		if err != nil {
			t.Fatal(err)
		}
		all.SetClock(func() time.Time { return time.Now().Add(w.ahead) })
		if w.Store, err = all.Of(mia); err != nil {
			t.Fatal(err)
		}
		test(t, w)
	})
}

// made asks for mia's copy and makes it, and returns what fetches it.
func (w *world) made(content string) string {
	w.t.Helper()
	if err := w.Ask(w.t.Context(), mia, "zh"); err != nil {
		w.t.Fatal(err)
	}
	asked := w.asked[len(w.asked)-1]
	if err := w.Keep(w.t.Context(), asked, []byte(content)); err != nil {
		w.t.Fatal(err)
	}
	c, err := w.Get(w.t.Context(), asked)
	if err != nil || c.Lang != "zh" || !c.Made {
		w.t.Fatalf("the copy is %+v, %v", c, err)
	}
	return c.Secret
}

func TestACopyIsFetchedOnceByItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := w.made("all of mia")
		for _, who := range []inventory.Subject{noah, mia} {
			wrong := secret
			if who == mia {
				wrong += "X"
			}
			if _, err := w.There(t.Context(), who, wrong); !errors.Is(err, copies.ErrNone) {
				t.Errorf("%s sees a copy: %v", who, err)
			}
			if _, err := w.Fetch(t.Context(), who, wrong); !errors.Is(err, copies.ErrNone) {
				t.Errorf("%s fetches a copy: %v", who, err)
			}
		}
		if _, err := w.There(t.Context(), mia, secret); err != nil {
			t.Error(err)
		}
		if got, err := w.Fetch(t.Context(), mia, secret); err != nil || string(got) != "all of mia" {
			t.Errorf("fetched %q, %v", got, err)
		}
		if _, err := w.Fetch(t.Context(), mia, secret); !errors.Is(err, copies.ErrNone) {
			t.Errorf("fetched twice: %v", err)
		}
	})
}

func TestACopyThatIsBeingMadeIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if err := w.Ask(t.Context(), mia, "en"); err != nil {
			t.Fatal(err)
		}
		c, err := w.Get(t.Context(), w.asked[0])
		if err != nil || c.Made {
			t.Fatalf("the copy is %+v, %v", c, err)
		}
		if _, err := w.Fetch(t.Context(), mia, c.Secret); !errors.Is(err, copies.ErrNone) {
			t.Errorf("fetched before it was made: %v", err)
		}
	})
}

func TestAnotherCopyTakesTheFirstOnesPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.made("the first")
		if err := w.Ask(t.Context(), mia, "en"); fault.KindOf(err) != fault.Limited {
			t.Errorf("asked again at once: %v, want to wait", err)
		}
		w.ahead = 11 * time.Minute
		second := w.made("the second")
		if err := w.Keep(t.Context(), w.asked[0], []byte("the first, late")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Fetch(t.Context(), mia, first); !errors.Is(err, copies.ErrNone) {
			t.Errorf("the first is still there: %v", err)
		}
		if got, err := w.Fetch(t.Context(), mia, second); err != nil || string(got) != "the second" {
			t.Errorf("fetched %q, %v", got, err)
		}
	})
}

func TestACopyIsOverAfterADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := w.made("all of mia")
		w.ahead = copies.KeptFor
		if _, err := w.Fetch(t.Context(), mia, secret); !errors.Is(err, copies.ErrNone) {
			t.Errorf("fetched after a day: %v", err)
		}
		if gone, err := w.Expire(t.Context(), inventory.Purge{Now: time.Now().Add(w.ahead)}); err != nil || gone.Rows() != 1 {
			t.Errorf("%d copies expired, %v", gone.Rows(), err)
		}
	})
}

func TestACopyIsSealedExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := w.made("all of mia")
		var content, sealed []byte
		err := w.d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT content, secret FROM copy_asked`).Scan(&content, &sealed)
		})
		if err != nil || bytes.Contains(content, []byte("all of mia")) || bytes.Contains(sealed, []byte(secret)) {
			t.Errorf("it lies open, %v", err)
		}
		var out bytes.Buffer
		if err := w.Export(t.Context(), mia, &out); err != nil || !strings.Contains(out.String(), `"lang": "zh"`) || strings.Contains(out.String(), secret) {
			t.Errorf("exported %s, %v", &out, err)
		}
		if all, err := w.Subjects(t.Context(), "", 10); err != nil || len(all) != 1 || all[0] != mia {
			t.Errorf("subjects %v, %v", all, err)
		}
		for range 2 {
			if err := w.Erase(t.Context(), mia); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Get(t.Context(), w.asked[0]); !errors.Is(err, copies.ErrNone) {
			t.Errorf("after the erasure: %v", err)
		}
	})
}
