package member

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"waypost/internal/account/provider"
	"waypost/internal/fault"
)

// revoking is where a provider tells that somebody ended it there, or wants what
// came from there deleted, in a form that it has signed: Facebook's deauthorize
// and data deletion callbacks.
const revoking = "POST /signin/with/{provider}/revoke"

// revokeLink serves POST /signin/with/{provider}/revoke. The answer is the one
// that Facebook wants: where the person reads what became of it.
func (p *Pages) revokeLink(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return asForm(err)
	}
	code := providerOf(r)
	if err := p.members.Revoke(r.Context(), code, r.PostForm); err != nil {
		return err
	}
	receipt := p.receipt(code, time.Now().UTC().Format(receiptDay)+rand.Text())
	at := strings.TrimSuffix(p.url, "/") + "/signin/with/" + string(code) + "/revoked/" + receipt
	return replyJSON(w, http.StatusOK, map[string]string{"url": at, "confirmation_code": receipt})
}

const (
	receiptDay  = "20060102"
	receiptMark = 20 // characters at its end that show that it was given out
)

// receipt makes a request's number of its day and something random: letters and
// digits, with a mark, so that none can be made up. What was asked is done before
// a number is given out, so nothing is stored.
func (p *Pages) receipt(code provider.Code, begins string) string {
	mark := sha256.Sum256([]byte(p.sign("receipt " + string(code) + " " + begins)))
	return begins + hex.EncodeToString(mark[:receiptMark/2])
}

var errNoReceipt = fault.New(fault.NotFound, "receipt", "There is no request with this number.")

// serveRevoked serves GET /signin/with/{provider}/revoked/{receipt}.
func (p *Pages) serveRevoked(w http.ResponseWriter, r *http.Request) error {
	given := r.PathValue("receipt")
	begins := given[:max(len(given)-receiptMark, 0)]
	day, err := time.Parse(receiptDay, begins[:min(len(begins), len(receiptDay))])
	if err != nil || subtle.ConstantTimeCompare([]byte(given), []byte(p.receipt(providerOf(r), begins))) != 1 {
		return p.over(w, r, errNoReceipt)
	}
	o, err := p.members.Offer(providerOf(r))
	if err != nil {
		return p.notWith(w, r, err)
	}
	f := p.blank(r)
	return p.reply(w, r, f, "", formView{
		Title: f.say("revoked.title", "provider", o.Name), Lead: f.say("revoked.lead", "day", f.reader.Day(day)),
		Points: []string{f.say("revoked.gone", "provider", o.Name), f.say("revoked.last", "provider", o.Name), f.say("revoked.account")},
		Below:  []link{{"/signin", f.say("nav.signin")}},
	})
}
