package visit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"waypost/internal/fault"
	"waypost/internal/limit"
)

// Counter is what the door needs to count with. *limit.Counter has it.
type Counter interface {
	Spend(ctx context.Context, l limit.Limit, of string, n int) (time.Duration, error)
}

// What the public pages allow within ten minutes. A page of forty numbers
// counts 11, so a network that shows nothing can look up two thousand numbers.
// Who needs more shows once that they are no robot, and has an allowance of
// their own from then on; what others of their network do is no matter.
var (
	networkLimit = limit.Limit{Name: "public network", Most: 600, Window: 10 * time.Minute}
	browserLimit = limit.Limit{Name: "public browser", Most: 600, Window: 10 * time.Minute}
	memberLimit  = limit.Limit{Name: "public member", Most: 1200, Window: 10 * time.Minute}
)

// gradeLimit is far more than people of one network type passwords, and what
// goes beyond it lacks a hint only.
var gradeLimit = limit.Limit{Name: "password grade", Most: 600, Window: 10 * time.Minute}

// Proving is done by work, which costs a script seconds, or by waiting, which
// costs nothing and so is there for few of a network at a time. A challenge is
// good for one.
const (
	ProofBits = 16 // leading zeros of a SHA-256: about 65,000 tries
	ProofWait = 20 * time.Second
	proofLife = 15 * time.Minute
)

var (
	onceLimit   = limit.Limit{Name: "proof", Most: 1, Window: time.Hour}
	waitedLimit = limit.Limit{Name: "proof by waiting", Most: 20, Window: 10 * time.Minute}
	workedLimit = limit.Limit{Name: "proof by work", Most: 300, Window: 10 * time.Minute}
)

var (
	errProof      = fault.New(fault.Invalid, "proof_over", "That took too long, or was used already. Please try again.")
	errProofEarly = fault.New(fault.Limited, "proof_early", "Please wait a few seconds more before you press the button.")
	errProofs     = fault.New(fault.Limited, "proof_often", "That was done too often from your network. Please try again in ten minutes.")
)

// Charge counts n of the public pages' allowance to whoever comes, and returns
// how long they have to wait when it is used up. more says that it would help
// to prove that they are no robot.
func (d *Door) Charge(r *http.Request, n int) (wait time.Duration, more bool, err error) {
	if d.count == nil {
		return 0, false, nil
	}
	v := Of(r.Context())
	l, of := networkLimit, network(v.From.Address)
	switch {
	case v.SignedIn():
		l, of = memberLimit, string(v.Session.Account)
	case v.Proved:
		l, of = browserLimit, v.From.Browser
	}
	wait, err = d.count.Spend(r.Context(), l, of, n)
	return wait, wait > 0 && l == networkLimit, err
}

var errGrades = fault.New(fault.Limited, "grade_often", "That was asked too often. The password is looked at when you send it.")

// ChargeGrade counts a look at how hard a password is to guess to whoever asks:
// a member, else their network. It fails when it was too often.
func (d *Door) ChargeGrade(r *http.Request) error {
	if d.count == nil {
		return nil
	}
	v := Of(r.Context())
	of := network(v.From.Address)
	if v.SignedIn() {
		of = string(v.Session.Account)
	}
	wait, err := d.count.Spend(r.Context(), gradeLimit, of, 1)
	if err == nil && wait > 0 {
		return errGrades
	}
	return err
}

// Challenge makes what a proof answers. It says nothing of anybody.
func (d *Door) Challenge() string {
	text := strconv.FormatInt(time.Now().Unix(), 36) + "." + rand.Text()
	return text + "." + d.sign("challenge "+text)
}

// Prove takes a challenge and its answer: digits that, behind it, make a
// SHA-256 with ProofBits leading zeros; "" for having waited ProofWait. From
// then on the browser has an allowance of its own, if it takes the cookie.
func (d *Door) Prove(w http.ResponseWriter, r *http.Request, challenge, answer string) error {
	id, made, ok := d.challenge(challenge)
	if !ok || time.Since(made) > proofLife {
		return errProof
	}
	how := workedLimit
	if answer == "" {
		if time.Since(made) < ProofWait {
			return errProofEarly
		}
		how = waitedLimit
	} else if !worked(challenge, answer) {
		return errProof
	}
	if wait, err := d.count.Spend(r.Context(), onceLimit, id, 1); err != nil || wait > 0 {
		return orNil(errProof, err)
	}
	if wait, err := d.count.Spend(r.Context(), how, network(Of(r.Context()).From.Address), 1); err != nil || wait > 0 {
		return orNil(errProofs, err)
	}
	b := d.browser(r)
	if b.id == "" {
		b.id = rand.Text()
	}
	b.proved = time.Now()
	d.set(w, browserCookie, d.write(b))
	return nil
}

// orNil returns err, and refusal when there is none.
func orNil(refusal *fault.Error, err error) error {
	if err != nil {
		return err
	}
	return refusal
}

// challenge reads what Challenge made.
func (d *Door) challenge(text string) (id string, made time.Time, ok bool) {
	at := strings.LastIndexByte(text, '.')
	if at < 0 || subtle.ConstantTimeCompare([]byte(text[at+1:]), []byte(d.sign("challenge "+text[:at]))) != 1 {
		return "", time.Time{}, false
	}
	when, id, _ := strings.Cut(text[:at], ".")
	seconds, err := strconv.ParseInt(when, 36, 64)
	return id, time.Unix(seconds, 0), err == nil
}

// worked reports whether an answer is right.
func worked(challenge, answer string) bool {
	const most = 20 // digits
	if len(answer) > most || strings.Trim(answer, "0123456789") != "" {
		return false
	}
	sum := sha256.Sum256([]byte(challenge + "." + answer))
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:])) >= ProofBits
}

// network is what an address is counted as: one subscriber, or one office.
func network(a netip.Addr) string {
	size := 24
	if a.Is6() {
		size = 48
	}
	p, err := a.Prefix(size)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
