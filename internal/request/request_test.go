package request_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/request"
	"waypost/internal/vault"
)

// The whole life of a request of somebody without an account, with a letter at
// each step, and every act of the staff in their log.
func TestARequestFromTheFormToItsAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.outside(request.Access, "What do you hold of my parcel?")
		n := q.Number
		if q.State != request.Received || q.Clock.Left != 5 || q.Account() != "" {
			t.Fatalf("it is %+v", q)
		}
		if again := w.outside(request.Access, "What do you hold of my parcel?"); again.Number != n {
			t.Error("told twice, it is two requests")
		}

		w.ok(w.Give(t.Context(), pia, n, pia.ID, nil))
		wantFault(t, w.Finish(t.Context(), pia, n, "Nothing."), "request_unproved")
		w.ok(w.Ask(t.Context(), pia, n, "Which number did the parcel have?"))
		q = w.read(n)
		if q.State != request.Waiting || q.Question() != "Which number did the parcel have?" || !q.Clock.Stands {
			t.Fatalf("asked, it is %+v", q)
		}
		w.now = day("2026-03-09") // a week later
		q = must(w.Answer(t.Context(), q, "RR409172635CA"))(t)
		if q.State != request.Verifying || q.Clock.Stands || !q.Clock.Due.Equal(day("2026-03-16")) {
			t.Errorf("answered, it is %s and due %s, want to be verified, and five days more", q.State, q.Clock.Due)
		}
		w.ok(w.Verify(t.Context(), pia, n, request.ByFacts))
		w.ok(w.Note(t.Context(), pia, n, "Told the same on the phone."))
		w.ok(w.Finish(t.Context(), pia, n, "Of parcels nothing of you is held; of this request what you wrote."))
		q = w.read(n)
		if q.State != request.Done || q.Ended.IsZero() || q.Proof != request.ByFacts || q.Clerk != pia.ID {
			t.Errorf("done, it is %+v", q)
		}

		var steps []request.Step
		for _, l := range w.letters() {
			steps = append(steps, l.Step)
			if l.Contact != bea.Contact || l.Lang != "zh" || string(l.Token) != q.Token() {
				t.Errorf("the letter %s goes to %v in %s", l.Step, l.Contact, l.Lang)
			}
		}
		want := []request.Step{request.Came, request.Begun, request.Asked, request.Answered, request.Verified, request.DidDone}
		if !slices.Equal(steps, want) {
			t.Errorf("letters %v, want %v", steps, want)
		}
		for _, e := range q.Told() {
			if e.Step == request.Noted || e.Clerk != "" || e.Given != "" {
				t.Errorf("the person sees %+v", e)
			}
		}
		for _, err := range []error{w.Ask(t.Context(), pia, n, "More?"), w.Refuse(t.Context(), pia, n, request.Unfounded, "No.")} {
			wantFault(t, err, "request_state")
		}
		deeds := []account.Deed{
			request.DidTake, request.DidAsk, request.DidRead, request.DidVerify, request.DidNote, request.DidFinish, request.DidRead,
		}
		if got := w.deeds(q.Owner); !slices.Equal(got, deeds) {
			t.Errorf("the log has %v, want %v", got, deeds)
		}
	})
}

func TestARefusalHasOneOfTheGrounds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.raise(request.Delete, "All of it, please.")
		w.ok(w.Give(t.Context(), pia, n, pia.ID, nil))
		for _, g := range []request.Ground{"", "no_time", request.Compelling} {
			wantFault(t, w.Refuse(t.Context(), pia, n, g, "Because."), "request_ground")
		}
		wantFault(t, w.Refuse(t.Context(), pia, n, request.LegalDuty, " "), "request_text")
		w.ok(w.Refuse(t.Context(), pia, n, request.LegalDuty, "Two invoices of this year have to be kept."))
		letters := w.letters()
		l := letters[len(letters)-1]
		if l.Step != request.DidRefuse || l.Ground != request.LegalDuty || l.Text != "Two invoices of this year have to be kept." || l.Account != mia {
			t.Errorf("the letter is %+v", l)
		}
	})
}

func TestAMembersRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.raise(request.Object, "Don't count what I look up.")
		q := must(w.Own(t.Context(), mia, n))(t)
		if q.Verified.IsZero() || q.Proof != request.BySession || q.Account() != mia || q.Text != "Don't count what I look up." {
			t.Errorf("it is %+v", q)
		}
		if _, err := w.Own(t.Context(), "eu-0190d5a0-0000-7000-8000-000000000009", n); !errors.Is(err, request.ErrNone) {
			t.Errorf("somebody else sees it: %v", err)
		}
		w.ok(w.Give(t.Context(), pia, n, ida.ID, []account.Clerk{pia, ida}))
		wantFault(t, w.Give(t.Context(), pia, n, sam.ID, []account.Clerk{pia, ida}), "request_clerk")
		q = must(w.TakeBack(t.Context(), q))(t)
		if q.State != request.TakenBack || q.Ended.IsZero() {
			t.Errorf("taken back it is %s", q.State)
		}
		_, err := w.TakeBack(t.Context(), q)
		wantFault(t, err, "request_state")
		for range 10 {
			w.raise(request.Other, "One of many.")
		}
		_, err = w.Raise(t.Context(), mia, request.Wish{Kind: request.Other, Text: "One too many."})
		wantFault(t, err, "request_many")
		if all := must(w.OwnAll(t.Context(), mia))(t); len(all) != 11 {
			t.Errorf("%d requests, want 11", len(all))
		}
		for _, wish := range []request.Wish{{Kind: "sell", Text: "x"}, {Kind: request.Other, Text: "\n"}, {Kind: request.Other, Text: strings.Repeat("x", 4001)}} {
			if _, err := w.Raise(t.Context(), mia, wish); err == nil {
				t.Errorf("%+v is taken", wish)
			}
		}
	})
}

func TestARequestThatCameByLetterIsEntered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		home := func(string) string { return "nowhere" }
		post := "Bea Buyer\n1 Test Street\n00000 Nowhere"
		e := request.Entry{Wish: request.Wish{Kind: request.Delete, Person: request.Former, Lang: "en", Text: "Delete me."}, Way: request.ByLetter, Reach: request.ToPost, Contact: post, Received: day("2026-02-26")}
		n := must(w.Enter(t.Context(), pia, e, home))(t)
		q := w.read(n)
		if q.State != request.Verifying || q.Contact != post || q.Clock.Left != 3 {
			t.Errorf("it is %+v", q)
		}
		if len(w.told) != 0 {
			t.Error("a mail is to be sent to a house")
		}
		event := q.Events[0]
		if event.Letter != request.LetterPrint {
			t.Errorf("the letter is %q", event.Letter)
		}
		if l := must(w.Print(t.Context(), pia, n, event.ID))(t); l.Contact.Value != post || l.Step != request.Came {
			t.Errorf("printed is %+v", l)
		}
		w.ok(w.Printed(t.Context(), pia, n, event.ID))
		if got := w.read(n).Events[0].Letter; got != request.LetterPrinted {
			t.Errorf("after that the letter is %q", got)
		}

		for _, tc := range []struct {
			code string
			with func(e *request.Entry)
		}{
			{"request_when", func(e *request.Entry) { e.Received = day("2026-03-03") }},
			{"request_when", func(e *request.Entry) { e.Received = day("2025-03-03") }},
			{"request_way", func(e *request.Entry) { e.Way = request.ByPage }},
			{"request_reach", func(e *request.Entry) { e.Contact = "Bea Buyer" }},
			{"request_reach", func(e *request.Entry) { e.Reach, e.Contact = request.ToMail, "+49 30 1234567" }},
			{"request_person", func(e *request.Entry) { e.Person = request.Member }},
		} {
			wrong := e
			tc.with(&wrong)
			_, err := w.Enter(t.Context(), pia, wrong, home)
			wantFault(t, err, tc.code)
		}

		e.Account, e.Contact, e.Reach, e.Way = mia, "", "", request.ByPhone
		n = must(w.Enter(t.Context(), pia, e, home))(t)
		if q := w.read(n); q.Account() != mia || q.Person != request.Member || q.State != request.Verifying {
			t.Errorf("a member's is %+v", q)
		}
	})
}

// failing is a queue that takes nothing.
type failing struct{}

func (failing) Add(context.Context, *db.Tx, ...job.Args) error { return errors.New("no") }

// A key is made for who has no account, and isn't left behind by a request that
// couldn't be taken.
func TestARequestThatIsNotTakenLeavesNoKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		keys := func() (n int) {
			for _, c := range must(w.keys.Counts(t.Context()))(t) {
				n += c.Wraps
			}
			return n
		}
		broken := must(request.Open(t.Context(), w.members.Staff(), request.Region{Name: "eu", DB: w.d, Vault: w.keys, Jobs: failing{}}))(t)
		broken.SetClock(func() time.Time { return w.now })
		before := keys()
		home := func(string) string { return "eu" }
		e := request.Entry{Wish: request.Wish{Kind: request.Delete, Person: request.Former, Lang: "en", Text: "Delete me."}, Way: request.ByMail, Reach: request.ToMail, Contact: "bea@buyer.example", Received: w.now}
		_, entered := broken.Enter(t.Context(), pia, e, home)
		_, raised := broken.RaiseOutside(t.Context(), bea, request.Wish{Kind: request.Access, Person: request.Buyer, Text: "What?"})
		_, refused := w.Enter(t.Context(), sam, e, home)
		if entered == nil || raised == nil || refused == nil || keys() != before {
			t.Errorf("%v, %v and %v leave %d keys, want %d", entered, raised, refused, keys(), before)
		}
		w.outside(request.Access, "What?")
		if keys() != before+1 {
			t.Errorf("a request that was taken leaves %d keys, want %d", keys(), before+1)
		}
	})
}

// A text message leaves once: where nobody wrote down what came of it, it counts as
// one that can't be delivered.
func TestATextMessageIsNotRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.outside(request.Access, "What?")
		told := w.told[0]
		is := func(want request.Delivery) {
			t.Helper()
			if got := w.read(q.Number).Events[0].Letter; got != want {
				t.Errorf("the letter is %s, want %s", got, want)
			}
		}
		if !must(w.Texting(t.Context(), told))(t) {
			t.Error("the first isn't sent")
		}
		is(request.LetterLeaving)
		w.ok(w.TextStays(t.Context(), told))
		is(request.LetterDue)
		if !must(w.Texting(t.Context(), told))(t) {
			t.Error("what didn't leave isn't sent")
		}
		must(w.LetterToSend(t.Context(), told))(t)
		if must(w.Texting(t.Context(), told))(t) {
			t.Error("what may have left is sent again")
		}
		is(request.LetterFailed)
		if _, err := w.LetterToSend(t.Context(), told); !errors.Is(err, request.ErrNone) {
			t.Errorf("there is still something to send: %v", err)
		}
	})
}

func TestOnlyWhoAnswersRequestsSeesThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.raise(request.Object, "No.")
		_, read := w.Read(t.Context(), sam, n)
		_, _, list := w.List(t.Context(), sam, request.Filter{})
		_, printed := w.Print(t.Context(), sam, n, "x")
		_, enter := w.Enter(t.Context(), sam, request.Entry{Wish: request.Wish{Kind: request.Other, Text: "x"}, Account: mia, Way: request.ByMail, Received: w.now}, nil)
		for _, err := range []error{
			read, list, printed, enter, w.Give(t.Context(), sam, n, sam.ID, nil), w.Verify(t.Context(), sam, n, request.ByFacts), w.Ask(t.Context(), sam, n, "?"),
			w.Note(t.Context(), sam, n, "x"), w.Finish(t.Context(), sam, n, "x"), w.Refuse(t.Context(), sam, n, request.Unfounded, "x"), w.Printed(t.Context(), sam, n, "x"),
		} {
			wantFault(t, err, "staff_power")
		}
		if got := must(w.Own(t.Context(), mia, n))(t); len(got.Events) != 1 {
			t.Errorf("something was done: %+v", got.Events)
		}
		there, err := w.Exists(t.Context(), n)
		nowhere, wrong := w.Exists(t.Context(), "R-00000000")
		if !there || nowhere || err != nil || wrong != nil {
			t.Errorf("the purpose %s is %v, another is %v, %v %v", n, there, nowhere, err, wrong)
		}
	})
}

func TestTheListHasWhatIsLateOnTop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		late := w.raise(request.Object, "First.")
		waiting := w.raise(request.Access, "Second.")
		w.ok(w.Ask(t.Context(), pia, waiting, "What?"))
		w.now = day("2026-03-05")
		mine := w.raise(request.Other, "Third.")
		w.ok(w.Give(t.Context(), pia, mine, pia.ID, nil))
		w.now = day("2026-03-11")
		var numbers []request.Number
		for _, l := range w.list(request.Filter{}) {
			numbers = append(numbers, l.Number)
		}
		if !slices.Equal(numbers, []request.Number{late, mine, waiting}) {
			t.Errorf("the list is %v, want %v", numbers, []request.Number{late, mine, waiting})
		}
		for _, tc := range []struct {
			filter request.Filter
			want   request.Number
		}{{request.Filter{Clerk: pia.ID}, mine}, {request.Filter{State: request.Waiting}, waiting}, {request.Filter{State: request.Received, Free: true}, late}} {
			if got := w.list(tc.filter); len(got) != 1 || got[0].Number != tc.want {
				t.Errorf("%+v chooses %+v, want %s", tc.filter, got, tc.want)
			}
		}
		got, away, err := w.Tally(t.Context())
		if want := (request.Tally{Open: 3, Waiting: 1, Due: 1, Late: 1}); err != nil || got != want || len(away) > 0 {
			t.Errorf("the tally is %+v without %v, %v, want %+v", got, away, err, want)
		}
		q := w.read(mine)
		if same := must(w.Same(t.Context(), pia, q))(t); len(same) != 2 {
			t.Errorf("others of the same person: %v", same)
		}
	})
}

func TestWhoDoesNotAnswerIsToldThatItLapsed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.outside(request.Access, "What do you hold?")
		w.ok(w.Ask(t.Context(), pia, q.Number, "Which number?"))
		s := w.Stores()[0]
		w.now = w.now.Add(request.AnswerIn - time.Minute)
		if n := must(s.Lapse(t.Context()))(t); n != 0 {
			t.Errorf("%d lapsed too early", n)
		}
		w.now = w.now.Add(time.Minute)
		for _, want := range []int{1, 0} {
			if n := must(s.Lapse(t.Context()))(t); n != want {
				t.Errorf("%d lapsed, want %d", n, want)
			}
		}
		letters := w.letters()
		if l := letters[len(letters)-1]; l.Step != request.DidLapse || l.State != request.Lapsed {
			t.Errorf("the last letter is %+v", l)
		}
	})
}

func TestWhatHappenedToARequestIsNeverChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.raise(request.Object, "No.")
		if _, err := w.d.Exec(t.Context(), `UPDATE request_event SET step = 'done'`); err == nil {
			t.Error("a step was changed")
		}
	})
}

func TestARequestIsSealedExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.outside(request.Delete, "Delete what my shop sent you.")
		n := w.raise(request.Object, "Not mine.")
		w.ok(w.Note(t.Context(), pia, q.Number, "A note of hers."))
		var contact, text, note []byte
		w.ok(w.d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT q.contact, q.text, e.text FROM request q JOIN request_event e ON e.request_id = q.id WHERE e.step = 'noted'`).Scan(&contact, &text, &note)
		}))
		for _, open := range []struct{ lies, says string }{{string(contact), bea.Contact.Value}, {string(text), "my shop"}, {string(note), "hers"}} {
			if strings.Contains(open.lies, open.says) {
				t.Errorf("%q lies open", open.says)
			}
		}
		s := w.Stores()[0]
		var out bytes.Buffer
		w.ok(s.Export(t.Context(), q.Owner, &out))
		for _, want := range []string{"my shop", bea.Contact.Value, "A note of hers."} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the export lacks %q: %s", want, &out)
			}
		}
		if strings.Contains(out.String(), q.Token()) || strings.Contains(out.String(), "Not mine") {
			t.Errorf("the export has what it mustn't: %s", &out)
		}
		if all := must(s.Subjects(t.Context(), "", 10))(t); len(all) != 2 {
			t.Errorf("subjects %v", all)
		}
		for range 2 {
			w.ok(s.Erase(t.Context(), q.Owner))
			w.ok(s.Erase(t.Context(), mia.Subject()))
		}
		if _, err := w.keys.Key(t.Context(), q.Owner); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("her key: %v", err)
		}
		if _, err := w.keys.Key(t.Context(), mia.Subject()); err != nil {
			t.Errorf("the member's key isn't this room's: %v", err)
		}
		for _, told := range w.told {
			if _, err := w.LetterToSend(t.Context(), told); !errors.Is(err, request.ErrNone) {
				t.Errorf("a letter would go to who is erased: %v", err)
			}
		}
		if got := w.proofs(); !slices.Contains(got, q.Number) || !slices.Contains(got, n) || len(got) != 2 {
			t.Errorf("proofs of %v, want %s and %s", got, q.Number, n)
		}
	})
}

func TestRequestsAreKeptAsLongAsIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.outside(request.Delete, "Delete me.")
		n := w.raise(request.Object, "No.")
		open := w.raise(request.Object, "Still open.")
		_ = must(w.TakeBack(t.Context(), q))(t)
		_ = must(w.TakeBack(t.Context(), must(w.Own(t.Context(), mia, n))(t)))(t)
		s, ends := w.Stores()[0], retention(w, "request")
		for _, tc := range []struct {
			after time.Duration
			gone  int
		}{{ends - time.Second, 0}, {ends, 2}, {retention(w, "request_proof"), 2}} {
			run := inventory.Purge{Now: w.now.Add(tc.after), Try: true}
			tried := must(s.Expire(t.Context(), run))(t)
			run.Try = false
			if tc.after == ends {
				run.Held = []inventory.Subject{mia.Subject(), q.Owner}
				if got := must(s.Expire(t.Context(), run))(t); got.Rows() != 0 {
					t.Errorf("%+v go although they are held", got)
				}
				run.Held = nil
			}
			if got := must(s.Expire(t.Context(), run))(t); got.Rows() != tc.gone || tried.Rows() != tc.gone {
				t.Errorf("after %s %+v go, want %d; tried, it was %+v", tc.after, got, tc.gone, tried)
			}
			if tc.after == ends {
				if got := w.proofs(); len(got) != 2 {
					t.Errorf("proofs %v", got)
				}
				if _, err := w.keys.Key(t.Context(), q.Owner); !errors.Is(err, vault.ErrDestroyed) {
					t.Errorf("her key: %v", err)
				}
			}
		}
		if got := w.proofs(); len(got) != 0 {
			t.Errorf("proofs %v are left", got)
		}
		_ = must(w.Own(t.Context(), mia, open))(t)
	})
}

func (w *world) proofs() (all []request.Number) {
	w.t.Helper()
	w.ok(w.d.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		all = nil
		rows, err := tx.QueryContext(w.t.Context(), `SELECT number FROM request_proof ORDER BY number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n request.Number
			if err := rows.Scan(&n); err != nil {
				return err
			}
			all = append(all, n)
		}
		return rows.Err()
	}))
	return all
}

func retention(w *world, table string) time.Duration {
	for _, f := range w.Stores()[0].Fields() {
		if f.Table == table && f.Retention.Rule == inventory.AfterEnd {
			return f.Retention.For
		}
	}
	w.t.Fatalf("%s is kept for good", table)
	return 0
}

func TestWhoAsksWithoutAnAccountShowsThatTheAddressIsTheirs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token := must(w.members.Ask(t.Context(), bea.Contact, []byte("said"), anywhere))(t)
		kept := 0
		keep := func(_ context.Context, p account.Proven) error {
			kept++
			if p.Contact != bea.Contact || string(p.Said) != "said" || p.Region != "eu" || p.Language != "zh" {
				t.Errorf("kept is %+v", p)
			}
			return nil
		}
		flow := must(w.members.Flow(t.Context(), token))(t)
		wantFault(t, w.members.Asked(t.Context(), token, "nonsense", anywhere, keep), "code_wrong")
		l := must(w.members.CodeToSend(t.Context(), account.Code{Flow: flow.ID}))(t)
		if l.Kind != account.LetterAsk || l.To != bea.Contact {
			t.Errorf("the letter is %+v", l)
		}
		_, err := w.members.Enter(t.Context(), token, l.Code, anywhere)
		wantFault(t, err, "flow_step")
		failed := errors.New("the database is away")
		if err := w.members.Asked(t.Context(), token, l.Code, anywhere, func(context.Context, account.Proven) error { return failed }); !errors.Is(err, failed) {
			t.Errorf("what failed is %v", err)
		}
		w.ok(w.members.Asked(t.Context(), token, l.Code, anywhere, keep))
		if err := w.members.Asked(t.Context(), token, l.Code, anywhere, keep); err == nil || kept != 1 {
			t.Errorf("the code works twice: %v, kept %d times", err, kept)
		}
	})
}
