package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/inventory"
	"waypost/internal/policy"
)

const day = 24 * time.Hour

// name is a member's field, and age a sensitive one.
var (
	name = inventory.Field{
		Table: "account", Column: "nickname", What: "what the member is called", Whose: inventory.Member, Kind: inventory.Profile,
		Purpose: inventory.ForAccount, Basis: inventory.Contract, Source: inventory.Given, Protection: inventory.Sealed,
		Retention: inventory.Retention{Rule: inventory.AfterMade, For: 30 * day}, Region: inventory.Home, Recipients: []inventory.Party{inventory.MailServer},
	}
	age = inventory.Field{
		Table: "account", Column: "age", What: "the age range", Whose: inventory.Member, Kind: inventory.Age,
		Purpose: inventory.ForLaw, Basis: inventory.Law, Source: inventory.Given, Protection: inventory.Code,
		Retention: inventory.Retention{Rule: inventory.WithAccount}, Region: inventory.Home, Sensitive: true,
	}
)

// facts are those of an installation where everything is said and on.
func facts() policy.Facts {
	return policy.Facts{
		Operator: policy.Operator{Company: "Heron Post", Address: "Reed Lane 1, Zurich", Officer: "Noor Reed", Mail: "privacy@heron.example", Phone: "+41 44 000 00 00"},
		Fields:   []inventory.Field{name, age, {Table: "parcel", Column: "number", What: "which parcel it is", Whose: inventory.Nobody}},
		Parties: []policy.Party{
			{Code: "mail", Name: "smtp.heron.example", On: true}, {Code: "sms"}, {Code: "hosting", Name: "Reed Clouds", Where: "CH", On: true},
		},
		Regions: []policy.Region{{Name: "default", Place: "Zurich", Country: "CH"}},
		Now:     time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		HTTPS:   true, Under: 14, Backups: 30 * 24 * time.Hour, Training: 365 * 24 * time.Hour,
	}
}

func read(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Read()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said is all that a document says, a line a sentence or fact.
func said(d policy.Document) string {
	var all []string
	for _, c := range policy.Diff(policy.Document{}, d) {
		all = append(all, c.Text)
	}
	return strings.Join(all, "\n")
}

func TestThePolicyIsFilledWithFacts(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Heron Post runs this site", "Noor Reed looks after", "Profile · What it holds · what the member is called", "30 days",
			"Mail server: smtp.heron.example · What they get · Profile", "Hosting: Reed Clouds · Where · Switzerland", "to run the account that you asked for", "Connections are encrypted"},
		"zh": {"本网站由Heron Post运营", "Noor Reed负责", "个人资料 · 包含内容 · 昵称", "30 天", "邮件服务器: smtp.heron.example · 得到的内容 · 个人资料", "瑞士", "连接均经加密"},
	} {
		got := said(read(t).Write(lang, facts()))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the policy doesn't say %q", lang, w)
			}
		}
		for _, never := range []string{"{", "}", "<no value>", "which parcel it is", "Text message service"} {
			if strings.Contains(got, never) {
				t.Errorf("%s: the policy says %q", lang, never)
			}
		}
	}
}

func TestWhatAnOperatorDoesNotSayIsLeftOut(t *testing.T) {
	f := facts()
	f.Operator, f.HTTPS = policy.Operator{}, false
	got := said(read(t).Write("en", f))
	for _, want := range []string{"hasn't said yet who they are", "hasn't said yet how they are reached"} {
		if !strings.Contains(got, want) {
			t.Errorf("the policy doesn't say %q", want)
		}
	}
	for _, never := range []string{"Connections are encrypted", "E-mail: ", "Their address"} {
		if strings.Contains(got, never) {
			t.Errorf("the policy says %q", never)
		}
	}
}

func TestSensitiveDataStandOut(t *testing.T) {
	var out []string
	for _, s := range read(t).Write("en", facts()).Sections {
		for _, p := range s.Parts {
			if p.Table == nil || s.ID != "collected" {
				continue
			}
			for _, r := range p.Table.Rows {
				for _, c := range r.Cells {
					for _, i := range c {
						if i.Sensitive {
							out = append(out, i.Text)
						}
					}
				}
			}
		}
	}
	for _, want := range []string{"Age range and guardian", "the age range"} {
		if !slices.Contains(out, want) {
			t.Errorf("%q doesn't stand out; only %q", want, out)
		}
	}
	if slices.Contains(out, "what the member is called") {
		t.Error("a nickname stands out")
	}
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	p := read(t)
	en, zh := p.Write("en", facts()), p.Write("zh", facts())
	for i, s := range en.Sections {
		if len(s.Parts) != len(zh.Sections[i].Parts) || zh.Sections[i].Title == "" || s.Title == "" {
			t.Fatalf("section %s differs", s.ID)
		}
		for j, part := range s.Parts {
			for k, one := range part.Sentences {
				other := zh.Sections[i].Parts[j].Sentences[k]
				if other.Promise != one.Promise || one.Text == "" || other.Text == "" {
					t.Errorf("%s: %q and %q", s.ID, one, other)
				}
			}
		}
	}
}

// What crosses a border stands in the policy with its ground and how well it is
// protected there; one more lessens rights.
func TestWhatCrossesABorderIsListed(t *testing.T) {
	before := facts()
	after := facts()
	after.Regions = []policy.Region{{Name: "cn", Place: "Guangzhou", Country: "CN"}, {Name: "us", Place: "Oregon", Country: "US"}}
	after.Transfers = []policy.Transfer{
		{From: "cn", Party: policy.Party{Code: "teams", On: true}, To: "US", Ground: "standard_contractual_clauses", Level: "safeguarded", Assessed: "2026-01-05", Review: after.Now.AddDate(1, 0, 0)},
		{From: "us", Party: after.Parties[0], To: "CN", Ground: "consent", Level: "lower", Assessed: "2026-01-05", Review: after.Now.AddDate(1, 0, 0)},
	}
	for lang, want := range map[string][]string{
		"en": {"the following crosses a border", "The regions don't copy", "cn · Who · Business accounts that were founded in another region", "To · United States", "Ground · standard contractual clauses", "Protection there · lower than at home", "on 2026-01-05, again by 2027-03-02"},
		"zh": {"以下数据会跨境传输", "前往 · 美国", "标准合同条款", "2026-01-05 评估"},
	} {
		got := said(read(t).Write(lang, after))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the policy doesn't say %q:\n%s", lang, w, got)
			}
		}
		if alone := said(read(t).Write(lang, before)); strings.Contains(alone, want[0]) {
			t.Errorf("%s: it is said of an installation within one country", lang)
		}
	}
	first, second := policy.Reaches(before, read(t).Write("en", before)), policy.Reaches(after, read(t).Write("en", after))
	if got := first.Lessens(second); !slices.Contains(got, "a new transfer: us to CN: mail smtp.heron.example") {
		t.Errorf("it lessens %q", got)
	}
	if old := (policy.Reach{}); slices.ContainsFunc(old.Lessens(second), func(why string) bool { return strings.HasPrefix(why, "a new transfer") }) {
		t.Error("what an earlier version didn't declare counts as new")
	}
}

func TestGapsAreNamed(t *testing.T) {
	if got := policy.Gaps(facts()); len(got) > 0 {
		t.Errorf("an installation that says and does all has gaps: %v", got)
	}
	for want, change := range map[string]func(*policy.Facts){
		"promise:told":             func(f *policy.Facts) { f.Parties[0].On = false },
		"promise:announced":        func(f *policy.Facts) { f.Parties[0].On = false },
		"promise:children":         func(f *policy.Facts) { f.Parties[0].On = false },
		"promise:https":            func(f *policy.Facts) { f.HTTPS = false },
		"policy.company":           func(f *policy.Facts) { f.Operator.Company = "" },
		"policy.officer":           func(f *policy.Facts) { f.Operator.Officer = "" },
		"policy.mail":              func(f *policy.Facts) { f.Operator.Mail, f.Operator.Phone = "", "" },
		"policy.hosting":           func(f *policy.Facts) { f.Parties[2].On = false },
		"policy.places.default":    func(f *policy.Facts) { f.Regions[0].Place = "" },
		"policy.countries.default": func(f *policy.Facts) { f.Regions[0].Country = "" },
		"transfers.countries.US": func(f *policy.Facts) {
			f.Transfers = []policy.Transfer{{From: "default", To: "US", Review: f.Now.AddDate(0, 0, -1)}}
		},
	} {
		f := facts()
		change(&f)
		if got := policy.Gaps(f); !slices.ContainsFunc(got, func(g policy.Gap) bool { return g.What == want && g.Why != "" }) {
			t.Errorf("%s isn't named: %v", want, got)
		}
	}
}

// The day by which something is to be assessed again is the last on which that is in time.
func TestAReviewIsOverdueWhenItsDayIsOver(t *testing.T) {
	for after, overdue := range map[time.Duration]bool{-time.Hour: false, 0: false, 24*time.Hour - 1: false, 24 * time.Hour: true} {
		f := facts()
		f.Transfers = []policy.Transfer{{From: "default", To: "US", Review: f.Now.Add(-after)}}
		named := slices.ContainsFunc(policy.Gaps(f), func(g policy.Gap) bool { return g.What == "transfers.countries.US" })
		if named != overdue {
			t.Errorf("%s after its day began, a review is overdue: %t, want %t", after, named, overdue)
		}
	}
}

// Every promise that a sentence makes is in the list, and none is in it that no
// sentence makes.
func TestSentencesAndPromisesAgree(t *testing.T) {
	made := map[string]bool{}
	f := facts()
	f.Parties = append(f.Parties, policy.Party{Code: "provider", Name: "Google", On: true})
	f.Regions = append(f.Regions, policy.Region{Name: "us", Place: "Oregon", Country: "US", Copies: []string{"CA"}})
	for _, s := range read(t).Write("en", f).Sections {
		for _, p := range s.Parts {
			for _, one := range p.Sentences {
				made[one.Promise] = true
			}
		}
	}
	for _, p := range policy.Promises {
		if !made[p.ID] {
			t.Errorf("no sentence promises %s", p.ID)
		}
		delete(made, p.ID)
	}
	delete(made, "")
	for id := range made {
		t.Errorf("a sentence promises %s, which is not in Promises: add what declares it and the test that holds it", id)
	}
}

func TestEveryDeclaredWordHasWords(t *testing.T) {
	p := read(t)
	for _, lang := range policy.Langs {
		for _, rule := range inventory.Rules {
			r := inventory.Retention{Rule: rule, For: 7 * day, Most: 180 * day, Idle: time.Hour}
			if got := p.Kept(lang, r); got == "" || strings.Contains(got, "{") {
				t.Errorf("%s: a retention of rule %s is %q", lang, rule, got)
			}
		}
	}
	for length, want := range map[time.Duration]string{
		15 * time.Minute: "15 minutes", time.Hour: "1 hour", 36 * time.Hour: "36 hours", day: "1 day", 365 * day: "1 year", 37 * day: "37 days",
	} {
		if got := p.Kept("en", inventory.Retention{Rule: inventory.AfterMade, For: length}); got != want {
			t.Errorf("%v is %q, want %q", length, got, want)
		}
	}
}
