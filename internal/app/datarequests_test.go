package app

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/request"
)

// The whole life of a request on both sides, in a browser. Who has no account fills
// in the form with the keyboard alone; a clerk takes it, asks back, and answers. A
// member objects in Chinese, and is refused on a ground. Each step is in a letter.
func TestTheLifeOfARequest(t *testing.T) {
	t.Parallel()
	s, base := start(t, dbtest.SQLite(t), nil)
	deliver(t, s)
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	ctx := browser(t)
	bea := &walker{t: t, ctx: ctx, base: base, hand: keyboard{}}
	staff := &walker{t: t, ctx: ctx, base: base, hand: mouse{}}

	bea.open("/privacy/request")
	bea.choose("#kind", "To know what is held")
	bea.choose("#person", "Receiver of a parcel")
	bea.fill("#contact", "bea@buyer.example")
	bea.fill("#text", "What do you hold of the parcel of last week?")
	bea.press("main button[type=submit]")
	bea.reads("Enter the six digits")
	bea.fill("#code", regexp.MustCompile(`\d{6}`).FindString(mailed(t, s, `\d{6} is your`)))
	bea.press("main form button.sign")
	bea.reads("Your request is sent")
	page := mailed(t, s, `/privacy/request/default\.\S+`)
	number := regexp.MustCompile(`R-[0-9A-Z]{8}`).FindString(mailed(t, s, `We have your request R-\S+`))

	g.be(ctx, "waypost_staff", g.clerk(account.Privacy))
	staff.open("/staff")
	staff.press(`main a[href="/staff/requests"]`)
	staff.press(`main a[href="/staff/requests/` + number + `"]`)
	staff.press("button[value=take]")
	staff.reads("It is in your hands now")
	staff.fill("#ask-text", "Which number did it have?")
	staff.press("button[value=ask]")
	staff.reads("the clock stands")
	mailed(t, s, "Which number did it have")

	bea.open(page)
	bea.reads("Which number did it have?")
	bea.fill("#text", "RR409172635CA")
	bea.press("button[value=answer]")
	bea.reads("Your answer is sent")

	staff.open("/staff/requests/" + number)
	staff.reads("RR409172635CA")
	staff.choose("#how", "knew what only they and we know")
	staff.press("button[value=verify]")
	staff.reads("Noted how they showed who they are")
	staff.fill("#finish-text", "Of a parcel nobody is kept who receives it.")
	staff.press("button[value=finish]")
	staff.reads("The answer is on its way")
	mailed(t, s, "Of a parcel nobody is kept")
	bea.open(page)
	bea.reads("Of a parcel nobody is kept who receives it.")

	mia := newMember(t, s, "mia@mail.example")
	g.be(ctx, "waypost_session", mia.token)
	member := &walker{t: t, ctx: ctx, base: base, hand: keyboard{}}
	member.open("/my-data/requests?lang=zh")
	member.choose("#kind", "反对某种使用")
	member.fill("#text", "请不要统计我的查询。")
	member.press("main form button.sign")
	member.reads("您的请求已提交")
	own := ask[string](t, ctx, `location.pathname`)
	staff.open("/staff/requests/" + strings.TrimPrefix(own, "/my-data/requests/"))
	staff.reads("请不要统计我的查询。")
	staff.choose("#ground", "compelling grounds outweigh (GDPR Art. 21(1))")
	staff.fill("#refuse-text", "The counts keep the site up.")
	staff.press("button[value=refuse]")
	staff.reads("The refusal is on its way")
	if letter := mailed(t, s, `(?s)无法满足.*GDPR Art\. 21\(1\).*The counts keep the site up.*12377`); letter == "" {
		t.Error("no letter refuses in her language")
	}
	member.open(own + "?lang=zh")
	member.reads("已拒绝：有更为重大的正当理由（GDPR Art. 21(1)）")
}

// be has the browser be somebody who is signed in.
func (g *gate) be(ctx context.Context, cookie string, token account.Token) {
	g.t.Helper()
	cookies := network.SetCookiesParams{Cookies: []*network.CookieParam{{Name: cookie, Value: string(token), URL: g.base + "/staff"}}}
	if _, err := chromedp.Call(ctx, network.SetCookies, cookies); err != nil {
		g.t.Fatal(err)
	}
}

// raise is a member's request.
func (g *gate) raise(p person, k request.Kind) request.Number {
	g.t.Helper()
	return must(g.s.dataRequests.Raise(g.t.Context(), p.Account, request.Wish{Kind: k, Lang: "en", Text: "All that you hold of me, please."}))(g.t)
}

// outside is a request of somebody without an account, and what opens its page.
func (g *gate) outside(k request.Kind) (request.Request, account.Token) {
	g.t.Helper()
	contact := account.Contact{Kind: account.Mail, Value: "bea@buyer.example"}
	flow := must(g.s.people.members.Ask(g.t.Context(), contact, []byte("{}"), somewhere()))(g.t)
	var token account.Token
	err := g.s.people.members.Asked(g.t.Context(), flow, codeOf(g.t, g.s, flow), somewhere(), func(ctx context.Context, p account.Proven) (err error) {
		token, err = g.s.dataRequests.RaiseOutside(ctx, p, request.Wish{Kind: k, Person: request.Buyer, Text: "What do you hold of my parcel of last week?"})
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return must(g.s.dataRequests.ByToken(g.t.Context(), token))(g.t), token
}

func (g *gate) asking() sight {
	g.t.Helper()
	contact := account.Contact{Kind: account.Mail, Value: "bea@buyer.example"}
	return sight{path: "/privacy/request/code/" + string(must(g.s.people.members.Ask(g.t.Context(), contact, []byte("{}"), somewhere()))(g.t))}
}

// askedBack is the page of a request that waits for an answer.
func (g *gate) askedBack() sight {
	q, token := g.outside(request.Access)
	g.ok(g.s.dataRequests.Ask(g.t.Context(), account.Console(), q.Number, "Which number did the parcel have?"))
	return sight{path: "/privacy/request/" + string(token)}
}

// turnedDown is the page of a request that was refused.
func (g *gate) turnedDown() sight {
	q, token := g.outside(request.Delete)
	g.ok(g.s.dataRequests.Refuse(g.t.Context(), account.Console(), q.Number, request.LegalDuty, "An invoice of this year has to be kept until the end of 2036."))
	return sight{path: "/privacy/request/" + string(token)}
}

// requested are a member's requests.
func (g *gate) requested() sight {
	sc := g.scene("member", "{request}", true)
	back := g.raise(sc.member, request.Object)
	must(g.s.dataRequests.TakeBack(g.t.Context(), must(g.s.dataRequests.Own(g.t.Context(), sc.member.Account, back))(g.t)))(g.t)
	return sc.at("/my-data/requests")
}

// worked is a request as the staff sees it: of a member, and of who has no account.
func (g *gate) worked(outside bool) sight {
	sc := g.scene("privacy", "{request}", true)
	n := request.Number(sc.things["request"])
	if outside {
		q, _ := g.outside(request.Access)
		n = q.Number
	}
	g.ok(g.s.dataRequests.Note(g.t.Context(), account.Console(), n, "She called, too."))
	return sc.at("/staff/requests/" + string(n))
}

// posted is a letter to be printed.
func (g *gate) posted() sight {
	sc := g.scene("privacy", "", true)
	n := must(g.s.dataRequests.Enter(g.t.Context(), account.Console(), request.Entry{
		Wish: request.Wish{Kind: request.Delete, Person: request.Former, Lang: "zh", Text: "Delete me."}, Way: request.ByLetter, Reach: request.ToPost,
		Contact: "Bea Buyer\n1 Test Street\n00000 Nowhere", Received: time.Now().UTC(),
	}, g.s.cfg.Database.Home))(g.t)
	q := must(g.s.dataRequests.Read(g.t.Context(), account.Console(), n))(g.t)
	return sc.at("/staff/requests/" + string(n) + "/letters/" + q.Events[0].ID)
}

func (g *gate) ok(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}
