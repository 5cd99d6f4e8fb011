package member_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/web/member"
)

// entries are the ledger of who a browser is signed in as, as they download it.
func (b *browser) entries() (all []entry) {
	b.t.Helper()
	p := b.get("/account/consents/download").is(http.StatusOK)
	if err := json.Unmarshal([]byte(p.body), &all); err != nil {
		b.t.Fatalf("%v: %s", err, p.body)
	}
	return all
}

type entry struct {
	Purpose, Version, Wording, How string
	Given                          bool
	At                             time.Time
}

func TestAConsentIsTakenBackWithOneClick(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get(b.post("/account/links/oidc-demo").choose(ada))
		b.post("/account/links/received").isAt("/account?done=linked")
		b.get("/account/consents").is(http.StatusOK).says("Terms of use").says("I agree to the terms of use.").says("Signing in with Demo ID").says("Take back")
		b.post("/account/consents", "purpose", "link oidc-demo").isAt("/account/consents?done=consents").says("It is done, and written down.").says("Taken back on")
		w.browser().with(ada).isAt("/signup/with") // it ended at once: nobody is known by it any more
		b.post("/account/consents", "purpose", "link oidc-demo").isAt("/account/consents?done=consents")
		b.post("/account/consents", "purpose", "terms").is(http.StatusBadRequest).says("can’t be taken back here")
		all := b.entries()
		if len(all) != 3 || all[0].Purpose != "terms" || all[0].Wording == "" || all[0].Version == "" || all[0].At.IsZero() || !all[1].Given || all[2].Given {
			t.Errorf("the ledger is %+v", all)
		}
	})
}

func TestAnotherVersionOfTheTermsIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		if p := b.get("/account/consents"); strings.Contains(p.body, "The terms of use have changed") {
			t.Error("who has agreed is asked again")
		}
		id := account.ID(b.owner())
		store, err := w.members.Of(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Decide(t.Context(), id, account.Consent{Purpose: account.ForTerms, Version: "before", Given: true}); err != nil {
			t.Fatal(err)
		}
		b.get("/account/consents").says("The terms of use have changed")
		b.get("/account").says("The terms of use have changed")
		b.post("/account/consents", "purpose", "terms", "version", "before").is(http.StatusBadRequest)
		b.post("/account/consents", "purpose", "terms", "version", member.TermsVersion).isAt("/account/consents?done=consents")
		if p := b.get("/account/consents"); strings.Contains(p.body, "The terms of use have changed") {
			t.Error("who has agreed is asked again")
		}
		if all := b.entries(); len(all) != 3 || all[2].Version != member.TermsVersion || !all[2].Given || all[2].Wording == "" {
			t.Errorf("the ledger is %+v", all)
		}
	})
}

func TestSellingIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account/consents").says("Don’t sell my data")
		for range 2 {
			b.post("/account/consents", "purpose", "sale").isAt("/account/consents?done=consents").says("Refused on")
		}
		if all := b.entries(); len(all) != 2 || all[1].Purpose != "sale" || all[1].Given || !strings.Contains(all[1].Wording, "Don’t sell my data") {
			t.Errorf("the ledger is %+v", all)
		}
		if p := b.get("/account/consents"); strings.Contains(p.body, `value="sale"`) {
			t.Error("who has refused is asked again")
		}
	})
}

// Global Privacy Control is heard on whatever page is asked for, and written down once.
func TestABrowserThatRefusesSaleIsHeard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		if all := b.entries(); len(all) != 1 {
			t.Fatalf("before the browser says anything the ledger is %+v", all)
		}
		b.header.Set("Sec-GPC", "1")
		for range 3 {
			b.get("/parcels").is(http.StatusOK)
		}
		all := b.entries()
		if len(all) != 2 || all[1].Purpose != "sale" || all[1].Given || all[1].Wording != "Sec-GPC: 1" || all[1].How != "global privacy control" {
			t.Errorf("the ledger is %+v", all)
		}
		b.get("/account/consents").says("Your browser says by itself")
		w.browser().get("/account/consents/download").isAt("/signin?next=%2Faccount%2Fconsents%2Fdownload")
	})
}

// The page says of every power of the browser that scripts use that they do.
func TestTheConsentPageListsWhatScriptsUseOfTheDevice(t *testing.T) {
	files, err := filepath.Glob("../ui/assets/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	known := []string{"clipboard.writeText", "share", "credentials.create", "credentials.get", "credentials"}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, used := range regexp.MustCompile(`navigator\.([\w.]+)|new (Notification)|(PushManager)`).FindAllStringSubmatch(string(content), -1) {
			if what := used[1] + used[2] + used[3]; !slices.Contains(known, what) {
				t.Errorf("%s uses %s, of which /account/consents says nothing", file, what)
			}
		}
	}
}
