package member

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// A hookFormView is the form of an endpoint.
type hookFormView struct {
	Title, Lead, Wrong string
	Action, Go         string
	New                bool // an address or an inspector is chosen only then
	Inspect            bool
	Name, URL          field
	Form, Schedule     field
	Key                field // without choices, no key signs
	Ed25519            bool
	Kinds              []choice
	Status, Sources    []choice
	Tags               field
	FilterWrong        string
	Back               link
}

// serveNewHook serves GET /developer/webhooks/new.
func (p *Pages) serveNewHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	return p.hookFormPage(w, r, p.blank(r), s, webhook.Endpoint{}, true)
}

func (p *Pages) hookFormPage(w http.ResponseWriter, r *http.Request, f *form, s hooks, e webhook.Endpoint, isNew bool) error {
	view := hookFormView{
		Title: f.say("hook.new"), Lead: f.say("hook.new_lead"), Wrong: f.wrong[""], Action: r.URL.Path, Go: f.say("hook.make"),
		New: isNew, Inspect: f.text("to") == "inspector" || e.Inspect, Ed25519: f.text("ed25519") != "", FilterWrong: f.wrong["filter"],
		Name: f.field("name", "text", "hook.name", "off").optional(), URL: f.field("url", "url", "hook.url", "off").optional(),
		Tags: f.field("tags", "text", "hook.tags", "off").optional(), Back: s.back(f, "/webhooks", "hook.title"),
	}
	view.Name.Max, view.URL.Max = 100, 2000
	if !isNew {
		view.Title, view.Lead, view.Go = f.say("hook.edit_title", "name", called(f, e)), f.say("hook.edit_lead"), f.say("form.save")
		view.Back = link{s.of(e.ID, ""), called(f, e)}
	}
	var forms, schedules []choice
	for _, one := range webhook.Forms {
		forms = append(forms, choice{string(one), f.say("hook.form." + formWord(one)), f.text("form") == string(one)})
	}
	for _, one := range webhook.Schedules {
		schedules = append(schedules, choice{string(one), f.say("hook.schedule." + string(one)), f.text("schedule") == string(one)})
	}
	view.Form, view.Schedule = f.field("form", "", "hook.form", "off").of(forms), f.field("schedule", "", "hook.schedule", "off").of(schedules)
	for _, k := range webhook.Kinds {
		view.Kinds = append(view.Kinds, f.tick("kind", string(k), "hook.kind."+string(k)))
	}
	for _, m := range status.Mains {
		view.Status = append(view.Status, f.tick("status", string(m), "group."+string(m)))
	}
	for _, one := range webhook.Sources {
		view.Sources = append(view.Sources, f.tick("source", string(one), "hook.source."+string(one)))
	}
	keys, err := s.signers(r, f)
	if err != nil {
		return err
	}
	view.Key = f.field("key", "", "hook.key", "off").of(keys)
	return p.hookForm.Reply(w, r, f.status(), f.reader, titled(view.Title, "developer", asked(r)), view)
}

// tick is one of several boxes.
func (f *form) tick(name, value, label string) choice {
	return choice{value, f.say(label), slices.Contains(f.values[name], value)}
}

// noKey stands for none where one is chosen.
const noKey = "none"

// signers are the keys that can make the compatible signature; none where there
// is no choice.
func (s hooks) signers(r *http.Request, f *form) ([]choice, error) {
	keys, err := s.programs.Store.List(r.Context(), s.owner)
	if err != nil {
		return nil, err
	}
	all := []choice{{noKey, f.say("hook.key_none"), f.text("key") == ""}}
	for _, k := range slices.DeleteFunc(keys, func(k quota.Key) bool { return !k.Signs || !k.Revoked.IsZero() }) {
		all = append(all, choice{string(k.ID), k.Name, f.text("key") == string(k.ID)})
	}
	if len(all) == 1 {
		return nil, nil
	}
	return all, nil
}

// hookSettings are what a form says of an endpoint.
func hookSettings(f *form) webhook.Settings {
	set := webhook.Settings{
		Name: f.text("name"), URL: f.text("url"), Inspect: f.text("to") == "inspector", Form: webhook.Form(f.text("form")),
		Schedule: webhook.Schedule(f.text("schedule")), Key: f.text("key"), Ed25519: f.text("ed25519") != "",
	}
	if set.Key == noKey {
		set.Key = ""
	}
	for _, v := range f.values["kind"] {
		set.Filter.Kinds = append(set.Filter.Kinds, webhook.Kind(v))
	}
	for _, v := range f.values["status"] {
		set.Filter.Status = append(set.Filter.Status, status.Main(v))
	}
	for _, v := range f.values["source"] {
		set.Filter.Sources = append(set.Filter.Sources, watch.Source(v))
	}
	for tag := range strings.SplitSeq(f.text("tags"), ",") {
		set.Filter.Tags = append(set.Filter.Tags, tag)
	}
	return set
}

// newHook serves POST /developer/webhooks/new: to (address or inspector), name,
// url, form, schedule, key, ed25519, tags, and kind, status and source as often as
// wanted.
func (p *Pages) newHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	made, err := s.Create(r.Context(), s.owner, hookSettings(f))
	if err != nil {
		return again(f, err, func() error { return p.hookFormPage(w, r, f, s, webhook.Endpoint{}, true) })
	}
	return p.goTo(w, r, s.of(made.ID, "?done=made"))
}

// serveEditHook serves GET /developer/webhooks/{hook}/edit.
func (p *Pages) serveEditHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	f := p.blank(r)
	if !f.values.Has("form") {
		f.values = valuesOf(e.Settings)
	}
	return p.hookFormPage(w, r, f, s, e, false)
}

// valuesOf is an endpoint as its form has it.
func valuesOf(set webhook.Settings) url.Values {
	v := url.Values{
		"name": {set.Name}, "url": {set.URL}, "form": {string(set.Form)}, "schedule": {string(set.Schedule)}, "key": {set.Key},
		"tags": {strings.Join(set.Filter.Tags, ", ")},
	}
	if set.Ed25519 {
		v.Set("ed25519", "yes")
	}
	for _, one := range set.Filter.Kinds {
		v.Add("kind", string(one))
	}
	for _, one := range set.Filter.Status {
		v.Add("status", string(one))
	}
	for _, one := range set.Filter.Sources {
		v.Add("source", string(one))
	}
	return v
}

// editHook serves POST /developer/webhooks/{hook}/edit, with what newHook takes
// but to.
func (p *Pages) editHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	set := hookSettings(f)
	set.Inspect = e.Inspect
	if err := s.Change(r.Context(), s.owner, e.ID, set); fault.KindOf(err) == fault.NotFound {
		return err
	} else if err != nil {
		return again(f, err, func() error { return p.hookFormPage(w, r, f, s, e, false) })
	}
	return p.goTo(w, r, s.of(e.ID, "?done=edited"))
}

// filterWords says what an endpoint is told.
func filterWords(f *form, of webhook.Filter) string {
	var words []string
	for _, k := range of.Kinds {
		words = append(words, f.say("hook.kind."+string(k)))
	}
	for _, m := range of.Status {
		words = append(words, f.say("group."+string(m)))
	}
	for _, one := range of.Sources {
		words = append(words, f.say("hook.source."+string(one)))
	}
	words = append(words, of.Tags...)
	if len(words) == 0 {
		return f.say("hook.filter_none")
	}
	return strings.Join(words, " · ")
}

// A hookSecretView shows what deliveries are signed with.
type hookSecretView struct {
	Title, Done string
	Secrets     []hookSecret
	Ed25519     bool
	Key         bool // the compatible signature is made with a key for programs
	Rotate      string
	Back        link
}

type hookSecret struct{ Value, Public, Says string }

// serveHookSecret serves GET /developer/webhooks/{hook}/secret.
func (p *Pages) serveHookSecret(w http.ResponseWriter, r *http.Request, s hooks) error {
	f := p.blank(r)
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	view := hookSecretView{
		Title: f.say("hook.secret_title", "name", called(f, e)), Done: f.done(r, "hook.done."), Ed25519: e.Ed25519, Key: e.Key != "",
		Rotate: s.of(e.ID, "/rotate"), Back: link{s.of(e.ID, ""), called(f, e)},
	}
	for _, one := range e.Secrets {
		says := f.say("hook.secret_made", "day", f.reader.Day(one.Made))
		if !one.Ends.IsZero() {
			says = f.say("hook.secret_ends", "when", utc(f, one.Ends))
		}
		view.Secrets = append(view.Secrets, hookSecret{one.Value, one.Public(), says})
	}
	return p.hookSecret.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", s.of(e.ID, "/secret")), view)
}

// serveRotateHook serves GET /developer/webhooks/{hook}/rotate.
func (p *Pages) serveRotateHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	return p.rotateHookPage(w, r, p.blank(r), s)
}

func (p *Pages) rotateHookPage(w http.ResponseWriter, r *http.Request, f *form, s hooks) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	chosen := "day"
	if f.values.Has("overlap") {
		chosen = f.text("overlap")
	}
	var choices []choice
	for _, o := range overlaps {
		choices = append(choices, choice{o.value, f.say("key.overlap_for." + o.value), o.value == chosen})
	}
	return p.reply(w, r, f, "developer", formView{
		Title: f.say("key.rotate_title", "name", called(f, e)), Lead: f.say("hook.rotate_lead"), Points: []string{f.say("hook.rotate_sign")},
		Action: r.URL.Path, Fields: []field{f.field("overlap", "", "key.overlap", "off").of(choices)}, Go: f.say("key.rotate"),
		Below: []link{{s.of(e.ID, "/secret"), f.say("hook.secret")}},
	})
}

// rotateHook serves POST /developer/webhooks/{hook}/rotate: overlap.
func (p *Pages) rotateHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if _, err := s.Rotate(r.Context(), s.owner, hookOf(r), overlapOf(f)); fault.KindOf(err) == fault.NotFound {
		return err
	} else if err != nil {
		return again(f, err, func() error { return p.rotateHookPage(w, r, f, s) })
	}
	return p.goTo(w, r, s.of(hookOf(r), "/secret?done=rotated"))
}
