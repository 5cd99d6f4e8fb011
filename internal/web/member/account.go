package member

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

type accountView struct {
	Wrong, Done string
	Member      string // since when
	Picture     bool
	Initial     string
	File        field
	Nickname    field
	Company     field
	Country     field
	Language    field
	Addresses   []address
	Missing     []link // kinds of address that can be added
	Awaited     []link // addresses that were asked for without a code from the one before
	Password    link
	PasswordSay string
	AppSay      string
	App         link
	Passkeys    []passkey
	CanPasskey  bool // whether one can be added
	Links       []linked
	CanLink     []link // providers that can be linked
	Alerts      string // where alerts are chosen, "" nowhere
	Programs    string // where keys of programs are, "" nowhere
	Devices     []device
	Others      bool // whether another device is signed in
	Looks       []string
	Newer       bool // the terms have changed since they were agreed to
}

type address struct {
	Kind, Icon, Value   string
	Main                bool
	CanMain, Removable  bool
	ChangeAt, RemovalAt string
}

type device struct {
	ID, Label, When string
	This            bool
}

// serveAccount serves GET /account.
func (p *Pages) serveAccount(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f := p.blank(r)
	f.values.Set("nickname", v.Profile.Nickname)
	f.values.Set("company", v.Profile.Company)
	f.values.Set("country", v.Profile.Country)
	f.values.Set("language", v.Profile.Language)
	return p.accountPage(w, r, f, v, s)
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	devices, err := s.Devices(r.Context(), v.Session)
	if err != nil {
		return err
	}
	if !f.values.Has("nickname") { // it was another part of the page that was sent
		for name, value := range map[string]string{"nickname": v.Profile.Nickname, "company": v.Profile.Company, "country": v.Profile.Country, "language": v.Profile.Language} {
			f.values.Set(name, value)
		}
	}
	ways, err := s.Ways(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	passkeys, err := p.passkeysOf(r.Context(), f, v, s)
	if err != nil {
		return err
	}
	links, canLink, err := p.linksOf(r, f, v)
	if err != nil {
		return err
	}
	view := accountView{
		Links: links, CanLink: canLink,
		Passkeys: passkeys, CanPasskey: p.passkeys,
		AppSay: f.say("app.none"), App: link{"/account/app", f.say("app.add")},
		Wrong:   f.wrong[""],
		Member:  f.say("account.since", "day", f.reader.Day(v.Profile.Created)),
		Picture: v.Profile.Picture, Initial: initial(v.Profile.Nickname),
		File:      f.file("picture", "account.picture_new", "image/png,image/jpeg,image/webp,image/gif"),
		Nickname:  f.field("nickname", "text", "account.nickname", "nickname"),
		Company:   f.field("company", "text", "account.company", "organization").optional(),
		Country:   f.field("country", "", "account.country", "country").of(p.choices(f.reader, f.text("country"))),
		Language:  f.field("language", "", "account.language", "off").of(p.languages(f.text("language"))),
		Addresses: addresses(v.Profile),
		Password:  link{"/account/password", f.say("password.set")}, PasswordSay: f.say("account.no_password"),
		Others: len(devices) > 1,
	}
	if key := "done." + r.URL.Query().Get("done"); r.Method == http.MethodGet && f.reader.Has(key) {
		view.Done = f.say(key)
	}
	if p.messages != nil {
		view.Alerts = "/account/alerts"
	}
	if p.quotas != nil {
		view.Programs = "/developer"
	}
	if len(v.Profile.Contacts) == 0 {
		view.PasswordSay = f.say("account.no_address")
	}
	if v.Profile.Password {
		view.Password.Label, view.PasswordSay = f.say("password.change"), f.say("account.has_password")
	}
	if ways.App {
		view.AppSay, view.App.Label = f.say("app.there"), f.say("app.see")
	}
	if err := view.more(r, f, v, s); err != nil {
		return err
	}
	for _, d := range devices {
		view.Devices = append(view.Devices, p.device(f, d))
	}
	if view.Looks, err = looks(r, f, v, s); err != nil {
		return err
	}
	if view.Newer, err = newerTerms(r.Context(), v, s); err != nil {
		return err
	}
	return p.mine.Reply(w, r, f.status(), f.reader, titled(f.say("account.title"), "account", "/account"), view)
}

// more fills in which addresses can be added, and which are awaited.
func (view *accountView) more(r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	for _, kind := range []account.ContactKind{account.Mail, account.Phone} {
		at := "/account/address/" + string(kind)
		if _, there := ofKind(v, kind); !there {
			view.Missing = append(view.Missing, link{at, f.say("address.add_" + string(kind))})
		}
		awaited, err := s.Awaited(r.Context(), v.Session.Account, kind)
		if err != nil {
			return err
		}
		if !awaited.IsZero() {
			view.Awaited = append(view.Awaited, link{at, f.say("address.awaited_short", "to", awaited.Value, "when", utc(f, awaited.From))})
		}
	}
	return nil
}

// looks are when somebody of the staff looked at the account, what for, and what
// they were shown.
func looks(r *http.Request, f *form, v visit.Visit, s *account.Store) (said []string, err error) {
	all, err := s.Looks(r.Context(), v.Session.Account)
	for _, l := range all {
		key, what := "looks.one", make([]string, len(l.Shown))
		for i, power := range l.Shown {
			key, what[i] = "looks.shown", f.say("staff.shows."+string(power))
		}
		said = append(said, f.say(key, "when", utc(f, l.At), "duty", f.say("staff.duty."+string(l.Duty)), "did", f.say("staff.deed."+string(l.Did)),
			"why", matter(f, l.Why), "what", strings.Join(what, f.say("list.comma"))))
	}
	return said, err
}

// matter is for what somebody looked, in the reader's language.
func matter(f *form, why string) string {
	sort, ref, _ := strings.Cut(why, " ")
	if key := "looks.matter." + sort; f.reader.Has(key) {
		return f.say(key, "ref", ref)
	}
	return why
}

// utc is a moment as its reader writes it, with its zone.
func utc(f *form, t time.Time) string { return f.say("date.utc", "moment", f.reader.Moment(t)) }

func (p *Pages) device(f *form, d account.Device) device {
	label := d.Label
	if label == "" {
		label = f.say("device.unknown")
	}
	return device{ID: d.ID, Label: label, This: d.This, When: f.say("device.when", "seen", f.reader.Day(d.Seen), "since", f.reader.Day(d.Created))}
}

func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return ""
}

// languages are those that Waypost speaks, and the account's own if it is another.
func (p *Pages) languages(chosen string) []choice {
	var all []choice
	known := false
	for _, w := range p.kit.Words() {
		all = append(all, choice{w.Lang, w.Name, w.Lang == chosen})
		known = known || w.Lang == chosen
	}
	if !known {
		all = append(all, choice{chosen, chosen, true})
	}
	return all
}

func addresses(of account.Profile) []address {
	var all []address
	for _, c := range of.Contacts {
		a := address{
			Kind: string(c.Kind), Icon: map[account.ContactKind]string{account.Mail: "mail", account.Phone: "phone"}[c.Kind],
			Value: c.Value, Main: c.Main, CanMain: !c.Main, Removable: len(of.Contacts) > 1,
			ChangeAt: "/account/address/" + string(c.Kind),
		}
		a.RemovalAt = a.ChangeAt + "/remove"
		all = append(all, a)
	}
	return all
}

// editProfile serves POST /account/profile.
func (p *Pages) editProfile(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	nickname, company, language := f.text("nickname"), f.text("company"), f.text("language")
	country := strings.ToUpper(f.text("country"))
	edit := account.Edit{Nickname: &nickname, Company: &company, Country: &country, Language: &language}
	if err := s.Edit(r.Context(), v.Session.Account, edit); err != nil {
		return again(f, err, func() error { return p.accountPage(w, r, f, v, s) })
	}
	if country != v.Profile.Country {
		p.door.Prefer(w, country)
	}
	return p.goTo(w, r, "/account?done=profile")
}

// editPicture serves POST /account/picture: a file picture, or remove=1.
func (p *Pages) editPicture(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	const memory = 1 << 20
	if err := r.ParseMultipartForm(memory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return asForm(err)
	}
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if f.text("remove") != "" {
		if err := s.RemovePicture(r.Context(), v.Session.Account); err != nil {
			return err
		}
		return p.goTo(w, r, "/account?done=picture")
	}
	page := func() error { return p.accountPage(w, r, f, v, s) }
	file, _, err := r.FormFile("picture")
	if err != nil {
		f.wrong["picture"] = f.say("account.no_file")
		return page()
	}
	defer file.Close() //nolint:errcheck // it was only read
	if err := s.SetPicture(r.Context(), v.Session.Account, file); err != nil {
		return again(f, err, page)
	}
	return p.goTo(w, r, "/account?done=picture")
}

// servePicture serves GET /account/picture, to its owner only.
func (p *Pages) servePicture(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	png, err := s.Picture(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	if len(png) == 0 {
		return errNoPicture
	}
	sum := sha256.Sum256(png)
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(png)))
	return nil
}

var errNoPicture = fault.New(fault.NotFound, "picture_missing", "There is no picture.")

// revoke serves POST /account/devices: device, or others=1.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if f.text("others") != "" {
		err = s.RevokeOthers(r.Context(), v.Session)
	} else {
		err = s.Revoke(r.Context(), v.Session, f.text("device"))
	}
	if err != nil && codeOf(err) != "device_missing" { // it is signed out already
		return err
	}
	return p.goTo(w, r, "/account?done=devices")
}

// serveDeactivate serves GET /account/deactivate: what happens then.
func (p *Pages) serveDeactivate(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.deactivatePage(w, r, p.blank(r), v)
}

func (p *Pages) deactivatePage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	touches, err := p.reviewed(r, f, v, false)
	if err != nil {
		return err
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("deactivate.title"), Lead: f.say("deactivate.lead"),
		Points: []string{f.say("deactivate.out"), f.say("deactivate.kept"), f.say("deactivate.back")}, Parts: []part{touches},
		Action: "/account/deactivate", Go: f.say("deactivate.go"), Grave: true, Below: []link{p.toAccount(f)},
	})
}

// deactivate serves POST /account/deactivate.
func (p *Pages) deactivate(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.Deactivate(r.Context(), v.Session, from(v.From, f)); err != nil {
		return again(f, err, func() error { return p.deactivatePage(w, r, f, v) })
	}
	if err := p.door.SignOut(w, r); err != nil && codeOf(err) != "session_over" {
		return err
	}
	view := formView{Title: f.say("deactivated.title"), Lead: f.say("deactivated.lead"), To: &link{"/", f.say("waiting.go")}}
	return p.form.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "", "/"), view)
}
