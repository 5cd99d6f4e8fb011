package staff

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
)

// actLawful serves POST /staff/lawful/{ref}: act, and what it needs. After it the
// request is shown again.
func (p *Pages) actLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleLawful); err != nil {
		return err
	}
	ref, by := r.PathValue("ref"), string(c.ID)
	do := map[string]func(context.Context) error{
		"check": func(ctx context.Context) error { return p.lawful.Requests.Check(ctx, ref, by, checksOf(r)) },
		"scope": func(ctx context.Context) error { return p.chooseLawful(ctx, r, c, ref) },
		"gag":   func(ctx context.Context) error { return p.gagLawful(ctx, r, c, ref) },
		"propose": func(ctx context.Context) error {
			return decided(c, func() error { return p.lawful.Requests.Propose(ctx, ref, by, revisionOf(r)) })
		},
		"approve": func(ctx context.Context) error {
			return decided(c, func() error { return p.lawful.Requests.Approve(ctx, ref, by, revisionOf(r)) })
		},
		"refuse": func(ctx context.Context) error {
			return decided(c, func() error { return p.lawful.Requests.Refuse(ctx, ref, by, lawful.Ground(text(r, "ground"))) })
		},
		"close": func(ctx context.Context) error { return p.lawful.Requests.Close(ctx, ref, by) },
	}[text(r, "act")]
	if do == nil {
		return p.say(w, r, http.StatusBadRequest, p.kit.Reader(r).Say("staff.no_act"))
	}
	if err := do(r.Context()); err != nil {
		return p.lawfulAgain(w, r, c, err)
	}
	return p.goTo(w, r, "/staff/lawful/"+ref)
}

// lawfulAgain shows a request again with what went wrong.
func (p *Pages) lawfulAgain(w http.ResponseWriter, r *http.Request, c account.Clerk, err error) error {
	if fault.KindOf(err) == fault.Denied {
		return err
	}
	return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.lawfulPage(w, r, c, status, wrong) })
}

// decided does what wants a code of the last ten minutes.
func decided(c account.Clerk, do func() error) error {
	if err := c.Must(account.DecideLawful); err != nil {
		return err
	}
	return do()
}

func checksOf(r *http.Request) (all []lawful.Check) {
	for _, c := range r.PostForm["check"] {
		all = append(all, lawful.Check(c))
	}
	return all
}

func revisionOf(r *http.Request) int64 {
	n, err := strconv.ParseInt(text(r, "revision"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// gagLawful says until when the person isn't told. The log is hushed before and
// heard after the request says so, so that a crash between tells nobody too early.
func (p *Pages) gagLawful(ctx context.Context, r *http.Request, c account.Clerk, ref string) error {
	g, err := gagOf(r)
	if err != nil {
		return err
	}
	if !g.Until.IsZero() {
		if err := p.staff.Hush(ctx, ref, g.Until); err != nil {
			return err
		}
	}
	if err := p.lawful.Requests.SetGag(ctx, ref, string(c.ID), g); err != nil {
		return err
	}
	return p.staff.Hush(ctx, ref, g.Until)
}

// chooseLawful finds whom a request is about and says what of them is given.
func (p *Pages) chooseLawful(ctx context.Context, r *http.Request, c account.Clerk, ref string) error {
	one, err := p.lawful.Requests.Get(ctx, ref)
	if err != nil {
		return err
	}
	scope := lawful.Scope{Narrower: text(r, "narrower") == "yes"}
	if scope.From, err = dayOf(r, "from"); err != nil {
		return err
	}
	if scope.To, err = dayOf(r, "to"); err != nil {
		return err
	}
	if !scope.To.IsZero() {
		scope.To = scope.To.AddDate(0, 0, 1) // it is the last day that is asked about
	}
	if scope.People, err = p.asked(ctx, c, one, text(r, "people")); err != nil {
		return err
	}
	for _, of := range p.lawful.Requests.Choices() {
		item := lawful.Item{Kind: of.Kind, Why: text(r, "why_"+string(of.Kind))}
		for _, f := range of.Fields {
			if slices.Contains(r.PostForm["field"], string(f.ID)) {
				item.Fields = append(item.Fields, f.ID)
			}
		}
		scope.Items = append(scope.Items, item)
	}
	return p.lawful.Requests.Choose(ctx, ref, string(c.ID), scope)
}

// asked are the accounts that are named, one a line: as their owners write their
// addresses, or by id. Each that wasn't named before is looked up for the request,
// which is written down.
func (p *Pages) asked(ctx context.Context, c account.Clerk, one lawful.Request, lines string) (people []inventory.Subject, err error) {
	if err := p.staff.Hush(ctx, one.Ref, one.Gag.Until); err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(lines) {
		named := strings.TrimSpace(line)
		if named == "" {
			continue
		}
		if n++; n > lawful.MostPeople {
			return make([]inventory.Subject, n), nil // refused as too many, and nobody more is looked up
		}
		if slices.Contains(one.People, inventory.Subject(named)) {
			people = append(people, inventory.Subject(named))
			continue
		}
		seen, err := p.staff.Find(ctx, c, named, account.Why{Matter: account.ForLawful, Ref: one.Ref})
		if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Invalid {
			return nil, errNobodyThere.With(n)
		}
		if err != nil {
			return nil, err
		}
		people = append(people, seen.Account.Subject())
	}
	return people, nil
}

type lawfulFileView struct {
	Ref, Passphrase, Hash, Ends string
	Key                         bool // it was encrypted for the authority's own key
}

// makeLawful serves POST /staff/lawful/{ref}/file: to. It makes the file for the
// authority, and shows once what opens it.
func (p *Pages) makeLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.DecideLawful); err != nil {
		return err
	}
	ref := r.PathValue("ref")
	passphrase, err := p.lawful.Requests.Make(r.Context(), ref, string(c.ID), text(r, "to"), p.lawful.Held)
	if err != nil {
		return p.lawfulAgain(w, r, c, err)
	}
	one, err := p.lawful.Requests.Get(r.Context(), ref)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := lawfulFileView{Ref: ref, Passphrase: passphrase, Key: passphrase == "", Hash: one.File.Hash, Ends: moment(reader, one.File.Ends)}
	return p.lawfulFile.Reply(w, r, http.StatusOK, reader, titled(reader.Say("lawful.made"), "/staff/lawful/"+ref), view)
}

// fetchLawful serves POST /staff/lawful/{ref}/fetch: the file for the authority,
// this once. That it is given is written down first.
func (p *Pages) fetchLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.DecideLawful); err != nil {
		return err
	}
	ref := r.PathValue("ref")
	one, err := p.lawful.Requests.Get(r.Context(), ref)
	if err != nil {
		return err
	}
	if err := one.Fetches(string(c.ID), time.Now()); err != nil {
		return p.lawfulAgain(w, r, c, err)
	}
	if err := p.staff.GiveOut(r.Context(), c, account.Why{Matter: account.ForLawful, Ref: ref}, one.People...); err != nil {
		return err
	}
	file, err := p.lawful.Requests.Fetch(r.Context(), ref, string(c.ID))
	if err != nil {
		return p.lawfulAgain(w, r, c, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+ref+`.json.age"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(file)
	return err
}
