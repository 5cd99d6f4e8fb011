package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
)

// UPS as it answers an account that names its public address: it is asked about a
// parcel that somebody keeps, and told where news of it go; of one that only a
// visitor looks at it isn't.
func TestAKeptParcelIsSubscribedTo(t *testing.T) {
	t.Parallel()
	answer, err := os.ReadFile("../../carriers/ups/in-transit.json")
	if err != nil {
		t.Fatal(err)
	}
	answer = regexp.MustCompile(`"2026\d{4}"`).ReplaceAll(answer, []byte(`"`+time.Now().UTC().AddDate(0, 0, -1).Format("20060102")+`"`)) // still on its way
	const kept, looked = "1Z4A7B2C0364182055", "1Z88R0X30319772400"
	dbtest.EachURL(t, func(t *testing.T, address string) {
		var mu sync.Mutex
		var told []string
		ups := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			switch {
			case strings.Contains(r.URL.Path, "/oauth/"):
				w.Write([]byte(`{"access_token": "t", "expires_in": "14399"}`)) //nolint:errcheck // a test's
			case strings.Contains(r.URL.Path, "/subscription/"):
				mu.Lock()
				told = append(told, string(body))
				mu.Unlock()
				w.Write([]byte(`{"validTrackingNumbers": ["` + kept + `"], "invalidTrackingNumbers": []}`)) //nolint:errcheck // a test's
			default:
				w.Write([]byte(strings.ReplaceAll(string(answer), kept, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]))) //nolint:errcheck // a test's
			}
		}))
		t.Cleanup(ups.Close)
		s, base := start(t, address, func(c *config.Config) {
			c.Accounts = map[string]map[string]config.Account{"ups": {"main": {
				Base: ups.URL, Public: "https://track.example.org/",
				Values: map[string]config.Secret{"client_id": "id", "client_secret": "in the test only", "push_credential": "in the test only"},
			}}}
		})
		for number, visitor := range map[string]bool{kept: false, looked: true} {
			_, err := s.store.Want(t.Context(), []parcel.Want{{
				Key: parcel.Key{Number: number}, Until: time.Now().Add(time.Hour), Choice: parcel.Only, Visitor: visitor,
				Askings: []parcel.Asking{{Account: "ups/main", Source: "ups", Carrier: "ups", Number: number, Role: parcel.Origin}},
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		soon(t, "a subscription", func() (string, bool) {
			all, err := s.store.Subscriptions(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return "", all["ups/main"].Held == 1
		})
		mu.Lock()
		defer mu.Unlock()
		if len(told) != 1 || !strings.Contains(told[0], `"https://track.example.org/push/ups/main"`) || !strings.Contains(told[0], kept) || strings.Contains(told[0], looked) {
			t.Errorf("UPS was told %v, want the one parcel that is kept, and where its news go", told)
		}
		g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}}
		if page := g.staffPage(account.Operator, "/staff/carriers/ups"); !contains(page, "Subscriptions to news", "1 held, 0 to be made, 0 refused") {
			t.Errorf("the page says nothing of it:\n%s", page)
		}
	})
}

func TestAPublicAddressIsNamedWhereItHelps(t *testing.T) {
	t.Parallel()
	known, err := loadKnowledge("")
	if err != nil {
		t.Fatal(err)
	}
	const public = "https://track.example.org"
	for name, tc := range map[string]struct {
		source string
		config.Account
		mistake string
	}{
		"a source that takes subscriptions": {"ups", config.Account{Public: public, Values: map[string]config.Secret{"client_id": "x", "client_secret": "x", "push_credential": "x"}}, ""},
		"without what shows who sends":      {"ups", config.Account{Public: public, Values: map[string]config.Secret{"client_id": "x", "client_secret": "x"}}, "accounts.ups.main.public: account ups/main lacks push_credential"},
		"a source that takes none":          {"inpost", config.Account{Public: public}, "accounts.inpost.main.public: the source needs no subscriptions"},
		"a folder of what sends nothing":    {"inpost", config.Account{Folder: "/srv"}, "accounts.inpost.main.folder:"},
	} {
		_, err := connect(known.catalogue, map[string]map[string]config.Account{tc.source: {"main": tc.Account}}, outbound.New(outbound.Options{}), nil)
		if tc.mistake == "" && err != nil || tc.mistake != "" && (err == nil || !strings.Contains(err.Error(), tc.mistake)) {
			t.Errorf("%s: %v, want %q", name, err, tc.mistake)
		}
	}
}
