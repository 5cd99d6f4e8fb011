package db_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

var first = fstest.MapFS{
	"0001_letters.sql": {Data: []byte(`-- +goose Up
CREATE TABLE letter (
	id   TEXT  NOT NULL PRIMARY KEY,
	body BYTES NOT NULL -- BYTESIZE is no word of ours
) IN_ORDER BUSY;
`)},
}

var second = fstest.MapFS{
	"0001_letters.sql": first["0001_letters.sql"],
	"0002_stamps.sql":  {Data: []byte("-- +goose Up\nALTER TABLE letter ADD COLUMN stamp TEXT NOT NULL DEFAULT '';\n")},
}

func TestMigratingIsDoneOnceAndGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, files := range []fstest.MapFS{first, first, second, second, first} { // the last: an older release still starts
			if err := d.Migrate(t.Context(), "post", files); err != nil {
				t.Fatal(err)
			}
		}
		columns, err := d.Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, c := range columns {
			got[c.Table] = append(got[c.Table], c.Name)
		}
		if fmt.Sprint(got["letter"]) != "[id body stamp]" || len(got["post_migrations"]) == 0 || len(got) != 2 {
			t.Errorf("the tables are %v", got)
		}
		body := []byte{0, 1, 254, 255}
		err = d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO letter (id, body) VALUES ($1, $2)", "a", body)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var back []byte
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), "SELECT body FROM letter").Scan(&back)
		}); err != nil || string(back) != string(body) {
			t.Errorf("read %v (%v), want %v", back, err, body)
		}
	})
}

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	url := dbtest.Postgres(t)
	var group sync.WaitGroup
	for range 4 {
		d := dbtest.Open(t, url)
		group.Go(func() {
			if err := d.Migrate(t.Context(), "post", second); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestAMigrationThatFailsSaysWhich(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		bad := fstest.MapFS{"0001_letters.sql": first["0001_letters.sql"], "0002_bad.sql": {Data: []byte("-- +goose Up\nALTER TABLE nothing ADD COLUMN x TEXT;\n")}}
		if err := d.Migrate(t.Context(), "post", bad); err == nil {
			t.Error("a table that isn't there was changed")
		}
		if err := d.Migrate(t.Context(), "post", second); err != nil {
			t.Errorf("after the file was mended: %v", err)
		}
		if err := d.Migrate(t.Context(), "post", fstest.MapFS{}); err == nil {
			t.Error("a room without files was migrated")
		}
	})
}

func TestAFileOfOneDatabaseRunsThereAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		files := fstest.MapFS{
			"0001_letters.sql":         first["0001_letters.sql"],
			"0002_stamps.sqlite.sql":   {Data: []byte("-- +goose Up\nALTER TABLE letter ADD COLUMN sqlite TEXT NOT NULL DEFAULT '';\n")},
			"0002_stamps.postgres.sql": {Data: []byte("-- +goose Up\nALTER TABLE letter ADD COLUMN postgres TEXT NOT NULL DEFAULT '';\n")},
		}
		if err := d.Migrate(t.Context(), "post", files); err != nil {
			t.Fatal(err)
		}
		columns, err := d.Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range columns {
			if c.Table == "letter" {
				got = append(got, c.Name)
			}
		}
		if want := fmt.Sprintf("[id body %s]", d.Dialect()); fmt.Sprint(got) != want {
			t.Errorf("the columns are %v, want %s", got, want)
		}
	})
}
