package recipient_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/mail"
	"waypost/internal/mailtest"
	"waypost/internal/recipient"
	"waypost/internal/vault"
)

// mia is a member who is erased.
const mia inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"

// post is the mail server, whose operator has an address for such letters; birds a
// provider without one, and hook a program with an interface.
var (
	post  = recipient.Told{To: recipient.To{Party: inventory.MailServer}, Names: []string{"mia@mail.example"}}
	birds = recipient.Told{To: recipient.To{Party: inventory.SignIn, Which: "birds"}, Names: []string{"m-1"}}
	hook  = recipient.Told{To: recipient.To{Party: inventory.Receivers}, Names: []string{"https://shop.example"}, Call: json.RawMessage(`"tok3n"`)}
)

// A world is a region's notices, what they add as jobs, and a clock that can be
// moved on; a real receiver and a real mail server are told.
type world struct {
	*recipient.Store
	all   *recipient.Recipients
	t     *testing.T
	d     *db.DB
	keys  *vault.Vault
	jobs  int
	ahead time.Duration
	sink  *mailtest.Sink

	contacts map[recipient.To]string
	down     atomic.Bool // the receiver answers 503
	noWay    atomic.Bool // it has no interface after all
	called   []string
}

func (w *world) Add(_ context.Context, tx *db.Tx, events ...job.Args) error {
	tx.AfterCommit(func() { w.jobs += len(events) })
	return nil
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d, contacts: map[recipient.To]string{post.To: "privacy@post.example"}}
		w.sink = mailtest.Start(t, mailtest.Options{})
		receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if w.down.Load() {
				out.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			w.called = append(w.called, string(body))
		}))
		t.Cleanup(receiver.Close)
		sender, err := mail.New(mail.Options{From: "Heron Post <post@heron.example>", Server: w.sink.Addr, TLS: mail.Off}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
		if err != nil {
			t.Fatal(err)
		}
		if w.keys, err = vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring); err != nil {
			t.Fatal(err)
		}
		w.all, err = recipient.Open(t.Context(), recipient.Options{
			Regions: []recipient.Region{{Name: "eu", DB: d, Vault: w.keys, Jobs: w}},
			Contact: func(to recipient.To) string { return w.contacts[to] },
			Name:    func(recipient.To) string { return "Reed" },
			Mail:    sender, URL: "https://track.example", Lang: "en",
			Call: func(ctx context.Context, told recipient.Told, id string, _ time.Time) error {
				if w.noWay.Load() {
					return recipient.ErrNoWay
				}
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, receiver.URL, strings.NewReader(string(told.Call)+" "+id))
				if err != nil {
					return err
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					return err
				}
				answer.Body.Close() //nolint:errcheck // nothing is read
				if answer.StatusCode != http.StatusOK {
					return fault.New(fault.Unavailable, "receiver_down", "The receiver answers something else.")
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.all.SetClock(func() time.Time { return time.Now().Add(w.ahead) })
		if w.Store, err = w.all.Of(mia); err != nil {
			t.Fatal(err)
		}
		test(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// gathered is what is found of somebody.
func gathered(told ...recipient.Told) func(context.Context) ([]recipient.Told, error) {
	return func(context.Context) ([]recipient.Told, error) { return told, nil }
}

func (w *world) erase(told ...recipient.Told) {
	w.t.Helper()
	w.must(w.Begin(w.t.Context(), mia, gathered(told...)))
	w.must(w.Finish(w.t.Context(), mia))
}

// notice is the only one of a kind of service.
func (w *world) notice(party inventory.Party) recipient.Notice {
	w.t.Helper()
	all, err := w.Notices(w.t.Context())
	w.must(err)
	i := slices.IndexFunc(all, func(n recipient.Notice) bool { return n.Party == party })
	if i < 0 {
		w.t.Fatalf("no notice to %s: %+v", party, all)
	}
	return all[i]
}

func (w *world) counts(want recipient.Counts) {
	w.t.Helper()
	got, err := w.Counts(w.t.Context())
	w.must(err)
	if got != want {
		w.t.Errorf("counts %+v, want %+v", got, want)
	}
}

// letter is the text of the last letter, and what its link ends with.
func (w *world) letter() (text, id, secret string) {
	w.t.Helper()
	all := w.sink.Mails()
	if len(all) == 0 {
		w.t.Fatal("no letter came")
	}
	raw, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(all[len(all)-1].Raw)))
	w.must(err)
	link := regexp.MustCompile(`https://track\.example/told/([\w-]+)/(\w+)`).FindStringSubmatch(string(raw))
	if link == nil {
		w.t.Fatalf("the letter has no link: %s", raw)
	}
	return string(raw), link[1], link[2]
}

// Every service is told, again until it takes it, and what stays names nobody.
func TestEveryServiceIsToldUntilItConfirms(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.down.Store(true)
		w.erase(post, birds, hook)
		if w.jobs != 1 {
			t.Errorf("%d jobs were added, want one that tells", w.jobs)
		}
		w.must(w.all.Erased(t.Context(), recipient.Erased{Region: "eu"}))
		w.counts(recipient.Counts{Open: 3, Escalated: 1})

		if n := w.notice(inventory.Receivers); n.Problem != "receiver_down" || !n.Confirmed.IsZero() {
			t.Errorf("the receiver that is down: %+v", n)
		}
		w.must(w.Tell(t.Context()))
		if len(w.called) != 0 {
			t.Fatal("called before its time")
		}
		w.down.Store(false)
		w.ahead = 90 * time.Second
		w.must(w.Tell(t.Context()))
		n := w.notice(inventory.Receivers)
		if len(w.called) != 1 || w.called[0] != `"tok3n" `+n.ID || n.How != recipient.HowCall || n.Confirmed.IsZero() {
			t.Errorf("called %q, notice %+v", w.called, n)
		}

		text, id, secret := w.letter()
		if !strings.Contains(text, "mia@mail.example") || !strings.Contains(text, "To: privacy@post.example") && !strings.Contains(text, "To: <privacy@post.example>") {
			t.Errorf("the letter is %s", text)
		}
		for _, wrong := range []string{secret + "X", "", "x"} {
			if err := w.Confirm(t.Context(), id, wrong); !errors.Is(err, recipient.ErrOver) {
				t.Errorf("%q confirms: %v", wrong, err)
			}
		}
		if to, err := w.Open(t.Context(), id, secret); err != nil || to != post.To {
			t.Errorf("the link leads to %v, %v", to, err)
		}
		w.must(w.Confirm(t.Context(), id, secret))
		if err := w.Confirm(t.Context(), id, secret); !errors.Is(err, recipient.ErrOver) {
			t.Errorf("confirmed twice: %v", err)
		}

		by := w.notice(inventory.SignIn)
		if by.Way != recipient.ByHand || by.Escalated.IsZero() {
			t.Errorf("nobody can be written to: %+v", by)
		}
		l, err := w.Letter(t.Context(), by.ID)
		if err != nil || !slices.Contains(l.Paragraphs, "m-1") {
			t.Errorf("the letter for the staff is %+v, %v", l, err)
		}
		w.must(w.ConfirmBy(t.Context(), by.ID, "eu-clerk", "T-1"))
		w.counts(recipient.Counts{Confirmed: 3})
		for _, party := range []inventory.Party{inventory.MailServer, inventory.SignIn, inventory.Receivers} {
			w.namesNobody(w.notice(party).ID)
		}
	})
}

// namesNobody wants a notice to keep nothing, and its key to be destroyed.
func (w *world) namesNobody(id string) {
	w.t.Helper()
	var content []byte
	var hash, subject string
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(w.t.Context(), `SELECT content, hash, subject FROM erasure_notice WHERE id = $1`, id).Scan(&content, &hash, &subject)
	}))
	if len(content) > 0 || hash != "" || subject != "" {
		w.t.Errorf("notice %s still keeps %x %q %q", id, content, hash, subject)
	}
	if at, err := w.keys.Destroyed(w.t.Context(), inventory.Subject(id)); err != nil || at.IsZero() {
		w.t.Errorf("the key of %s is still there, %v", id, err)
	}
}

// A crash between erasing and telling loses no notice, and nobody is told of
// somebody who isn't erased.
func TestNobodyIsToldBeforeTheErasureAndNoNoticeIsLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(w.Begin(t.Context(), mia, gathered(post, hook)))
		w.must(w.Tell(t.Context()))
		w.ahead = time.Hour
		w.must(w.Tell(t.Context()))
		w.counts(recipient.Counts{})
		if len(w.called) != 0 || len(w.sink.Mails()) != 0 {
			t.Fatalf("told of somebody who isn't erased: %q, %d letters", w.called, len(w.sink.Mails()))
		}
		if err := w.Confirm(t.Context(), "eu-none", "x"); !errors.Is(err, recipient.ErrOver) {
			t.Errorf("confirms: %v", err)
		}

		left, err := w.Unfinished(t.Context(), time.Now(), 10) // as whoever takes over asks
		if err != nil || !slices.Equal(left, []inventory.Subject{mia}) {
			t.Fatalf("unfinished %v, %v", left, err)
		}
		w.must(w.Begin(t.Context(), mia, func(context.Context) ([]recipient.Told, error) {
			t.Error("what is left of her is gathered")
			return nil, nil
		}))
		w.must(w.Erase(t.Context(), mia)) // as every room is asked to
		w.must(w.Finish(t.Context(), mia))
		w.must(w.Finish(t.Context(), mia))
		w.must(w.Tell(t.Context()))
		if len(w.called) != 1 || len(w.sink.Mails()) != 1 {
			t.Errorf("told %q, %d letters, want one each", w.called, len(w.sink.Mails()))
		}
		if left, err := w.Unfinished(t.Context(), time.Now().Add(24*time.Hour), 10); err != nil || len(left) != 0 {
			t.Errorf("still unfinished: %v, %v", left, err)
		}
	})
}

func TestWhoDoesNotConfirmIsRemindedAndHandedToTheStaff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.erase(post)
		for week := range 6 {
			w.ahead = time.Duration(week) * 7 * 24 * time.Hour
			w.must(w.Tell(t.Context()))
			if n := w.notice(inventory.MailServer); n.Escalated.IsZero() != (week == 0) {
				t.Errorf("after %d weeks it was handed over at %v", week, n.Escalated)
			}
		}
		if n := len(w.sink.Mails()); n != 4 {
			t.Errorf("%d letters in six weeks, want four", n)
		}
		_, id, secret := w.letter()
		w.must(w.Confirm(t.Context(), id, secret))
		w.counts(recipient.Counts{Confirmed: 1})
	})
}

func TestAServiceWithoutAnInterfaceGetsALetter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.noWay.Store(true)
		told := birds
		told.Call = json.RawMessage(`{}`)
		w.erase(told)
		w.must(w.Tell(t.Context()))
		if n := w.notice(inventory.SignIn); n.Way != recipient.ByHand || n.Escalated.IsZero() {
			t.Fatalf("without an address: %+v", n)
		}
		w.contacts[birds.To] = "privacy@birds.example"
		w.must(w.Tell(t.Context()))
		w.letter()
		if n := w.notice(inventory.SignIn); n.Way != recipient.ByMail || !n.Escalated.IsZero() {
			t.Errorf("with an address: %+v", n)
		}
	})
}

func TestNoticesAreSealedAndGoWithTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.erase(post, birds)
		var dump string
		w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT content FROM erasure_notice WHERE party = 'mail'`).Scan(&dump)
		}))
		if strings.Contains(dump, "mia") {
			t.Errorf("it lies open: %q", dump)
		}
		all, err := w.Subjects(t.Context(), "", 10)
		if err != nil || len(all) != 2 {
			t.Fatalf("subjects %v, %v", all, err)
		}

		// A backup is restored in which a notice is open that was confirmed since.
		w.must(w.keys.Destroy(t.Context(), all[0]))
		w.must(w.Erase(t.Context(), all[0]))
		w.counts(recipient.Counts{Open: 1, Confirmed: 1, Escalated: w.escalatedBut(all[0])})
		w.namesNobody(string(all[0]))

		w.ahead = 4 * 365 * 24 * time.Hour
		gone, err := w.Expire(t.Context(), inventory.Purge{Now: time.Now().Add(w.ahead)})
		if err != nil || gone.Rows() != 2 {
			t.Errorf("%d expired, %v", gone.Rows(), err)
		}
		if at, err := w.keys.Destroyed(t.Context(), all[1]); err != nil || at.IsZero() {
			t.Errorf("the key of what nobody confirmed is still there, %v", err)
		}
	})
}

// escalatedBut is how many other notices than one are the staff's.
func (w *world) escalatedBut(id inventory.Subject) (n int) {
	w.t.Helper()
	all, err := w.Notices(w.t.Context())
	w.must(err)
	for _, one := range all {
		if one.ID != string(id) && !one.Escalated.IsZero() {
			n++
		}
	}
	return n
}

func TestEveryFieldIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) { dbtest.Declared(t, w.d, w.Fields()) })
}
