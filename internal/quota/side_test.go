package quota_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/quota"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := quota.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, (*quota.Store)(nil).Fields())
	})
}

func TestAllIsExportedAndErased(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		ctx := t.Context()
		k := w.make(mia, "shop", "192.0.2.0/24")
		kept := w.make(noah, "other")
		w.draw(mia, lines("a", 2)...)
		w.draw(noah, lines("a", 2)...)

		var out bytes.Buffer
		if err := w.store().Export(ctx, mia, &out); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Keys []struct {
				Detail struct {
					Name string   `json:"name"`
					From []string `json:"from"`
				} `json:"detail"`
			} `json:"api_key"`
			Quota []struct{ Used int }   `json:"quota_account"`
			Days  []struct{ Amount int } `json:"quota_day"`
			Lines []struct{ ID string }  `json:"quota_line"`
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Keys) != 1 || got.Keys[0].Detail.Name != "shop" || got.Keys[0].Detail.From[0] != "192.0.2.0/24" || len(got.Quota) != 1 || got.Quota[0].Used != 2 || len(got.Days) != 1 || len(got.Lines) != 2 {
			t.Errorf("got %s", &out)
		}
		if bytes.Contains(out.Bytes(), []byte(k.Secret)) {
			t.Error("the export holds the secret")
		}

		for range 2 {
			if err := w.store().Erase(ctx, mia); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range []string{"api_key", "api_secret", "quota_account", "quota_line", "quota_day"} {
			if n := count(t, w.d, `SELECT COUNT(*) FROM `+table+` WHERE owner = '`+string(mia)+`'`); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		w.enters(w.Stores, k.Secret, home, quota.ErrKeyUnknown)
		w.enters(w.Stores, kept.Secret, home, nil)
		if got := w.state(noah); got.Ever != 2 {
			t.Errorf("noah's is %+v", got)
		}

		if err := w.keys.Destroy(ctx, mia); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := w.store().Export(ctx, mia, &out); err != nil || out.String() != "{}\n" {
			t.Errorf("got %s, %v", &out, err)
		}
	})
}

func TestTheLedgerExpires(t *testing.T) {
	each(t, unlimited, func(t *testing.T, w *world) {
		w.draw(mia, lines("a", 3)...)
		w.ahead += quota.LineKept
		w.draw(mia, lines("b", 1)...)
		if n := must(w.store().Expire(t.Context(), inventory.Purge{Now: w.now()}))(t).Rows(); n != 3 {
			t.Errorf("%d rows expired, want 3 lines", n)
		}
		w.ahead += 3 * 365 * day
		if n := must(w.store().Expire(t.Context(), inventory.Purge{Now: w.now()}))(t).Rows(); n != 3 {
			t.Errorf("%d rows expired, want 1 line and 2 days", n)
		}
		if got := w.state(mia); got.Ever != 4 {
			t.Errorf("got %+v", got)
		}
	})
}
