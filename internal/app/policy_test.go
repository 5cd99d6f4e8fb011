package app

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/policy"
)

// stated has the operator say all that the policy wants to know.
func stated(c *config.Config) {
	c.Policy = config.Policy{
		Company: "Heron Post", Address: "Reed Lane 1, Zurich", Officer: "Noor Reed", Mail: "privacy@heron.example",
		Hosting: config.Hosting{Name: "Reed Clouds", Country: "CH"}, Places: map[string]string{"default": "Zurich"},
	}
}

// publish publishes two versions, the second of which lessens rights and is
// announced; twice is once.
func publish(t *testing.T, s *server) {
	t.Helper()
	facts := must(policyFacts(s.cfg))(t)
	if all := must(s.versions.Versions(t.Context()))(t); len(all) > 0 {
		return
	}
	less := facts
	less.Parties = append(slices.Clone(facts.Parties), policy.Party{Code: "sms", Name: "twilio", On: true})
	for i, f := range []policy.Facts{facts, less} {
		var documents []policy.Document
		for _, lang := range policy.Langs {
			documents = append(documents, must(policy.Read())(t).Write(lang, f))
		}
		applies := time.Now().Add(time.Duration(i) * (policy.Notice + time.Hour))
		must(s.versions.Publish(t.Context(), documents, policy.Reaches(f, documents[0]), applies, time.Now()))(t)
	}
}

func (g *gate) published(path string) sight {
	g.t.Helper()
	publish(g.t, g.s)
	return sight{path: path}
}

// legible is the text of one of a server's pages, and where its links lead.
func legible(t *testing.T, base, path string) (text string, links []string) {
	t.Helper()
	r := must(http.Get(base + path))(t) //nolint:bodyclose // it is, below: the linter doesn't see through must
	defer r.Body.Close()                //nolint:errcheck // read whole
	body := must(io.ReadAll(r.Body))(t)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, r.StatusCode, body)
	}
	var all strings.Builder
	for n := range must(html.Parse(strings.NewReader(string(body))))(t).Descendants() {
		if n.Type == html.TextNode {
			all.WriteString(n.Data + " ")
		}
		for _, a := range n.Attr {
			if a.Key == "href" {
				links = append(links, a.Val)
			}
		}
	}
	return strings.Join(strings.Fields(all.String()), " "), links
}

// The page says of every field of a person what its room declares.
func TestThePagesSayWhatIsDeclared(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		_, base := start(t, address, stated)
		p := must(policy.Read())(t)
		for _, lang := range policy.Langs {
			text, links := legible(t, base, "/privacy?lang="+lang)
			for _, f := range append(declarations(), keyDeclarations()...) {
				if f.Whose == inventory.Nobody {
					continue
				}
				if words := p.Field(lang, f); !f.Bare() && !strings.Contains(text, words) {
					t.Errorf("%s: /privacy doesn't say %q of %s.%s", lang, words, f.Table, f.Column)
				}
				if kept := p.Kept(lang, f.Retention); !strings.Contains(text, kept) {
					t.Errorf("%s: /privacy doesn't say that %s.%s is kept %q", lang, f.Table, f.Column, kept)
				}
				if lang == "zh" && !f.Bare() && p.Field(lang, f) == f.What {
					t.Errorf("%s.%s has no Chinese words: add them to internal/policy/text/fields.yaml", f.Table, f.Column)
				}
			}
			if !strings.Contains(text, "Heron Post") || !strings.Contains(text, "privacy@heron.example") {
				t.Errorf("%s: /privacy doesn't say who runs the installation", lang)
			}
			if strings.Contains(text, "⟦") {
				t.Errorf("%s: words are missing in %q", lang, text)
			}
			for _, want := range []string{"/privacy?lang=" + lang, "/cookies?lang=" + lang, "/components?lang=" + lang, "/terms?lang=" + lang} {
				if !slices.Contains(links, want) {
					t.Errorf("%s: /privacy doesn't lead to %s", lang, want)
				}
			}
		}
		if text, _ := legible(t, base, "/privacy?lang=ar"); !strings.Contains(text, "الخصوصية") || !strings.Contains(text, "Heron Post runs this site") {
			t.Error("an Arabic reader doesn't get the English text in the Arabic frame")
		}
	})
}

func TestAPolicyThatChangesIsAnnouncedOnEveryPage(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, stated)
		publish(t, s)
		for _, path := range []string{"/", "/carriers", "/signin", "/privacy"} {
			text, links := legible(t, base, path)
			if !strings.Contains(text, "The privacy policy changes on") || !slices.Contains(links, "/privacy/changes?from=1&to=2") {
				t.Errorf("%s doesn't announce the change", path)
			}
		}
		if text, _ := legible(t, base, "/privacy/changes?from=1&to=2"); !strings.Contains(text, "New: Text message service: twilio · What they get") {
			t.Errorf("the changes are told as %q", text)
		}
		if text, _ := legible(t, base, "/privacy/versions/1?lang=zh"); !strings.Contains(text, "第 1 版") {
			t.Error("version 1 isn't shown in Chinese")
		}
		if text, _ := legible(t, base, "/privacy"); !strings.Contains(text, "It differs from version 2") {
			t.Errorf("/privacy doesn't say that it differs from what was published: %q", text)
		}
	})
}

// What a job does every hour writes to every member.
func TestAPolicyThatChangesIsAnnouncedByMail(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, stated)
		newMember(t, s, "mia@mail.example")
		publish(t, s)
		for _, r := range s.people.members.Stores() {
			if err := s.announceTo(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		deliver(t, s)
		link := mailed(t, s, `http://127\.0\.0\.1/privacy/changes\?from=1&to=2`)
		if text, _ := legible(t, base, strings.TrimPrefix(link, "http://127.0.0.1")); !strings.Contains(text, "What changed") {
			t.Errorf("the letter leads to %q", text)
		}
		mailed(t, s, `From \w+ \d+ \w+ \d+ on another version of the privacy policy applies`)
	})
}

func TestBrowsersCanSeeThatTheyAreHeard(t *testing.T) {
	t.Parallel()
	_, base := start(t, dbtest.SQLite(t), nil)
	text, _ := legible(t, base, "/.well-known/gpc.json")
	var said struct {
		GPC bool `json:"gpc"`
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || !said.GPC {
		t.Errorf("/.well-known/gpc.json says %q, %v", text, err)
	}
}

func TestComponentsSayWhoGetsWhat(t *testing.T) {
	t.Parallel()
	_, base := start(t, dbtest.SQLite(t), stated)
	text, _ := legible(t, base, "/components")
	for _, want := range []string{"Text message service the phone number and the text of each message", "Hosting: Reed Clouds", "not in use, gets nothing"} {
		if !strings.Contains(text, want) {
			t.Errorf("/components doesn't say %q: %q", want, text)
		}
	}
}

// An operator checks, publishes and compares beside a server that runs.
func TestThePolicyOnTheCommandLine(t *testing.T) {
	s, _ := start(t, dbtest.SQLite(t), nil)
	beside(t, s)
	waypost := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := run(t, "", append([]string{"policy"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s %s", args, code, want, out, errs)
		}
		return out + errs
	}
	for _, want := range []string{"policy.company", "promise:told", "nothing was published yet"} {
		if out := waypost(exitFailed, "check"); !strings.Contains(out, want) {
			t.Errorf("check doesn't name %s: %s", want, out)
		}
	}
	if out := waypost(exitOK, "list"); !strings.Contains(out, "Nothing was published yet.") {
		t.Errorf("list: %s", out)
	}
	if out := waypost(exitOK, "publish"); !strings.Contains(out, "Published version 1") {
		t.Errorf("publish: %s", out)
	}
	if out := waypost(exitFailed, "publish"); !strings.Contains(out, "Nothing has changed since version 1.") {
		t.Errorf("publish again: %s", out)
	}
	t.Setenv("WAYPOST_POLICY__HOSTING__NAME", "Reed Clouds")
	if out := waypost(exitOK, "diff"); !strings.Contains(out, "+ Hosting: Reed Clouds · What they get") {
		t.Errorf("diff: %s", out)
	}
	if out := waypost(exitFailed, "publish"); !strings.Contains(out, "a new recipient: hosting Reed Clouds") {
		t.Errorf("publish what lessens rights at once: %s", out)
	}
	from := time.Now().Add(policy.Notice + 48*time.Hour).Format(time.DateOnly)
	if out := waypost(exitOK, "publish", "--from", from); !strings.Contains(out, "applies from "+from) {
		t.Errorf("publish later: %s", out)
	}
	waypost(exitFailed, "publish", "--from", "tomorrow")
	var all []published
	if err := json.Unmarshal([]byte(waypost(exitOK, "list", "--json")), &all); err != nil || len(all) != 2 || len(all[0].Lessens) != 1 {
		t.Errorf("list: %+v, %v", all, err)
	}
	if out := waypost(exitOK, "show", "--lang", "zh"); !strings.Contains(out, "谁会得到数据") {
		t.Errorf("show: %s", out)
	}
}
