package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/policy"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// publish publishes what the facts make of the policy.
func publish(t *testing.T, b *policy.Book, f policy.Facts, applies time.Time) (policy.Version, error) {
	t.Helper()
	p := read(t)
	var all []policy.Document
	for _, lang := range policy.Langs {
		all = append(all, p.Write(lang, f))
	}
	return b.Publish(t.Context(), all, policy.Reaches(f, all[0]), applies, noon)
}

func each(t *testing.T, test func(t *testing.T, b *policy.Book)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, err := policy.Open(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		test(t, b)
	})
}

func TestVersionsAreKeptAndCompared(t *testing.T) {
	each(t, func(t *testing.T, b *policy.Book) {
		if _, err := b.Last(t.Context()); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before anything was published: %v", err)
		}
		if _, err := publish(t, b, facts(), noon); err != nil {
			t.Fatal(err)
		}
		if _, err := publish(t, b, facts(), noon); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same again: %v, want a conflict", err)
		}
		shorter := facts()
		shorter.Fields[0].Retention.For = 7 * day
		if v, err := publish(t, b, shorter, noon); err != nil || v.Number != 2 || len(v.Lessens) > 0 {
			t.Fatalf("published %d, which lessens %q, %v", v.Number, v.Lessens, err)
		}
		all, err := b.Versions(t.Context())
		if err != nil || len(all) != 2 || all[0].Number != 2 || !all[1].Published.Equal(noon) {
			t.Fatalf("versions %+v, %v", all, err)
		}
		for lang, want := range map[string]string{
			"en": "gone Profile · How long · 30 days, added Profile · How long · 7 days",
			"zh": "gone 个人资料 · 保存多久 · 30 天, added 个人资料 · 保存多久 · 7 天",
		} {
			var got []string
			for _, c := range policy.Changed(policy.Diff(all[1].Document(lang), all[0].Document(lang))) {
				got = append(got, string(c.Sign)+" "+c.Text)
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s: changed %q, want %q", lang, got, want)
			}
		}
		if got := all[0].Document("ar").Lang; got != "en" {
			t.Errorf("an Arabic reader gets %q, want en", got)
		}
	})
}

func TestWhatLessensRightsIsAnnounced(t *testing.T) {
	for want, change := range map[string]func(*policy.Facts){
		"account.nickname is kept longer":                                 func(f *policy.Facts) { f.Fields[0].Retention.For = 60 * day },
		"account.nickname is kept by another rule: good":                  func(f *policy.Facts) { f.Fields[0].Retention.Rule = inventory.ForGood },
		"account.nickname is held for safety instead of account":          func(f *policy.Facts) { f.Fields[0].Purpose = inventory.ForSafety },
		"account.nickname is held on another ground: legitimate_interest": func(f *policy.Facts) { f.Fields[0].Basis = inventory.Legitimate },
		"account.nickname is no longer sealed":                            func(f *policy.Facts) { f.Fields[0].Protection = inventory.Code },
		"account.nickname is sensitive now":                               func(f *policy.Facts) { f.Fields[0].Sensitive = true },
		"a new recipient: sms twilio":                                     func(f *policy.Facts) { f.Parties[1] = policy.Party{Code: "sms", Name: "twilio", On: true} },
		"backups are kept longer":                                         func(f *policy.Facts) { f.Backups = 60 * day },
		"promised no more: https":                                         func(f *policy.Facts) { f.HTTPS = false },
		"account.shoes is new and sensitive": func(f *policy.Facts) {
			shoes := age
			shoes.Column = "shoes"
			f.Fields = append(f.Fields, shoes)
		},
		"account.shoes is held for a new purpose: messages": func(f *policy.Facts) {
			shoes := name
			shoes.Column, shoes.Purpose = "shoes", inventory.ForMessages
			f.Fields = append(f.Fields, shoes)
		},
	} {
		t.Run(want, func(t *testing.T) {
			p, f := read(t), facts()
			f.Fields = slices.Clone(f.Fields)
			change(&f)
			before := policy.Reaches(facts(), p.Write("en", facts()))
			if got := before.Lessens(policy.Reaches(f, p.Write("en", f))); !slices.Equal(got, []string{want}) {
				t.Errorf("lessens %q, want %q", got, want)
			}
		})
	}
	each(t, func(t *testing.T, b *policy.Book) {
		if _, err := publish(t, b, facts(), noon); err != nil {
			t.Fatal(err)
		}
		longer := facts()
		longer.Fields[0].Retention.For = 60 * day
		for _, soon := range []time.Time{noon, noon.Add(policy.Notice - time.Minute)} {
			if _, err := publish(t, b, longer, soon); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Text(err), "kept longer") {
				t.Errorf("from %v on: %v, want it refused with why", soon, err)
			}
		}
		applies := noon.Add(policy.Notice)
		if _, err := publish(t, b, longer, applies); err != nil {
			t.Fatal(err)
		}
		if v, err := b.Announced(t.Context(), noon); err != nil || v.Number != 2 {
			t.Errorf("announced is %d, %v", v.Number, err)
		}
		if _, err := b.Announced(t.Context(), applies); fault.KindOf(err) != fault.NotFound {
			t.Errorf("what applies is still announced: %v", err)
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, err := policy.Open(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, b.Fields())
	})
}
