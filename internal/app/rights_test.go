package app

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/policy"
	"waypost/internal/rights"
	"waypost/internal/vault"
)

// everyone is whose every row is: all ids are theirs, so that what names another
// row finds it.
const everyone inventory.Subject = "default-0190d5a0-0000-7000-8000-000000000001"

// unnamed are tables of which nobody can tell whose a row is.
var unnamed = map[string]bool{"rate": true}

// fill writes a row into every table that a person's fields are in, each sealed
// one holding its own name.
func fill(t testing.TB, s *server) {
	t.Helper()
	region := s.people.regions[0]
	if err := region.Vault.Create(t.Context(), everyone); err != nil {
		t.Fatal(err)
	}
	k := must(region.Vault.Key(t.Context(), everyone))(t)
	types := typesOf(t, region.DB)
	type table struct {
		columns, places []string
		args            []any
	}
	tables, order := map[string]*table{}, []string{}
	for _, r := range s.rooms() {
		for _, f := range r.Fields() {
			if f.Table == "announcement" {
				continue
			}
			to := tables[f.Table]
			if to == nil {
				to = &table{}
				tables[f.Table], order = to, append(order, f.Table)
			}
			to.columns = append(to.columns, f.Column)
			to.args = append(to.args, cell(t, k, r.name, f, types[f.Table+"."+f.Column]))
			to.places = append(to.places, "$"+strconv.Itoa(len(to.args)))
		}
	}
	err := region.DB.Tx(t.Context(), func(tx *db.Tx) error {
		if err := anyOrder(t, tx); err != nil {
			return err
		}
		for _, name := range order {
			to := tables[name]
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO `+name+` (`+strings.Join(to.columns, ", ")+`) VALUES (`+strings.Join(to.places, ", ")+`)`, to.args...); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// anyOrder lets a transaction write rows before those that they refer to.
func anyOrder(t testing.TB, tx *db.Tx) error {
	t.Helper()
	late := `PRAGMA defer_foreign_keys = ON`
	if tx.Dialect() == db.Postgres {
		late = `SET LOCAL session_replication_role = replica`
	}
	_, err := tx.ExecContext(t.Context(), late)
	return err
}

// cell is what a column of everyone's holds.
func cell(t testing.TB, k *vault.Sealer, room string, f inventory.Field, kind string) any {
	t.Helper()
	name := f.Table + "." + f.Column
	switch {
	case f.Protection == inventory.Sealed:
		place := vault.Field(room + "." + name)
		if name == "webhook_attempt.answer" {
			place = "webhook.webhook_delivery.answer" // it is moved there and back
		}
		return k.Seal(place, content(t, name))
	case f.Protection == inventory.ID || f.Column == "id":
		return string(everyone)
	case kind == "text":
		return "code"
	case kind == "bytea":
		return []byte("code")
	case kind == "boolean":
		return true
	}
	return 1
}

// typesOf are the types of all columns, by table and name, as PostgreSQL calls them.
func typesOf(t testing.TB, d *db.DB) map[string]string {
	t.Helper()
	query := `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()`
	if d.Dialect() == db.SQLite {
		query = `SELECT t.name, c.name, CASE WHEN upper(c.type) = 'BLOB' THEN 'bytea' ELSE lower(c.type) END
			FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'`
	}
	all := map[string]string{}
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := db.Rows(t.Context(), tx, func(row *sql.Rows) (struct{}, error) {
			var table, name, kind string
			err := row.Scan(&table, &name, &kind)
			all[table+"."+name] = kind
			return struct{}{}, err
		}, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// content is what a sealed column holds: its name, in the form that it has.
func content(t testing.TB, name string) []byte {
	t.Helper()
	switch name {
	case "watch_undo.before":
		return []byte(`[{"ID": "` + name + `"}]`)
	case "link.person":
		return []byte(`{"keys": ["` + name + `"]}`)
	case "notice.detail":
		return []byte(`{"detail": "` + name + `"}`)
	case "webhook_event.history":
		return must(parcel.History{Legs: []parcel.Leg{{Number: name}}}.Encode())(t)
	}
	return []byte(strconv.Quote(name))
}

// unzip reads the files of a copy.
func unzip(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, f := range must(zip.NewReader(bytes.NewReader(content), int64(len(content))))(t).File {
		all[f.Name] = must(io.ReadAll(must(f.Open())(t)))(t)
	}
	return all
}

// Whatever is declared to be somebody's is in their copy. It is read from
// declarations, not from the database, so one kind of database is enough.
func TestACopyHasEveryPersonalFieldOfTheInventory(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	fill(t, s)
	var out bytes.Buffer
	if err := s.rights.Copy(t.Context(), everyone, "zh", &out); err != nil {
		t.Fatal(err)
	}
	files := unzip(t, out.Bytes())
	var held rights.Held
	if err := json.Unmarshal(files[rights.DataFile], &held); err != nil {
		t.Fatal(err)
	}
	page := string(files[rights.PageFile])
	words := must(policy.Read())(t)
	seen := 0
	for _, r := range s.rooms() {
		for _, f := range r.Fields() {
			if f.Whose == inventory.Nobody || unnamed[f.Table] {
				continue
			}
			name := f.Table + "." + f.Column
			rows := held.Rooms[r.name][f.Table]
			if len(rows) != 1 {
				t.Errorf("%s: %d rows of %s, want one", r.name, len(rows), f.Table)
				continue
			}
			value, ok := rows[0][f.Column]
			if !ok {
				t.Errorf("%s isn't in the copy", name)
			}
			if f.Protection != inventory.Sealed {
				continue
			}
			seen++
			if kept := words.Kept("zh", f.Retention); !strings.Contains(page, kept) {
				t.Errorf("the page doesn't say that %s is kept %q", name, kept)
			}
			text := string(must(json.Marshal(value))(t))
			if !strings.Contains(text, name) && value != export.Withheld {
				t.Errorf("%s holds %s in the copy", name, text)
			}
			if !strings.Contains(page, words.Field("zh", f)) || value != export.Withheld && !strings.Contains(page, name) {
				t.Errorf("the page doesn't show %s", name)
			}
		}
	}
	if seen < 20 {
		t.Errorf("looked at %d sealed fields", seen)
	}
	if outside := regexp.MustCompile(`(?i)https?:|src=|href=|url\(|<script`).FindString(page); outside != "" {
		t.Errorf("the page isn't whole by itself: %q", outside)
	}
	fits(t, files)
	opens(t, files[rights.PageFile], "account.nickname")
}

// opens fails the test unless a copy's page opens from a folder in a browser
// without a network, asks for nothing, and shows some words.
func opens(t *testing.T, content []byte, shown string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), rights.PageFile)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	off := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: true}}}
	if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, off); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+file)); err != nil {
		t.Fatalf("the page doesn't open without a network: %v", err)
	}
	if asked := awaited[int](t, ctx, `performance.getEntriesByType("resource").length`); asked != 0 {
		t.Errorf("the page asks for %d things besides itself", asked)
	}
	if text := awaited[string](t, ctx, `document.body.innerText`); !strings.Contains(text, shown) {
		t.Errorf("the page shows %.300q, and not %q", text, shown)
	}
}

// fits fails the test unless the data of a copy is as its schema says.
func fits(t *testing.T, files map[string][]byte) {
	t.Helper()
	schema := must(jsonschema.UnmarshalJSON(bytes.NewReader(files[rights.SchemaFile])))(t)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled := must(c.Compile("schema.json"))(t)
	data := must(jsonschema.UnmarshalJSON(bytes.NewReader(files[rights.DataFile])))(t)
	if err := compiled.Validate(data); err != nil {
		t.Errorf("the data doesn't fit its schema: %v", err)
	}
	data.(map[string]any)["held"].(map[string]any)["undeclared"] = map[string]any{}
	if compiled.Validate(data) == nil {
		t.Error("what nobody declared fits the schema, too")
	}
}

// A member asks for a copy, gets a letter, and fetches it with its link, once.
func TestAMemberFetchesACopyByALettersLink(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		deliver(t, s)
		p := newMember(t, s, "mia@mail.example")
		mine := must(http.NewRequestWithContext(t.Context(), http.MethodGet, base, nil))(t)
		mine.AddCookie(&http.Cookie{Name: "waypost_session", Value: string(p.token)})
		ask := func(method, path string) (int, []byte) {
			r := mine.Clone(t.Context())
			r.Method, r.URL = method, must(url.Parse(base+path))(t)
			resp := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // it is, below: the linter doesn't see through must
			defer resp.Body.Close()                   //nolint:errcheck // read whole
			return resp.StatusCode, must(io.ReadAll(resp.Body))(t)
		}
		if status, body := ask(http.MethodGet, "/my-data"); status != http.StatusOK || !bytes.Contains(body, []byte("mia@mail.example")) {
			t.Fatalf("/my-data answers %d: %s", status, body)
		}
		if status, body := ask(http.MethodPost, "/my-data/copy"); status != http.StatusOK || !bytes.Contains(body, []byte("is being made")) {
			t.Fatalf("asking answers %d: %s", status, body)
		}
		if status, body := ask(http.MethodPost, "/my-data/copy"); status != http.StatusBadRequest || !bytes.Contains(body, []byte("a few minutes ago")) {
			t.Errorf("asking again answers %d: %s", status, body)
		}
		link := mailed(t, s, `/my-data/copy/\S+`)
		if status, _ := ask(http.MethodGet, link); status != http.StatusOK {
			t.Fatalf("the link answers %d", status)
		}
		status, content := ask(http.MethodPost, link)
		if status != http.StatusOK {
			t.Fatalf("fetching answers %d: %s", status, content)
		}
		files := unzip(t, content)
		fits(t, files)
		for name, want := range map[string]string{rights.PageFile: "mia@mail.example", rights.DataFile: string(p.Account)} {
			if !bytes.Contains(files[name], []byte(want)) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		if bytes.Contains(files[rights.DataFile], []byte(link[len("/my-data/copy/"):])) {
			t.Error("the copy holds the link that fetches it")
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if status, body := ask(method, link); status != http.StatusNotFound || !bytes.Contains(body, []byte("no copy here any more")) {
				t.Errorf("%s again answers %d: %s", method, status, body)
			}
		}
	})
}

// stayingTables are the tables that hold something of members, and whether it is
// declared that it stays when they are erased. Those of which nobody can tell whose
// a row is, and those of the staff, aren't there.
func stayingTables() map[string]bool {
	all := map[string]bool{}
	for _, f := range declarations() {
		if f.Whose == inventory.Nobody || f.Whose == inventory.Staff || unnamed[f.Table] || f.Table == "tally" || f.Table == "given" {
			continue
		}
		all[f.Table] = all[f.Table] || f.Stays
	}
	return all
}

// Whoever asks for it is erased from every table of every room, and their key with
// it, so that what an old backup holds of them can't be read.
func TestAMemberIsErasedFromEveryRoom(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	fill(t, s)
	region, store := s.people.regions[0], s.people.members.Stores()[0]
	long := time.Now().AddDate(0, 0, -8)
	if _, err := region.DB.Exec(t.Context(), `UPDATE account SET state = $1, state_ms = $2`, string(account.Leaving), long.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.eraseLeaving(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.rooms() {
		if all := must(r.Subjects(t.Context(), "", 10))(t); len(all) != 0 {
			t.Errorf("%s still holds something of %v", r.name, all)
		}
	}
	for table, stays := range stayingTables() {
		rows := 0
		err := region.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&rows)
		})
		if err != nil || (rows != 0) != stays {
			t.Errorf("%s has %d rows, %v; declared to stay: %t", table, rows, err, stays)
		}
	}
	if at := must(region.Vault.Destroyed(t.Context(), everyone))(t); at.IsZero() {
		t.Error("the key is still there")
	}
}

// Nothing of a business account is left in any room once the time after its
// closing is over.
func TestAClosedBusinessAccountIsErasedFromEveryRoom(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	fill(t, s)
	region, store := s.people.regions[0], s.people.members.Stores()[0]
	if _, err := store.Expire(t.Context(), inventory.Purge{Now: time.Now()}); err != nil { // all of it was closed in 1970
		t.Fatal(err)
	}
	for _, table := range []string{"team", "watch", "registration", "api_key", "webhook_endpoint", "webhook_event", "once_request"} {
		rows := 0
		err := region.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&rows)
		})
		if err != nil || rows != 0 {
			t.Errorf("%s still has %d rows, %v", table, rows, err)
		}
	}
	if at := must(region.Vault.Destroyed(t.Context(), everyone))(t); at.IsZero() {
		t.Error("the key is still there")
	}
}
