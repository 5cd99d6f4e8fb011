// Package visit is who comes to the pages: it reads a request's cookies once,
// at the door, sets and clears them, and refuses what another site's page makes
// a browser send. It knows which cookies there are and no page; what a session
// or a flow means is the account room's.
package visit

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
)

// Members is what the door needs of the account room. *account.Members has it.
type Members interface {
	Session(ctx context.Context, token account.Token) (account.Session, error)
	SignOut(ctx context.Context, token account.Token) error
	Of(id account.ID) (*account.Store, error)
}

// Options are what the door is made of.
type Options struct {
	URL     string // the address that people use; https makes cookies secure
	Members Members
	Sign    func(text string) string // keyed, the same on every replica; for what a cookie must not be made up
	Count   Counter                  // nil: the public pages have no limits
	Log     *slog.Logger
}

// A Door is where visits begin. It is safe for concurrent use.
type Door struct {
	members Members
	sign    func(string) string
	count   Counter
	https   bool
	url     string
	log     *slog.Logger
	heard   heard
}

// New makes the door.
func New(o Options) *Door {
	return &Door{members: o.Members, sign: o.Sign, count: o.Count, https: strings.HasPrefix(o.URL, "https://"), url: strings.TrimSuffix(o.URL, "/"), log: o.Log}
}

// URL is the address that people use, without a slash at its end.
func (d *Door) URL() string { return d.url }

// A Visit is one request's visitor.
type Visit struct {
	Session account.Session // the zero Session when nobody is signed in
	Profile account.Profile // of who is signed in
	From    account.From    // without the page's language, which the page knows
	NoSale  bool            // the browser says that its owner's data may not be sold or shared
	Proved  bool            // it was shown lately that the browser is no robot's
	Away    bool            // it shows a session of a region that can't be reached right now, so nobody is signed in
}

// SignedIn reports whether a member is.
func (v Visit) SignedIn() bool { return v.Session.ID != "" }

type key struct{}

// Of returns the visit that a request belongs to, a stranger's when Wrap has
// not seen it.
func Of(ctx context.Context) Visit {
	v, _ := ctx.Value(key{}).(Visit)
	return v
}

// Wrap finds out who comes, for next and for the frame of its pages.
func (d *Door) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := d.browser(r)
		v := Visit{From: account.From{Address: address(r), Browser: b.id, Agent: r.UserAgent()}, NoSale: refusesSale(r), Proved: b.isProved()}
		if token := d.token(r, sessionCookie); token != "" {
			err := d.recognise(r.Context(), &v, token)
			v.Away = account.Away(err)
			if err != nil && !v.Away {
				d.log.Error("session can't be read", "err", err)
				http.Error(w, "Waypost can't look up who you are just now. Please try again.", http.StatusServiceUnavailable)
				return
			}
			if !v.SignedIn() && !v.Away {
				d.clear(w, sessionCookie)
			}
		}
		ctx := context.WithValue(r.Context(), key{}, v)
		if v.SignedIn() && v.NoSale {
			d.hear(ctx, v)
		}
		switch {
		case v.Away:
			ctx = ui.WithWho(ctx, ui.Who{Away: true})
		case v.SignedIn():
			ctx = ui.WithWho(ctx, ui.Who{Name: v.Profile.Nickname, Lang: v.Profile.Language, Picture: v.Profile.Picture, Restricted: v.Profile.Restricted})
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// recognise fills in whose token it is; nobody's when it is over.
func (d *Door) recognise(ctx context.Context, v *Visit, token account.Token) error {
	session, err := d.members.Session(ctx, token)
	if err != nil {
		return unless(err, fault.Denied)
	}
	store, err := d.members.Of(session.Account)
	if err != nil {
		return err
	}
	profile, err := store.Profile(ctx, session.Account)
	if err != nil {
		return unless(err, fault.NotFound)
	}
	v.Session, v.Profile = session, profile
	return nil
}

// unless returns err, but nil when it is of a kind that only says no.
func unless(err error, no fault.Kind) error {
	if fault.KindOf(err) == no {
		return nil
	}
	return err
}

// address is where a request comes from, as the proxies that are trusted say.
func address(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// SignOut ends the visit's session, and takes its cookie away and what the
// browser knows.
func (d *Door) SignOut(w http.ResponseWriter, r *http.Request) error {
	token := d.token(r, sessionCookie)
	d.clear(w, sessionCookie)
	d.clear(w, flowCookie)
	if token == "" {
		return nil
	}
	return d.members.SignOut(r.Context(), token)
}

var errElsewhere = errors.New("another site's page sent this")

// Guard refuses what a page of another site makes a browser send, but for
// those patterns whose requests carry their own proof: a provider's callback,
// a one-click unsubscribe. refuse answers.
func Guard(next http.Handler, refuse func(w http.ResponseWriter, r *http.Request, err error), open ...string) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, pattern := range open {
		guard.AddInsecureBypassPattern(pattern)
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { refuse(w, r, errElsewhere) }))
	return guard.Handler(next)
}
