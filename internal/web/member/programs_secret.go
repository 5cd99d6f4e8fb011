package member

import (
	"net/http"
	"slices"
	"time"

	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/web/visit"
)

// A secretView shows a key's secret, this once.
type secretView struct {
	Title  string
	Name   string
	Secret string
	Old    string // until when the one before works, "" there is none
	Calls  []call
	Keys   link
}

// showSecret answers with a secret that was just made.
func (p *Pages) showSecret(w http.ResponseWriter, r *http.Request, f *form, s programs, made quota.Fresh, title string) error {
	view := secretView{Title: title, Name: made.Name, Secret: made.Secret, Calls: p.calls(f, made.Secret), Keys: s.back(f, "/keys", "key.title")}
	if len(made.Secrets) > 1 {
		view.Old = f.say("key.old_until", "when", utc(f, made.Secrets[1].Ends))
	}
	return p.secret.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", s.at("/keys")), view)
}

// serveRotate serves GET /developer/keys/{key}/rotate.
func (p *Pages) serveRotate(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	return p.rotatePage(w, r, p.blank(r), s)
}

func (p *Pages) rotatePage(w http.ResponseWriter, r *http.Request, f *form, s programs) error {
	k, err := s.Get(r.Context(), s.owner, keyOf(r))
	if err != nil {
		return p.noKey(w, r, s, err)
	}
	chosen := "week"
	if f.values.Has("overlap") {
		chosen = f.text("overlap")
	}
	var choices []choice
	for _, o := range overlaps {
		choices = append(choices, choice{o.value, f.say("key.overlap_for." + o.value), o.value == chosen})
	}
	return p.reply(w, r, f, "developer", formView{
		Title: f.say("key.rotate_title", "name", k.Name), Lead: f.say("key.rotate_lead"), Points: []string{lastUsed(f, []quota.Key{k}), f.say("key.rotate_same")},
		Action: r.URL.Path, Fields: []field{f.field("overlap", "", "key.overlap", "off").of(choices)}, Go: f.say("key.rotate"),
		Below: []link{s.back(f, "/keys", "key.title")},
	})
}

// rotateKey serves POST /developer/keys/{key}/rotate: overlap. It answers with
// the new secret, this once.
func (p *Pages) rotateKey(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	made, err := s.Rotate(r.Context(), s.owner, keyOf(r), overlapOf(f))
	if fault.KindOf(err) == fault.NotFound {
		return p.noKey(w, r, s, err)
	}
	if err != nil {
		return again(f, err, func() error { return p.rotatePage(w, r, f, s) })
	}
	return p.showSecret(w, r, f, s, made, f.say("key.rotated"))
}

// overlapOf is what was chosen; less than none, which is refused, when nothing was.
func overlapOf(f *form) time.Duration {
	for _, o := range overlaps {
		if o.value == f.text("overlap") {
			return o.length
		}
	}
	return -1
}

// serveEnd serves GET /developer/keys/{key}/secrets/{secret}/end: what it means.
func (p *Pages) serveEnd(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	return p.endPage(w, r, p.blank(r), s)
}

func (p *Pages) endPage(w http.ResponseWriter, r *http.Request, f *form, s programs) error {
	k, err := s.Get(r.Context(), s.owner, keyOf(r))
	if err != nil {
		return p.noKey(w, r, s, err)
	}
	i := slices.IndexFunc(k.Secrets, func(one quota.Secret) bool { return one.ID == secretOf(r) })
	if i < 0 {
		return p.noKey(w, r, s, errNoSecret)
	}
	used := f.say("key.unused")
	if at := k.Secrets[i].Used; !at.IsZero() {
		used = f.say("key.used", "when", utc(f, at))
	}
	return p.reply(w, r, f, "developer", formView{
		Title: f.say("key.end_title", "last", k.Secrets[i].Last), Lead: f.say("key.end_lead"), Points: []string{used},
		Action: r.URL.Path, Go: f.say("key.end"), Grave: true, Below: []link{s.back(f, "/keys", "key.title")},
	})
}

var errNoSecret = fault.New(fault.NotFound, "secret_missing", "That secret of the key has ended already.")

func secretOf(r *http.Request) quota.SecretID { return quota.SecretID(r.PathValue("secret")) }

// endSecret serves POST /developer/keys/{key}/secrets/{secret}/end.
func (p *Pages) endSecret(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	err = s.End(r.Context(), s.owner, keyOf(r), secretOf(r))
	if fault.KindOf(err) == fault.NotFound {
		return p.noKey(w, r, s, err)
	}
	if err != nil {
		return again(f, err, func() error { return p.endPage(w, r, f, s) })
	}
	return p.goTo(w, r, s.at("/keys?done=ended"))
}
