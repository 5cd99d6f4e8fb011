package member_test

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/quota"
)

// secretIn is the secret that a page shows.
func secretIn(p page) string {
	p.t.Helper()
	found := regexp.MustCompile(`<code class="secret"[^>]*>([^<]+)<`).FindStringSubmatch(p.body)
	if found == nil {
		p.t.Fatalf("%s shows no secret; %s", p.at, p.said())
	}
	return found[1]
}

// keyIn is the address of the first key of a list.
func keyIn(p page) string {
	p.t.Helper()
	found := regexp.MustCompile(`href="([^"]+/keys/[0-9a-f-]{36})"`).FindStringSubmatch(p.body)
	if found == nil {
		p.t.Fatalf("%s lists no key; %s", p.at, p.said())
	}
	return found[1]
}

// calls says whether a secret lets somebody in.
func (w *world) calls(secret string) bool {
	w.t.Helper()
	_, err := w.quotas.Enter(w.t.Context(), secret, netip.MustParseAddr("192.0.2.7"))
	return err == nil
}

func TestAKeyFromMakingToRevoking(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account").says("For developers")
		b.get("/developer").is(http.StatusOK).says("There is no key yet").says("Make the first key").says("0 of 50 used").says("0 of 300 used, 300 left").
			says("curl 'http://waypost.example/track/v2.4/register'").says("20 of our own API, 3 of the compatible one")
		b.get("/developer/keys").says("There is no key yet")
		b.get("/developer/keys/new").says("You call this page from 127.0.0.1.")

		b.post("/developer/keys/new", "name", "", "scope", "read", "from", "192.0.2.7/24").is(http.StatusBadRequest).says("Did you mean 192.0.2.0/24?").says("192.0.2.7/24</textarea>")
		b.post("/developer/keys/new", "name", "Web shop").is(http.StatusBadRequest).says("Choose at least one thing")
		made := b.post("/developer/keys/new", "name", "Web shop", "scope", "read", "from", "192.0.2.0/24", "signs", "yes").is(http.StatusOK).says("The key is made")
		first := secretIn(made)
		if made.header.Get("Cache-Control") != "no-store" || !strings.Contains(made.body, "17token: "+first) {
			t.Errorf("the page of a secret may be kept, or shows no call with it: %q", made.header.Get("Cache-Control"))
		}
		if !w.calls(first) {
			t.Fatal("the secret lets nobody in")
		}
		list := b.get("/developer/keys").says("Web shop").says("signs webhooks").says("Only from 192.0.2.0/24").says("Last used").says("…" + first[len(first)-4:])
		if strings.Contains(list.body, first) {
			t.Error("the list shows the secret")
		}
		b.get("/developer").says("One key.").says("Last used")

		at := keyIn(list)
		b.get(at).says(`value="Web shop"`).says("192.0.2.0/24</textarea>").says(`value="read" checked`)
		b.post(at, "name", "Storefront", "scope", "write", "from", "nonsense").is(http.StatusBadRequest).says("“nonsense” is no address")
		b.post(at, "name", "Storefront", "scope", "write").isAt("/developer/keys?done=edited").says("Storefront").says("From any address").says("register and change")

		b.get(at + "/rotate").says("A new secret for Storefront").says(`value="week" selected`)
		b.post(at+"/rotate", "overlap", "year").is(http.StatusBadRequest).says("Choose from the list")
		second := secretIn(b.post(at+"/rotate", "overlap", "day").is(http.StatusOK).says("The secret before it works until"))
		if !w.calls(first) || !w.calls(second) {
			t.Error("the secrets don't overlap")
		}
		list = b.get("/developer/keys").says("works until")
		end := regexp.MustCompile(`href="([^"]+/end)"`).FindStringSubmatch(list.body)[1]
		b.get(end).says("…" + first[len(first)-4:]).says("can’t be undone")
		b.post(end).isAt("/developer/keys?done=ended")
		if w.calls(first) || !w.calls(second) {
			t.Error("another secret was ended")
		}
		b.post(end).is(http.StatusNotFound).says("has ended already")

		b.get(at + "/revoke").says("Revoke Storefront").says("15 minutes")
		revoked := b.post(at + "/revoke").is(http.StatusOK).says("The key is revoked").says("It can be restored until")
		if w.calls(second) {
			t.Error("a revoked key lets somebody in")
		}
		if !strings.Contains(revoked.body, `action="`+at+`/restore"`) {
			t.Error("it can't be undone")
		}
		b.post(at + "/restore").isAt("/developer/keys?done=restored").says("The key works again")
		if !w.calls(second) {
			t.Error("a restored key lets nobody in")
		}
		for _, gone := range []string{"", "/rotate", "/revoke", "/secrets/x/end"} {
			b.get("/developer/keys/x" + gone).is(http.StatusNotFound).says("There is no such key any more")
		}
		other := w.join("contact", "eve@mail.example", "nickname", "Eve")
		for _, path := range []string{at, at + "/rotate", at + "/revoke", end} {
			other.get(path).is(http.StatusNotFound)
			other.post(path, "name", "Mine", "scope", "read", "overlap", "now").is(http.StatusNotFound)
		}
		if !w.calls(second) {
			t.Error("somebody else changed the key")
		}
	})
}

// A key gives power, so whoever makes one shows first that the account is theirs.
func TestAKeyWantsAProof(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.join()
		b.post("/developer/keys/new", "name", "Web shop", "scope", "read")
		at := keyIn(b.get("/developer/keys"))
		lapse(t, d)
		for _, path := range []string{"/developer/keys/new", at, at + "/rotate"} {
			b.get(path).next()
		}
		asked := b.post("/developer/keys/new", "name", "Robot", "scope", "realtime", "from", "192.0.2.7", "signs", "yes")
		page := b.post("/account/prove", "password", secret, "next", asked.next()).is(http.StatusOK).says("Make a key").
			says(`value="Robot"`).says(`value="realtime" checked`).says("192.0.2.7</textarea>")
		if strings.Contains(page.body, `value="read" checked`) {
			t.Error("a box is ticked that wasn't")
		}
		lapse(t, d)
		b.post(at + "/revoke").is(http.StatusOK).says("The key is revoked")
		if next := b.post(at + "/restore").next(); next != "/developer/keys" {
			t.Errorf("restoring leads back to %s", next)
		}
	})
}

func TestABusinessAccountsKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah := w.join(), w.join("contact", "noah@mail.example", "nickname", "Noah")
		team := mia.post("/teams", "name", "Heron Supplies").at
		home := team + "/developer"
		mia.get(team).says("For developers")
		noah.get(home).is(http.StatusNotFound)

		mia.post(team+"/invitations", "contact", "noah@mail.example", "role", "member")
		noah.post("/invited/" + string(w.letter(account.LetterInvitation).Token)).says("Heron Supplies")
		noah.get(home).is(http.StatusOK).says("For developers of Heron Supplies").says("Owners and admins make them")
		noah.get(home + "/keys/new").is(http.StatusForbidden).says("Your role doesn’t allow that")
		noah.post(home+"/keys/new", "name", "Mine", "scope", "read").is(http.StatusForbidden)

		secret := secretIn(mia.post(home+"/keys/new", "name", "Warehouse", "scope", "write").is(http.StatusOK))
		caller, err := w.quotas.Enter(t.Context(), secret, netip.MustParseAddr("192.0.2.7"))
		if err != nil || "/teams/"+string(caller.Owner) != team {
			t.Errorf("the key is of %s, %v", caller.Owner, err)
		}
		at := keyIn(mia.get(home + "/keys"))
		if list := noah.get(home + "/keys").says("Warehouse"); strings.Contains(list.body, at) {
			t.Error("who may not change a key is led to its form")
		}
		noah.post(at + "/revoke").is(http.StatusForbidden)
		mia.get("/developer").says("Heron Supplies").says("My own").says("There is no key yet")
		mia.post(team + "/close").isAt(team + "?done=closed")
		mia.get(home).is(http.StatusBadRequest).says("is closed")
	})
}

func TestUsageIsShownByDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.join()
		b.get("/developer/usage").is(http.StatusOK).says("Nothing was used yet")
		b.post("/developer/keys/new", "name", "Web shop", "scope", "read")
		owner := w.owner(t, d)
		store, err := w.quotas.Of(owner)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := store.Draw(t.Context(), tx, owner, []quota.Line{{ID: "a", Matter: quota.Registration}, {ID: "b", Matter: quota.Registration}, {ID: "c", Matter: quota.Instant}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b.get("/developer/usage").says("2 registrations · One question to a carrier at once").says("12 used").says("12 of 300 used, 288 left")

		for i := range 40 {
			day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1-i).UnixMilli()
			if _, err := d.Exec(t.Context(), `INSERT INTO quota_day (owner, day_ms, matter, amount, used) VALUES ($1, $2, 'registration', 1, 1)`, string(owner), day); err != nil {
				t.Fatal(err)
			}
		}
		newest := b.get("/developer/usage").says("Earlier days")
		if n := strings.Count(newest.body, "<time "); n != 31 {
			t.Errorf("%d days on a page, want 31", n)
		}
		earlier := b.get(regexp.MustCompile(`href="([^"]+before=[^"]+)"`).FindStringSubmatch(newest.body)[1]).says("Newest days").without("Earlier days")
		if n := strings.Count(earlier.body, "<time "); n != 10 {
			t.Errorf("%d days on the second page, want 10", n)
		}
		b.get("/developer/usage?before=nonsense").is(http.StatusOK).says("Earlier days")
	})
}

// owner is whose the only key is.
func (w *world) owner(t *testing.T, d *db.DB) (owner inventory.Subject) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT owner FROM api_key`).Scan(&owner)
	})
	if err != nil {
		t.Fatal(err)
	}
	return owner
}
