package visit_test

import (
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/limit"
	"waypost/internal/web/visit"
)

// sign stands in for a keyed hash.
func sign(text string) string {
	return "signed-" + strconv.Itoa(len(text)) + "-" + strconv.Quote(text)[1:4]
}

func door(t *testing.T, d *db.DB) *visit.Door {
	t.Helper()
	count, err := limit.Open(t.Context(), d, func(text string) string { return text })
	if err != nil {
		t.Fatal(err)
	}
	return visit.New(visit.Options{Sign: sign, Count: count, Log: slog.New(slog.DiscardHandler)})
}

// come is a request from an address with cookies, as the door sees it.
func come(d *visit.Door, address string, cookies []*http.Cookie, serve func(w http.ResponseWriter, r *http.Request)) []*http.Cookie {
	r := httptest.NewRequest(http.MethodGet, "/track", nil)
	r.RemoteAddr = address + ":1234"
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.Wrap(http.HandlerFunc(serve)).ServeHTTP(w, r)
	return w.Result().Cookies()
}

// exhaust looks parcels up until one has to wait, and returns how much that was.
func exhaust(t *testing.T, d *visit.Door, address string, cookies []*http.Cookie) (n int, more bool) {
	t.Helper()
	for wait := time.Duration(0); wait == 0; {
		come(d, address, cookies, func(_ http.ResponseWriter, r *http.Request) {
			var err error
			if wait, more, err = d.Charge(r, 11); err != nil {
				t.Fatal(err)
			}
		})
		n += 11
	}
	return n, more
}

// Who looks at passwords all day is stopped, their neighbours aren't.
func TestGradesAreCountedByNetwork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, data *db.DB) {
		d := door(t, data)
		grade := func(address string) (err error) {
			come(d, address, nil, func(_ http.ResponseWriter, r *http.Request) { err = d.ChargeGrade(r) })
			return err
		}
		n := 0
		for grade("192.0.2.1") == nil {
			n++
		}
		if n < 500 || n > 600 {
			t.Errorf("%d grades were given", n)
		}
		wantFault(t, grade("192.0.2.99"), "grade_often")
		if err := grade("198.51.100.1"); err != nil {
			t.Errorf("another network's: %v", err)
		}
	})
}

func solve(challenge string) string {
	for i := 0; ; i++ {
		if sum := sha256.Sum256([]byte(challenge + "." + strconv.Itoa(i))); sum[0] == 0 && sum[1] == 0 {
			return strconv.Itoa(i)
		}
	}
}

func prove(d *visit.Door, address, challenge, answer string) (cookies []*http.Cookie, err error) {
	cookies = come(d, address, nil, func(w http.ResponseWriter, r *http.Request) { err = d.Prove(w, r, challenge, answer) })
	return cookies, err
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}

// Who abuses the public pages uses up what their network may; who has shown
// that they are no robot has an allowance of their own.
func TestAbuseCostsTheAbuser(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		door := door(t, d)
		_, err := prove(door, "192.0.2.7", door.Challenge(), solve(door.Challenge())+"0")
		wantFault(t, err, "proof_over")
		challenge := door.Challenge()
		cookies, err := prove(door, "192.0.2.7", challenge, solve(challenge))
		if err != nil || len(cookies) != 1 || cookies[0].Name != "_yq_bid" {
			t.Fatalf("the right answer gives %v, %v", cookies, err)
		}
		if n, more := exhaust(t, door, "192.0.2.99", nil); n < 500 || n > 700 || !more {
			t.Errorf("the network was allowed %d, and a proof would help: %v", n, more)
		}
		if _, more := exhaust(t, door, "192.0.2.1", nil); !more {
			t.Error("a neighbour in the network isn't offered a proof")
		}
		if n, more := exhaust(t, door, "192.0.2.7", cookies); n < 500 || more {
			t.Errorf("who has proved it was allowed %d more, and would a proof help? %v", n, more)
		}
		if n, _ := exhaust(t, door, "198.51.100.3", nil); n < 500 {
			t.Errorf("another network was allowed %d only", n)
		}
	})
}

func TestAProofIsGoodForOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		door := door(t, d)
		challenge := door.Challenge()
		answer := solve(challenge)
		if _, err := prove(door, "192.0.2.7", challenge, answer); err != nil {
			t.Fatal(err)
		}
		_, err := prove(door, "192.0.2.8", challenge, answer)
		wantFault(t, err, "proof_over")
	})
}

func TestProofsThatAreNone(t *testing.T) {
	door := door(t, dbtest.Open(t, dbtest.SQLite(t)))
	challenge := door.Challenge()
	for _, tc := range []struct{ name, challenge, answer, want string }{
		{"no time has passed without an answer", challenge, "", "proof_early"},
		{"a wrong answer", challenge, "1", "proof_over"},
		{"an answer that is no number", challenge, "1e9", "proof_over"},
		{"a very long answer", challenge, "111111111111111111111", "proof_over"},
		{"no challenge", "", "1", "proof_over"},
		{"a challenge of one's own", "abc.def.ghi", "1", "proof_over"},
		{"a challenge that was changed", "x" + challenge, solve("x" + challenge), "proof_over"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cookies, err := prove(door, "192.0.2.7", tc.challenge, tc.answer)
			wantFault(t, err, tc.want)
			if len(cookies) > 0 {
				t.Errorf("the cookies %v were given", cookies)
			}
		})
	}
}

func TestABrowserThatNobodyGaveOut(t *testing.T) {
	door := door(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, value := range []string{"made-up", "a.b.c", "..", "a." + strconv.FormatInt(time.Now().Unix()/86400, 36) + ".signed"} {
		come(door, "192.0.2.7", []*http.Cookie{{Name: "_yq_bid", Value: value}}, func(_ http.ResponseWriter, r *http.Request) {
			if v := visit.Of(r.Context()); v.From.Browser != "" || v.Proved {
				t.Errorf("%q is taken for the browser %q, proved %v", value, v.From.Browser, v.Proved)
			}
		})
	}
}
