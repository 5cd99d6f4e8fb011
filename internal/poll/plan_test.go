package poll

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/status"
)

func TestMakePlan(t *testing.T) {
	cat := catalogue(t)
	const text = "RR123456785NO"
	all := []Account{
		account(t, cat, "fjordpost/main", &fake{}), account(t, cat, "polarpost/main", &fake{}), account(t, cat, "hub/main", &fake{}),
		account(t, cat, "wary/main", &fake{}),
	}
	anyone := []Account{account(t, cat, "anyone/main", &fake{})}
	scores := map[carrier.Code]float64{"fjordpost": 0.6, "polarpost": 0.5, "prairie": 0.4, "lotus": 0.3, "mute": 0.2, "shy": 0.1, "wary": 0.1}
	sure := map[carrier.Code]float64{"fjordpost": 0.95, "polarpost": 0.5}
	problem := func(p recognise.Problem) recognise.Number {
		n := number(text, scores, "fjordpost")
		n.Problem = p
		return n
	}
	for _, tc := range []struct {
		name     string
		accounts []Account
		number   recognise.Number
		chosen   carrier.Code
		want     []string // account, carrier, role
		missing  []string // why, carrier
		choice   parcel.Choice
	}{
		{"one candidate is asked", all, number(text, scores, "fjordpost"), "", []string{"fjordpost/main fjordpost origin"}, nil, parcel.Only},
		{"on a guess, only who allows it", all, number(text, scores, "fjordpost", "polarpost", "prairie"), "",
			[]string{"polarpost/main polarpost candidate", "hub/main prairie candidate"}, []string{"not_on_a_guess fjordpost"}, parcel.Unchosen},
		{"a certain candidate is no guess", all, number(text, sure, "fjordpost", "polarpost"), "",
			[]string{"fjordpost/main fjordpost candidate", "polarpost/main polarpost candidate"}, nil, parcel.Unchosen},
		{"one named by hand is no guess", all, number(text, scores, "polarpost", "fjordpost"), "fjordpost",
			[]string{"fjordpost/main fjordpost origin"}, nil, parcel.ByHand},
		{"one named by hand need not fit the number", all, problem(recognise.CheckDigit), "lotus", []string{"hub/main lotus origin"}, nil, parcel.ByHand},
		{"nobody is connected", nil, number(text, scores, "fjordpost", "mute"), "", nil, []string{"not_connected fjordpost", "no_source mute"}, parcel.Unchosen},
		{"it needs more", all, number(text, scores, "shy"), "", nil, []string{"needs_more shy"}, parcel.Only},
		{"its page needs more, its source doesn't", all, number(text, scores, "wary"), "", []string{"wary/main wary origin"}, nil, parcel.Only},
		{"nobody is connected but who answers for any", anyone, number(text, scores, "mute"), "", []string{"anyone/main mute origin"}, nil, parcel.Only},
		{"who answers for any isn't asked on a guess, and not where the carrier's own can be", append(anyone, all...),
			number(text, scores, "polarpost", "mute"), "", []string{"polarpost/main polarpost candidate"}, []string{"no_source mute"}, parcel.Unchosen},
		{"a wrong check digit", all, problem(recognise.CheckDigit), "", nil, []string{"invalid_number "}, parcel.Unchosen},
		{"no carrier's form", all, recognise.Number{Text: "HELLO", Problem: recognise.UnknownFormat}, "", nil, []string{"unknown_format "}, parcel.Unchosen},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if len(tc.number.Candidates) == 1 {
				known, _ := cat.Carrier(tc.number.Candidates[0].Carrier)
				tc.number.Candidates[0].Needs = known.Needs
			}
			p := MakePlan(cat, tc.accounts, tc.number, tc.chosen, nil)
			var got, missing []string
			for i, a := range p.Askings {
				got = append(got, fmt.Sprintf("%s %s %s", a.Account, a.Carrier, a.Role))
				if a.Rank != i || a.Number != text {
					t.Errorf("asking %d has rank %d and number %s", i, a.Rank, a.Number)
				}
			}
			for _, m := range p.Missing {
				missing = append(missing, fmt.Sprintf("%s %s", m.Why, m.Carrier))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("askings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if p.Choice != tc.choice || p.Key != (parcel.Key{Number: text, Carrier: tc.chosen}) && len(tc.want) > 0 {
				t.Errorf("choice %q, key %v", p.Choice, p.Key)
			}
			if err := p.Fault(); (err == nil) != (len(tc.want) > 0) || err != nil && fault.KindOf(err) == fault.Internal {
				t.Errorf("fault %v", err)
			}
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	cat := catalogue(t)
	p := MakePlan(cat, nil, number("1", nil, "lotus"), "", nil)
	want := []Missing{{Why: NotConnected, Carrier: "lotus", Source: "hub", Values: []string{"user", "password"}}}
	if diff := cmp.Diff(want, p.Missing); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := p.Fault(); !errors.Is(err, errNotConnected) || fault.Text(err) != "lotus is not connected. Its source hub needs an account: user, password." {
		t.Errorf("got %v", err)
	}
}

func TestSeveralAccountsShareTheNumbers(t *testing.T) {
	cat := catalogue(t)
	accounts := []Account{account(t, cat, "hub/one", &fake{}), account(t, cat, "hub/two", &fake{})}
	used := map[carrier.AccountCode]int{}
	for i := range 100 {
		n := number(fmt.Sprint(1000+i), nil, "lotus")
		first := MakePlan(cat, accounts, n, "", nil).Askings[0].Account
		accounts[0], accounts[1] = accounts[1], accounts[0]
		if again := MakePlan(cat, accounts, n, "", nil).Askings[0].Account; again != first {
			t.Fatalf("%s is asked with %s, and with %s when the list is turned round", n.Text, first, again)
		}
		used[first]++
	}
	if used["hub/one"] < 30 || used["hub/two"] < 30 {
		t.Errorf("100 numbers were shared as %v", used)
	}
}

// Who answers for any carrier is told which one is meant.
func TestWithOf(t *testing.T) {
	cat, mistakes := carrier.Load(fstest.MapFS{
		"mute.yaml": &fstest.MapFile{Data: []byte(strings.Replace(fmt.Sprintf(identity, "mute", "Mute", "DE", "parcel"), "\nnames:", "\nkey: 4711\nnames:", 1))},
		"deaf.yaml": &fstest.MapFile{Data: []byte(fmt.Sprintf(identity, "deaf", "Deaf", "DE", "parcel") + "via: [{source: hub, with: {service: deaf}}]\n")},
	}, fstest.MapFS{
		"anyone.yaml": &fstest.MapFile{Data: []byte("source: anyone\nfallback: yes" + fmt.Sprintf(connection, "anyone", "key", "no"))},
		"hub.yaml":    &fstest.MapFile{Data: []byte("source: hub" + fmt.Sprintf(connection, "hub", "key", "no"))},
	})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	want := with{"mute": {"carrier": "mute", "key": "4711"}, "deaf": {"carrier": "deaf"}}
	if diff := cmp.Diff(want, withOf(cat, "anyone")); diff != "" {
		t.Errorf("anyone (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(with{"deaf": {"service": "deaf"}}, withOf(cat, "hub")); diff != "" {
		t.Errorf("hub (-want +got):\n%s", diff)
	}
}

// A carrier that wants to know more is asked by who knows it, and told it; the
// others that are asked about a parcel on its way are not.
func TestWhatIsGivenGoesToTheCarrierThatIsAsked(t *testing.T) {
	cat := catalogue(t)
	n := number("RR123456785NO", nil, "shy")
	n.Candidates[0].Needs = []carrier.Need{carrier.PostalCode}
	told := map[carrier.AccountCode]carrier.Given{}
	listening := func(code carrier.AccountCode, in string) Account {
		return account(t, cat, code, &fake{answer: func(_ int, asks []carrier.Ask) ([]carrier.Report, error) {
			told[code] = asks[0].Params
			r := moved(time.Now(), status.InTransitOther)
			r.Number, r.Events[0].Place.Country = asks[0].Number, in
			return []carrier.Report{r}, nil
		}})
	}
	accounts := []Account{listening("hub/main", "CA"), listening("polarpost/main", "CA")}
	given := carrier.Given{carrier.PostalCode: "10117"}
	if _, err := Ask(t.Context(), cat, accounts, n, "shy", carrier.Given{carrier.ShipDate: "2026-03-31"}); fault.KindOf(err) != fault.Invalid || len(told) > 0 {
		t.Fatalf("without what it needs: %v, told was %v", err, told)
	}
	if _, err := Ask(t.Context(), cat, accounts, n, "shy", given); err != nil {
		t.Fatal(err)
	}
	if got, asked := told["polarpost/main"]; !asked || got != nil {
		t.Errorf("the post abroad was asked: %v, and told %v", asked, got)
	}
	if got := told["hub/main"]; got[carrier.PostalCode] != "10117" {
		t.Errorf("the carrier was told %v", got)
	}
}
