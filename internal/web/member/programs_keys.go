package member

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// A keysView is the list of keys.
type keysView struct {
	Title   string
	Done    string
	Wrong   string
	Restore string // where what was revoked just now is restored, "" nothing was
	New     string // where one is made, "" who looks may not
	Keys    []key
	Back    link
}

// A key is one as the list shows it.
type key struct {
	Name    string
	Signs   bool
	Test    bool
	Scopes  string
	From    string
	Used    string
	Secrets []secret
	Revoked string // until when it can be restored, "" it isn't revoked
	Href    string // "" who looks may not change it
}

type secret struct {
	Text string
	End  string // where it is ended, "" it is the newest
	Last string
}

// serveKeys serves GET /developer/keys.
func (p *Pages) serveKeys(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	return p.keysPage(w, r, p.blank(r), s)
}

func (p *Pages) keysPage(w http.ResponseWriter, r *http.Request, f *form, s programs) error {
	keys, err := s.List(r.Context(), s.owner)
	if err != nil {
		return err
	}
	view := keysView{Title: f.say("key.title"), Wrong: f.wrong[""], Back: s.back(f, "", "programs.title")}
	if s.manages {
		view.New = s.at("/keys/new")
	}
	if done := "key.done." + r.URL.Query().Get("done"); r.Method == http.MethodGet && f.reader.Has(done) {
		view.Done = f.say(done)
	}
	for _, k := range keys {
		shown := p.keyRow(f, s, k)
		if r.URL.Query().Get("key") == string(k.ID) && shown.Revoked != "" && s.manages {
			view.Restore = shown.Href + "/restore"
		}
		view.Keys = append(view.Keys, shown)
	}
	return p.keys.Reply(w, r, f.status(), f.reader, titled(view.Title, "developer", s.at("/keys")), view)
}

func (p *Pages) keyRow(f *form, s programs, k quota.Key) key {
	shown := key{
		Name: k.Name, Signs: k.Signs, Test: k.Test, Scopes: scopeWords(f, k.Scopes), From: f.say("key.anywhere"), Used: lastUsed(f, []quota.Key{k}),
	}
	if len(k.From) > 0 {
		shown.From = f.say("key.from_some", "list", rangesText(k.From, ", "))
	}
	if s.manages {
		shown.Href = s.at("/keys/" + string(k.ID))
	}
	if !k.Revoked.IsZero() {
		shown.Revoked = f.say("key.revoked", "when", utc(f, k.Revoked.Add(quota.UndoFor)))
		return shown
	}
	for i, one := range k.Secrets {
		text := f.say("key.secret", "last", one.Last, "day", f.reader.Day(one.Made))
		if i == 0 {
			shown.Secrets = append(shown.Secrets, secret{Text: text, Last: one.Last})
			continue
		}
		used := f.say("key.unused")
		if !one.Used.IsZero() {
			used = f.say("key.used", "when", utc(f, one.Used))
		}
		old := secret{Text: f.say("key.secret_old", "last", one.Last, "when", utc(f, one.Ends), "used", used), Last: one.Last}
		if s.manages {
			old.End = shown.Href + "/secrets/" + string(one.ID) + "/end"
		}
		shown.Secrets = append(shown.Secrets, old)
	}
	return shown
}

func scopeWords(f *form, scopes []quota.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = f.say("key.scope." + string(s))
	}
	return strings.Join(words, " · ")
}

func rangesText(ranges []quota.Range, between string) string {
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = r.String()
	}
	return strings.Join(words, between)
}

// A keyView is the form of a key.
type keyView struct {
	Title, Lead, Wrong string
	Action, Go         string
	Name               field
	Scopes             []choice
	ScopesWrong        string
	From               field
	New                bool // whether it signs, and is for tests, is asked only then
	Signs, Test        bool
	Back               link
}

// serveNewKey serves GET /developer/keys/new.
func (p *Pages) serveNewKey(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	return p.keyPage(w, r, p.blank(r), v, s, true)
}

func (p *Pages) keyPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s programs, isNew bool) error {
	if !f.values.Has("name") && !f.values.Has("scope") {
		f.values["scope"] = []string{string(quota.Read), string(quota.Write)}
	}
	view := keyView{
		Title: f.say("key.new"), Lead: f.say("key.new_lead"), Wrong: f.wrong[""], Action: r.URL.Path, Go: f.say("key.make"),
		Name: f.field("name", "text", "key.name", "off"), ScopesWrong: f.wrong["scope"],
		From: f.field("from", "text", "key.from", "off").optional(),
		New:  isNew, Signs: f.text("signs") != "", Test: f.text("test") != "", Back: s.back(f, "/keys", "key.title"),
	}
	if !isNew {
		view.Title, view.Lead, view.Go = f.say("key.edit"), f.say("key.edit_lead"), f.say("form.save")
	}
	view.Name.Max = 80
	view.From.Hint += " " + f.say("key.from_here", "address", v.From.Address)
	for _, scope := range quota.Scopes {
		view.Scopes = append(view.Scopes, choice{string(scope), f.say("key.scope_long." + string(scope)), slices.Contains(f.values["scope"], string(scope))})
	}
	return p.key.Reply(w, r, f.status(), f.reader, titled(view.Title, "developer", asked(r)), view)
}

// settings are what a form says of a key.
func settings(f *form) (quota.Settings, error) {
	set := quota.Settings{Name: f.text("name")}
	for _, scope := range f.values["scope"] {
		set.Scopes = append(set.Scopes, quota.Scope(scope))
	}
	var err error
	set.From, err = quota.ParseRanges(f.text("from"))
	return set, err
}

// newKey serves POST /developer/keys/new: name, scope as often as wanted, from,
// signs, test. It answers with the secret, this once.
func (p *Pages) newKey(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.keyPage(w, r, f, v, s, true) }
	set, err := settings(f)
	if err != nil {
		return again(f, err, page)
	}
	makes := s.Make
	if f.text("test") != "" {
		makes = s.MakeTest
	}
	made, err := makes(r.Context(), s.owner, set, f.text("signs") != "")
	if err != nil {
		return again(f, err, page)
	}
	return p.showSecret(w, r, f, s, made, f.say("key.made"))
}

// serveKey serves GET /developer/keys/{key}.
func (p *Pages) serveKey(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	f := p.blank(r)
	k, err := s.Get(r.Context(), s.owner, keyOf(r))
	if err != nil {
		return p.noKey(w, r, s, err)
	}
	if !f.values.Has("name") {
		f.values = url.Values{"name": {k.Name}, "from": {rangesText(k.From, "\n")}}
		for _, scope := range k.Scopes {
			f.values.Add("scope", string(scope))
		}
	}
	return p.keyPage(w, r, f, v, s, false)
}

func keyOf(r *http.Request) quota.KeyID { return quota.KeyID(r.PathValue("key")) }

// editKey serves POST /developer/keys/{key}: name, scope as often as wanted, from.
func (p *Pages) editKey(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	set, err := settings(f)
	if err == nil {
		err = s.Edit(r.Context(), s.owner, keyOf(r), set)
	}
	if fault.KindOf(err) == fault.NotFound {
		return p.noKey(w, r, s, err)
	}
	if err != nil {
		return again(f, err, func() error { return p.keyPage(w, r, f, v, s, false) })
	}
	return p.goTo(w, r, s.at("/keys?done=edited"))
}

// noKey answers who asks for a key that isn't there.
func (p *Pages) noKey(w http.ResponseWriter, r *http.Request, s programs, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return p.over(w, r, err, s.back(p.blank(r), "/keys", "key.title"))
}

// serveRevoke serves GET /developer/keys/{key}/revoke: what it means.
func (p *Pages) serveRevoke(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	f := p.blank(r)
	k, err := s.Get(r.Context(), s.owner, keyOf(r))
	if err != nil {
		return p.noKey(w, r, s, err)
	}
	return p.reply(w, r, f, "developer", formView{
		Title: f.say("key.revoke_title", "name", k.Name), Lead: f.say("key.revoke_lead"), Points: []string{lastUsed(f, []quota.Key{k}), f.say("key.revoke_undo")},
		Action: r.URL.Path, Go: f.say("key.revoke"), Grave: true, Below: []link{s.back(f, "/keys", "key.title")},
	})
}

// revokeKey serves POST /developer/keys/{key}/revoke.
func (p *Pages) revokeKey(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	if err := s.Revoke(r.Context(), s.owner, keyOf(r)); err != nil {
		return p.noKey(w, r, s, err)
	}
	return p.goTo(w, r, s.at("/keys?"+ui.Query(url.Values{"done": {"revoked"}, "key": {string(keyOf(r))}})))
}

// restoreKey serves POST /developer/keys/{key}/restore. Whose proof is too old
// shows it again, and comes back to the list.
func (p *Pages) restoreKey(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	if !v.Session.Fresh() {
		return p.goTo(w, r, through("/account/prove", s.at("/keys")))
	}
	if err := s.Restore(r.Context(), s.owner, keyOf(r)); err != nil {
		return p.noKey(w, r, s, err)
	}
	return p.goTo(w, r, s.at("/keys?done=restored"))
}

// overlaps are how long an old secret can go on beside a new one.
var overlaps = []struct {
	value  string
	length time.Duration
}{
	{"now", 0},
	{"hour", time.Hour},
	{"day", 24 * time.Hour},
	{"three_days", 3 * 24 * time.Hour},
	{"week", 7 * 24 * time.Hour},
	{"two_weeks", 14 * 24 * time.Hour},
	{"month", 30 * 24 * time.Hour},
}
