package visit

import (
	"net/http"
	"net/url"
	"strings"

	"waypost/internal/account"
)

// A begun is what the flow's cookie holds, written flow~back~known~next. Tokens
// and marks have no ~ in them.
type begun struct {
	flow  account.Token // what goes on; "" nothing
	back  account.Token // who is back from a provider, and hasn't said what they want; "" nobody
	next  string        // where somebody goes on who is at a provider, which sends all back to one address; "" not said
	known []mark        // parcels that the browser has shown to know more of than the number, the latest first
}

// maxNext bounds the address, in bytes: a browser refuses a cookie of more than
// 4096 (RFC 6265bis, 5.5).
const maxNext = 1024

func (d *Door) begun(r *http.Request) begun {
	flow, rest, _ := strings.Cut(d.read(r, flowCookie), "~")
	back, rest, _ := strings.Cut(rest, "~")
	known, next, _ := strings.Cut(rest, "~")
	next, err := url.QueryUnescape(next)
	if err != nil {
		next = ""
	}
	return begun{account.Token(flow), account.Token(back), next, readKnown(known)}
}

// carry has the browser carry what was begun; nothing takes the cookie away.
func (d *Door) carry(w http.ResponseWriter, b begun) {
	if b.flow == "" && b.back == "" && b.next == "" && len(b.known) == 0 {
		d.clear(w, flowCookie)
		return
	}
	next := url.QueryEscape(b.next)
	if len(next) > maxNext {
		next = ""
	}
	d.set(w, flowCookie, string(b.flow)+"~"+string(b.back)+"~"+spellKnown(b.known)+"~"+next)
}

// Flow returns the token of what the browser has begun, "" nothing.
func (d *Door) Flow(r *http.Request) account.Token { return d.begun(r).flow }

// Begin has the browser carry a flow, and on with it who is back from a provider.
func (d *Door) Begin(w http.ResponseWriter, r *http.Request, flow account.Token) {
	was := d.begun(r)
	d.carry(w, begun{flow: flow, back: was.back, known: was.known})
}

// Send is Begin for somebody who leaves for a provider, and wants to next then.
func (d *Door) Send(w http.ResponseWriter, r *http.Request, flow account.Token, next string) {
	was := d.begun(r)
	d.carry(w, begun{flow: flow, back: was.back, next: next, known: was.known})
}

// Next returns where somebody wanted to who is back from a provider, "" not said.
// It is what the browser says: whoever goes there looks at it first.
func (d *Door) Next(r *http.Request) string { return d.begun(r).next }

// Return has the browser carry a flow in which somebody is back from a provider,
// while others begin and end beside it.
func (d *Door) Return(w http.ResponseWriter, r *http.Request, flow account.Token) {
	d.carry(w, begun{back: flow, known: d.begun(r).known})
}

// Returned returns the token of that flow, "" nobody is back.
func (d *Door) Returned(r *http.Request) account.Token { return d.begun(r).back }

// End has the browser forget the flow it carries, but not who is back.
func (d *Door) End(w http.ResponseWriter, r *http.Request) {
	was := d.begun(r)
	d.carry(w, begun{back: was.back, known: was.known})
}

// Forget has the browser forget all that was begun, but not what it knows.
func (d *Door) Forget(w http.ResponseWriter, r *http.Request) {
	d.carry(w, begun{known: d.begun(r).known})
}
