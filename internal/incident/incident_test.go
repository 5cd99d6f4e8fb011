package incident_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/sms"
)

func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }

// Who is concerned is told what happened, what can follow, what was done, what
// they can do and who answers, once, in their language and on their pages.
func TestWhoIsConcernedIsToldWhatHappened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, lin := w.member("mia@mail.example", "DE", "en"), w.member("lin@mail.example", "CN", "zh-CN")
		id := w.declare()
		if id != "I-1" || w.declare() != "I-2" {
			t.Errorf("the first incident is %s", id)
		}
		w.find(id, everybody)
		scope := must(w.Scope(t.Context(), petra, id))(t)
		if scope.People != 2 || !scope.Done {
			t.Errorf("concerned are %+v", scope)
		}
		wants(t, w.Ask(t.Context(), ada, id), "incident_lacks")
		w.draft(id, "", "en", "A disk is missing")
		w.draft(id, "cn", "zh", "[标题]")
		if got := must(w.Lacks(t.Context(), petra, id))(t); !slices.Equal(got, []string{"cn zh"}) {
			t.Errorf("notices that lack something: %q", got)
		}
		w.draft(id, "cn", "zh", "磁盘丢失")
		wants(t, w.Approve(t.Context(), petra, id), "incident_unasked")
		w.no(w.Ask(t.Context(), ada, id))
		wants(t, w.Approve(t.Context(), ada, id), "incident_yourself")
		wants(t, w.Approve(t.Context(), account.Console(), id), "staff_power")
		if len(w.post.mails) > 0 || len(must(w.Concerns(t.Context(), mia, "en"))(t)) > 0 || must(w.Unseen(t.Context(), mia))(t) || w.told(mia) != "{}\n" {
			t.Error("somebody is told before two people agreed")
		}
		w.no(w.Approve(t.Context(), petra, id))
		w.work()

		mails := w.post.to("mia@mail.example")
		if len(mails) != 1 || mails[0].Subject != "A disk is missing" {
			t.Fatalf("she gets %+v", mails)
		}
		for _, want := range []string{
			"Hello mia", "e-mail address and phone number", "What happened: A disk is missing.", "What can follow of it: False letters.", "What was done: The key is void.",
			"What you can do: Open no links.", "What remedies there are, and who answers: Ask privacy@waypost.example.", "https://waypost.example/account/incidents",
		} {
			if !strings.Contains(mails[0].Text, want) {
				t.Errorf("the letter doesn't say %q: %s", want, mails[0].Text)
			}
		}
		if chinese := w.post.to("lin@mail.example"); len(chinese) != 1 || chinese[0].Subject != "磁盘丢失" || !strings.Contains(chinese[0].Text, "发生了什么：A disk") {
			t.Errorf("who reads Chinese gets %+v", chinese)
		}
		concerns := must(w.Concerns(t.Context(), mia, "ar"))(t)
		if len(concerns) != 1 || concerns[0].Text.Do != "Open no links." || concerns[0].Lang != "en" || !must(w.Unseen(t.Context(), mia))(t) {
			t.Errorf("her pages say %+v", concerns)
		}
		w.no(w.Saw(t.Context(), mia))
		if must(w.Unseen(t.Context(), mia))(t) || !must(w.Unseen(t.Context(), lin))(t) {
			t.Error("who has seen it is told, or who hasn't is not")
		}
		w.no(w.Tell(t.Context()))
		if len(w.post.mails) != 2 {
			t.Errorf("%d e-mails were sent to two people", len(w.post.mails))
		}
		if copied := w.told(mia); !strings.Contains(copied, "Open no links.") || !strings.Contains(copied, `"incident": "I-1"`) {
			t.Errorf("her copy holds %s", copied)
		}
	})
}

// The whole life, with its report: nothing is closed before it is done, and
// everything that was done is in the history.
func TestAnIncidentIsClosedWhenAllIsDone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.member("mia@mail.example", "DE", "en")
		id, ctx := w.declare(), t.Context()
		wants(t, w.Note(ctx, petra, id, "I look."), "staff_power")
		wants(t, w.Note(ctx, ada, "I-9", "Who?"), "incident_missing")
		if open := must(w.Open(ctx, string(id)))(t); !open || must(w.Open(ctx, "I-9"))(t) {
			t.Error("an incident that is open isn't, or one that isn't there is")
		}
		w.find(id, everybody)
		w.tell(id)
		w.work()
		wants(t, w.Close(ctx, ada, id, "Lock disks away."), "incident_uncontained")
		w.no(w.Contain(ctx, ada, id, time.Now().Add(-time.Minute)))
		w.no(w.Tell(ctx))
		wants(t, w.Close(ctx, ada, id, "Lock disks away."), "incident_unsettled")
		wants(t, w.TellAuthority(ctx, ada, id, "eu", "gdpr", time.Now().Add(time.Hour), "R-1"), "incident_when")
		w.no(w.TellAuthority(ctx, ada, id, "eu", "gdpr", time.Now(), "R-1"))
		wants(t, w.TellAuthority(ctx, ada, id, "eu", "gdpr", time.Now(), "R-1"), "incident_settled")
		wants(t, w.SpareAuthority(ctx, ada, id, "cn", "pipl", " "), "incident_note")
		w.no(w.SpareAuthority(ctx, ada, id, "cn", "pipl", "Nobody of China is concerned."))
		wants(t, w.Close(ctx, ada, id, " "), "incident_lessons")
		w.no(w.Edit(ctx, ada, id, incident.Medium, incident.Facts{Title: "A backup was lost", Happened: "A disk with a backup is missing.", Records: 12},
			must(w.Get(ctx, petra, id))(t).Times))
		w.no(w.Close(ctx, ada, id, "Lock disks away."))
		wants(t, w.Look(ctx, ada, id), "incident_closed")
		w.no(w.Note(ctx, boris, id, "The disk was found."))
		if must(w.Open(ctx, string(id)))(t) {
			t.Error("a closed incident is open")
		}

		var out bytes.Buffer
		w.no(w.Export(ctx, ada, id, incident.Export{Lang: "en"}, &out))
		files := unzip(t, out.Bytes())
		for _, want := range []string{
			"A backup was lost", "title: A backup was copied → A backup was lost", "R-1", "need not be told: Nobody of China is concerned.", "Lock disks away.",
			"The disk was found.", "E-mail, sent", "Heron Parcels", "Of Germany",
		} {
			if !strings.Contains(files["report.html"], want) {
				t.Errorf("the report doesn't say %q: %s", want, files["report.html"])
			}
		}
		for name, content := range files {
			if strings.Contains(content, string(mia)) || strings.Contains(content, "mia@") {
				t.Errorf("%s names somebody whom it concerns", name)
			}
		}
		if notice := files["authority-eu-gdpr.html"]; !strings.Contains(notice, "P. Office") || !strings.Contains(notice, "Likely consequences") || !strings.Contains(notice, ">1<") {
			t.Errorf("the authority is to be told %s", notice)
		}
		stale := ada
		stale.Proved = stale.Proved.Add(-time.Hour)
		out.Reset()
		wants(t, w.Export(ctx, stale, id, incident.Export{Lang: "en", People: true}, &out), "prove_again")
		if out.Len() > 0 {
			t.Error("something of the list is written without a fresh code")
		}
		w.no(w.Export(ctx, ada, id, incident.Export{Lang: "en", People: true}, &out))
		if list := unzip(t, out.Bytes())["people.csv"]; !strings.Contains(list, string(mia)+",eu,DE,en,contacts,mail,sent,") {
			t.Errorf("the list that was asked for is %s", list)
		}
		home := must(w.members.Of(mia))(t)
		if looks := must(home.Looks(ctx, mia))(t); len(looks) != 1 || looks[0].Did != account.DidList || looks[0].Why != "incident I-1" {
			t.Errorf("she reads that somebody looked: %+v", looks)
		}
	})
}

func unzip(t *testing.T, content []byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range must(zip.NewReader(bytes.NewReader(content), int64(len(content))))(t).File {
		all[f.Name] = string(must(io.ReadAll(must(f.Open())(t)))(t))
	}
	return all
}

// A process that dies while it tells people leaves them to another one: an e-mail
// is repeated as the same message, a text message is not repeated at all.
func TestNobodyIsToldTwiceWhenAProcessDies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.member("mia@mail.example", "DE", "en")
		w.member("noah@mail.example", "DE", "en")
		phone := w.member("+4930901820", "DE", "en")
		id := w.declare()
		w.find(id, everybody)
		w.tell(id)
		w.events = nil

		dying, handed := make(chan struct{}), make(chan string, 3)
		dead := w.process(w.post)
		w.post.after = func(to string) {
			handed <- to
			<-dying
		}
		over := make(chan error, 1)
		go func() { over <- dead.Tell(t.Context()) }()
		for range 3 {
			<-handed // it left, and nobody wrote that down
		}
		w.post.after = nil
		w.no(w.Tell(t.Context()))
		if len(w.post.mails) != 2 {
			t.Fatalf("another process takes over what isn't its own yet: %d e-mails", len(w.post.mails))
		}
		w.ahead += 4 * time.Minute
		w.no(w.Tell(t.Context()))
		ids := map[string]int{}
		for _, m := range w.post.mails {
			ids[m.ID]++
		}
		if len(w.post.mails) != 4 || len(ids) != 2 {
			t.Errorf("the e-mails sent again are other messages: %v", ids)
		}
		if len(w.post.texts) != 1 {
			t.Errorf("%d text messages were sent to one person", len(w.post.texts))
		}
		progress := must(w.Told(t.Context(), ada, id))(t)
		if progress.Waiting[incident.Sent] != 2 || progress.Hands[incident.ByCall] != 1 {
			t.Errorf("it stands like this: %+v", progress)
		}
		close(dying) // it wasn't dead, only slow
		w.no(<-over)
		if after := must(w.Told(t.Context(), ada, id))(t); after.Waiting[incident.Sent] != 2 || after.Hands[incident.ByCall] != 1 || len(after.Tries) != len(progress.Tries) {
			t.Errorf("the slow process changes what another did: %+v", after)
		}
		calls := must(w.ByHand(t.Context(), ada, id, incident.ByCall, ""))(t)
		if len(calls) != 1 || calls[0].ID != phone || calls[0].Phone != "+4930901820" {
			t.Errorf("to be called are %+v", calls)
		}
	})
}

// Where the answer to a text message was lost it may have left, so that the staff
// call instead of sending another.
func TestATextMessageWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.member("+4930901820", "DE", "en")
		id := w.declare()
		w.find(id, everybody)
		tries := 0
		w.post.answer = func(string) error { tries++; return sms.ErrUnsure }
		w.tell(id)
		w.work()
		w.ahead += time.Hour
		w.no(w.Tell(t.Context()))
		if p := must(w.Told(t.Context(), petra, id))(t); tries != 1 || p.Hands[incident.ByCall] != 1 {
			t.Errorf("after %d text messages it stands like this: %+v", tries, p)
		}
	})
}

// Whom a channel doesn't reach is told by the next, down to a letter.
func TestEveryChannelIsTried(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.member("mia@mail.example", "DE", "en")
		phone := w.member("+4930901820", "DE", "en")
		id := w.declare()
		w.find(id, everybody)
		w.no(w.Contain(ctx, ada, id, time.Now().Add(-time.Minute)))
		w.post.answer = func(to string) error {
			if strings.HasPrefix(to, "+") {
				return sms.ErrRefused
			}
			return fault.New(fault.Unavailable, "mail_unreachable", "Not now.")
		}
		w.tell(id)
		w.work()
		if p := must(w.Told(ctx, petra, id))(t); p.Waiting[incident.Queued] != 1 || p.Hands[incident.ByCall] != 1 {
			t.Errorf("after the first try it stands like this: %+v", p)
		}
		w.ahead += 2 * time.Minute
		w.post.answer = func(string) error { return mail.ErrRefused }
		w.no(w.Tell(ctx))
		p := must(w.Told(ctx, petra, id))(t)
		if p.Hands[incident.ByCall] != 1 || p.Hands[incident.ByLetter] != 1 {
			t.Errorf("whom no message reaches stands like this: %+v", p)
		}
		wants(t, w.Settle(ctx, ada, id, incident.WasSent, phone), "incident_person")
		w.no(w.Settle(ctx, ada, id, incident.WasMissed, phone))
		letters := must(w.ByHand(ctx, ada, id, incident.ByLetter, ""))(t)
		if len(letters) != 2 || letters[0].Text.Do != "Open no links." || letters[0].Name == "" {
			t.Fatalf("letters are %+v", letters)
		}
		if one := must(w.Get(ctx, petra, id))(t); one.State != incident.Contained {
			t.Errorf("while letters wait it is %s", one.State)
		}
		w.no(w.Settle(ctx, ada, id, incident.WasPosted, letters[0].ID, letters[1].ID))
		wants(t, w.Settle(ctx, ada, id, incident.WasPosted, letters[0].ID), "incident_person")
		if one := must(w.Get(ctx, petra, id))(t); one.State != incident.Told {
			t.Errorf("when all letters are posted it is %s", one.State)
		}
		home := must(w.members.Of(phone))(t)
		if looks := must(home.Looks(ctx, phone))(t); len(looks) != 1 || looks[0].Did != account.DidReach || looks[0].Why != "incident I-1" {
			t.Errorf("who saw how they are reached: %+v", looks)
		}
	})
}

// Each way of searching finds whom it says, in their own regions.
func TestWhomAnIncidentConcerns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia, lin := w.member("mia@mail.example", "DE", "en"), w.member("lin@mail.example", "CN", "zh")
		must(w.members.Staff().Find(ctx, petra, string(lin), account.Why{Matter: account.ForTicket, Ref: "T-1"}))(t)
		now := time.Now()
		before, soon := now.Add(-time.Hour), now.Add(time.Hour)
		kinds := []inventory.Kind{inventory.Profile}
		for _, tc := range []struct {
			name string
			c    incident.Criterion
			want []account.ID
		}{
			{"rows of a table", incident.Criterion{Way: incident.ByRows, Tables: []string{"account.contact"}}, []account.ID{lin, mia}},
			{"rows of a table in a time", incident.Criterion{Way: incident.ByRows, Tables: []string{"account.contact"}, From: before, Until: soon}, []account.ID{lin, mia}},
			{"rows of a table in another time", incident.Criterion{Way: incident.ByRows, Tables: []string{"account.contact"}, Until: before}, nil},
			{"rows of a region", incident.Criterion{Way: incident.ByRows, Tables: []string{"account.contact"}, Regions: []string{"eu"}}, []account.ID{mia}},
			{"at whom a clerk looked", incident.Criterion{Way: incident.ByLooks, Clerk: petra.ID, Kinds: kinds, From: before}, []account.ID{lin}},
			{"at whom another looked", incident.Criterion{Way: incident.ByLooks, Clerk: boris.ID, Kinds: kinds}, nil},
			{"who was signed in", incident.Criterion{Way: incident.ByDevices, Kinds: kinds, From: before}, []account.ID{lin, mia}},
			{"who was signed in before", incident.Criterion{Way: incident.ByDevices, Kinds: kinds, Until: before}, nil},
			{"a copy of now", incident.Criterion{Way: incident.ByCopy, Kinds: kinds}, []account.ID{lin, mia}},
			{"a copy of before", incident.Criterion{Way: incident.ByCopy, Kinds: kinds, Until: before}, nil},
			{"a list", incident.Criterion{Way: incident.ByList, Kinds: kinds, List: []string{"MIA@mail.example", "", "nobody@mail.example", string(lin), "no address"}}, []account.ID{lin, mia}},
		} {
			t.Run(tc.name, func(t *testing.T) {
				id := w.declare()
				w.no(w.AddCriterion(ctx, ada, id, tc.c))
				w.no(w.Look(ctx, ada, id))
				wants(t, w.Freeze(ctx, ada, id), "incident_running")
				w.work()
				var got []account.ID
				for _, s := range w.Stores() {
					for _, who := range must(s.Subjects(ctx, "", 100))(t) {
						if count(t, s, `SELECT COUNT(*) FROM incident_person WHERE incident_id = $1 AND owner = $2`, string(id), string(who)) > 0 {
							got = append(got, account.ID(who))
							if account.ID(who).Region() != s.Name {
								t.Errorf("%s is in region %s", who, s.Name)
							}
						}
					}
				}
				if !slices.Equal(got, tc.want) {
					t.Errorf("found %q, want %q", got, tc.want)
				}
				scope := must(w.Scope(ctx, petra, id))(t)
				if scope.People != len(tc.want) {
					t.Errorf("counted %d", scope.People)
				}
				if tc.c.Way == incident.ByList && must(w.Get(ctx, petra, id))(t).Criteria[0].Missing != 2 {
					t.Error("who wasn't found isn't counted")
				}
			})
		}
		id := w.declare()
		for code, c := range map[string]incident.Criterion{
			"incident_way": {Way: "guess"}, "incident_tables": {Way: incident.ByRows, Tables: []string{"account.rate"}}, "incident_kinds": {Way: incident.ByCopy},
			"incident_span": {Way: incident.ByCopy, Kinds: kinds, From: soon, Until: before}, "incident_who": {Way: incident.ByLooks, Kinds: kinds, Clerk: "Petra"},
			"incident_listed": {Way: incident.ByList, Kinds: kinds},
		} {
			wants(t, w.AddCriterion(ctx, ada, id, c), code)
		}
		wants(t, w.Look(ctx, ada, id), "incident_no_way")
	})
}

func count(t *testing.T, s *incident.Store, query string, args ...any) (n int) {
	t.Helper()
	err := s.DB.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRowContext(t.Context(), query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A search can be done again and compared; who was told stays told, and those who
// come later are told in their turn.
func TestASearchIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia, noah := w.member("mia@mail.example", "DE", "en"), w.member("noah@mail.example", "DE", "en")
		kinds := []inventory.Kind{inventory.Contacts}
		id := w.declare()
		w.find(id, incident.Criterion{Way: incident.ByList, Kinds: kinds, List: []string{string(mia)}})
		w.tell(id)
		w.work()
		w.no(w.RemoveCriterion(ctx, ada, id, 0))
		w.no(w.AddCriterion(ctx, ada, id, incident.Criterion{Way: incident.ByList, Kinds: kinds, List: []string{string(noah)}}))
		w.no(w.Look(ctx, ada, id))
		w.work()
		if s := must(w.Scope(ctx, petra, id))(t); s.Before != 1 || s.Added != 1 || s.Gone != 1 || s.People != 1 {
			t.Errorf("compared: %+v", s)
		}
		w.no(w.Freeze(ctx, ada, id))
		if len(w.post.mails) != 1 || len(must(w.Concerns(ctx, noah, "en"))(t)) > 0 {
			t.Error("who was found later is told before that was approved")
		}
		w.no(w.Ask(ctx, ada, id))
		wants(t, w.Approve(ctx, ada, id), "incident_yourself")
		w.no(w.Approve(ctx, boris, id))
		w.work()
		if len(w.post.to("mia@mail.example")) != 1 || len(w.post.to("noah@mail.example")) != 1 || len(must(w.Concerns(ctx, mia, "en"))(t)) != 1 {
			t.Errorf("%d e-mails were sent", len(w.post.mails))
		}
	})
}

// Whom a new list has is told when somebody approved that, however often those are
// told who are to be, and not in the words that were approved for another list.
func TestANewListWaitsForItsOwnApproval(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia, noah := w.member("mia@mail.example", "DE", "en"), w.member("noah@mail.example", "DE", "en")
		id := w.declare()
		w.find(id, incident.Criterion{Way: incident.ByList, Kinds: []inventory.Kind{inventory.Contacts}, List: []string{string(mia)}})
		w.tell(id)
		w.work()
		w.no(w.Contain(ctx, ada, id, time.Now().Add(-time.Minute)))
		w.find(id, everybody)
		for range 2 {
			w.no(w.Tell(ctx))
		}
		if n := len(w.post.to("noah@mail.example")); n > 0 || len(must(w.Concerns(ctx, noah, "en"))(t)) > 0 {
			t.Errorf("%d e-mails were sent to somebody of a list that nobody approved", n)
		}
		if one := must(w.Get(ctx, petra, id))(t); one.State != incident.Contained {
			t.Errorf("while a list waits for approval it is %s", one.State)
		}
		w.draft(id, "", "en", "Two disks are missing")
		w.no(w.Ask(ctx, ada, id))
		w.no(w.Approve(ctx, petra, id))
		w.work()
		w.no(w.Tell(ctx))
		if all := w.post.to("noah@mail.example"); len(all) != 1 || all[0].Subject != "Two disks are missing" || len(w.post.to("mia@mail.example")) != 1 {
			t.Errorf("once that is approved, he gets %+v", all)
		}
		if one := must(w.Get(ctx, petra, id))(t); one.State != incident.Told {
			t.Errorf("when both are told it is %s", one.State)
		}
	})
}

// Who is searched for again, before or after the list that holds was approved, is
// told by that list all the same, and whom only the new search found isn't.
func TestASearchInBetweenLosesNobody(t *testing.T) {
	for _, when := range []string{"before approval", "before they are told"} {
		t.Run(when, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				w.member("mia@mail.example", "DE", "en")
				id := w.declare()
				w.find(id, everybody)
				w.member("noah@mail.example", "DE", "en")
				again := func() {
					w.no(w.Look(ctx, ada, id))
					w.no(w.Looked(ctx, incident.Looking{Incident: id, List: 2}))
				}
				if when == "before approval" {
					again()
				}
				w.tell(id)
				if when != "before approval" {
					again()
				}
				w.no(w.Contain(ctx, ada, id, time.Now().Add(-time.Minute)))
				w.no(w.Tell(ctx))
				if mia, noah := len(w.post.to("mia@mail.example")), len(w.post.to("noah@mail.example")); mia != 1 || noah != 0 {
					t.Errorf("of two people, who is on the approved list was sent %d e-mails, and who isn't %d", mia, noah)
				}
				if one := must(w.Get(ctx, petra, id))(t); one.State != incident.Told {
					t.Errorf("when everybody on the list is told it is %s", one.State)
				}
			})
		})
	}
}

// The staff are reminded of each authority's time, once each time.
func TestTheStaffIsRemindedInTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		link := must(w.members.Staff().Invite(ctx, account.Console(), account.Contact{Kind: account.Mail, Value: "ada@staff.example"}, []account.Duty{account.Security}))(t)
		w.comeIn(link)
		id := w.declare()
		w.work()
		for _, tc := range []struct {
			left  time.Duration
			total int
		}{{71 * time.Hour, 2}, {25 * time.Hour, 2}, {23 * time.Hour, 3}, {5 * time.Hour, 4}, {-time.Hour, 5}, {-2 * time.Hour, 5}} {
			w.ahead = 71*time.Hour - tc.left
			w.no(w.Remind(ctx))
			if got := w.post.to("ada@staff.example"); len(got) != tc.total {
				t.Errorf("with %v left she got %d e-mails, want %d", tc.left, len(got), tc.total)
			}
		}
		mails := w.post.to("ada@staff.example")
		if !strings.Contains(mails[0].Text, "The Office") || !strings.Contains(mails[0].Subject, "is over") { // China's is at once
			t.Errorf("the first is %q", mails[0].Subject)
		}
		if last := mails[4]; !strings.Contains(last.Text, "Article 33(1)") || strings.Contains(last.Text, "backup") {
			t.Errorf("the last says %s", last.Text)
		}
		all := must(w.List(ctx, petra))(t)
		if len(all) != 1 || all[0].ID != id || all[0].Duties[1].Due.Sub(all[0].Times.Noticed) != 72*time.Hour || !all[0].Duties[1].Late(time.Now().Add(w.ahead)) {
			t.Errorf("the list is %+v", all)
		}
	})
}

// Whose data is erased is off every list; how many they were stays. What was kept
// as long as it may be is deleted.
func TestTheSideDoor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia := w.member("mia@mail.example", "DE", "en")
		w.member("lin@mail.example", "CN", "en")
		id := w.declare()
		w.find(id, everybody)
		w.post.answer = func(string) error { return fault.New(fault.Unavailable, "mail_unreachable", "Not now.") }
		w.tell(id)
		w.work()
		for _, s := range w.Stores() {
			declared(t, s)
			w.no(s.Erase(ctx, mia.Subject()))
			w.no(s.Erase(ctx, mia.Subject()))
			w.no(s.Erase(ctx, ada.ID.Subject()))
			if who := must(s.Subjects(ctx, "", 10))(t); slices.Contains(who, mia.Subject()) || slices.Contains(who, ada.ID.Subject()) {
				t.Errorf("after the erasure %s holds something of %q", s.Name, who)
			}
		}
		if s := must(w.Scope(ctx, petra, id))(t); s.People != 2 {
			t.Errorf("after an erasure it concerned %d people", s.People)
		}
		p := must(w.Told(ctx, petra, id))(t)
		if !slices.ContainsFunc(p.Tries, func(c incident.Count) bool { return c.Value == string(incident.WasErased) && c.N == 1 }) {
			t.Errorf("who was erased before they were told isn't counted: %+v", p.Tries)
		}
		steps := must(w.History(ctx, petra, id))(t)
		if steps[0].Did != incident.DidDeclare || steps[0].By != "" {
			t.Errorf("what somebody did who is gone: %+v", steps[0])
		}
		later := time.Now().Add(6 * 365 * 24 * time.Hour)
		for _, s := range w.Stores() {
			must(s.Expire(ctx, inventory.Purge{Now: later}))(t)
			if who := must(s.Subjects(ctx, "", 10))(t); s.Name == "eu" && len(who) > 0 {
				t.Errorf("after six years %s holds something of %q", s.Name, who)
			}
		}
		if len(must(w.List(ctx, petra))(t)) != 1 {
			t.Error("an incident that isn't closed is gone")
		}
	})
}

// An incident that concerns somebody whose data has to stay is kept with what they
// were told; others' rows go all the same.
func TestWhoIsHeldKeepsTheirIncident(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mia, lin := w.member("mia@mail.example", "DE", "en"), w.member("lin@mail.example", "CN", "en")
		id := w.declare()
		w.find(id, everybody)
		w.no(w.Contain(ctx, ada, id, time.Now().Add(-time.Minute)))
		w.tell(id)
		w.work()
		w.no(w.TellAuthority(ctx, ada, id, "eu", "gdpr", time.Now(), "R-1"))
		w.no(w.SpareAuthority(ctx, ada, id, "cn", "pipl", "It was told by the other."))
		w.no(w.Close(ctx, ada, id, "Lock disks away."))
		expire := func(held ...inventory.Subject) {
			t.Helper()
			for _, s := range w.Stores() {
				p := inventory.Purge{Now: time.Now().Add(6 * 365 * 24 * time.Hour), Held: held, Try: true}
				tried := must(s.Expire(ctx, p))(t).Rows()
				p.Try = false
				if n := must(s.Expire(ctx, p))(t).Rows(); n != tried {
					t.Errorf("%d rows of %s went, %d by the try", n, s.Name, tried)
				}
			}
		}
		expire(mia.Subject())
		if all := must(w.Concerns(ctx, mia, "en"))(t); len(all) != 1 || all[0].Text.Do != "Open no links." {
			t.Errorf("of who is held stays %+v", all)
		}
		if all := must(w.Concerns(ctx, lin, "en"))(t); len(all) != 0 {
			t.Errorf("of who isn't held stays %+v", all)
		}
		expire(ada.ID.Subject())
		if len(must(w.List(ctx, petra))(t)) != 1 {
			t.Error("what one of the staff did who is held is gone")
		}
		expire()
		if len(must(w.Concerns(ctx, mia, "en"))(t)) != 0 || len(must(w.List(ctx, petra))(t)) != 0 {
			t.Error("when nobody is held any more it stays")
		}
		for _, s := range w.Stores() {
			if n := count(t, s, `SELECT COUNT(*) FROM incident_notice`); n != 0 {
				t.Errorf("%d notices of an incident that is gone stay in %s", n, s.Name)
			}
		}
	})
}

// Figures go with their incident alone, and not when that can't be unsealed.
func TestFiguresStayWhenTheirIncidentCannotBeUnsealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.member("mia@mail.example", "DE", "en")
		w.find(w.declare(), everybody)
		w.no(w.regions[0].Vault.Destroy(ctx, "house"))
		for _, s := range w.Stores() {
			must(s.Expire(ctx, inventory.Purge{Now: time.Now()}))(t)
			if s.Name == "eu" && count(t, s, `SELECT COUNT(*) FROM incident_count`) == 0 {
				t.Error("the figures of an incident that is there are gone")
			}
		}
	})
}

func declared(t *testing.T, s *incident.Store) {
	t.Helper()
	var own []db.Column
	for _, c := range must(s.DB.Columns(t.Context()))(t) {
		if c.Table == "incident" || strings.HasPrefix(c.Table, "incident_") && c.Table != "incident_migrations" {
			own = append(own, c)
		}
	}
	var schema []inventory.Column
	for _, c := range own {
		schema = append(schema, inventory.Column{Table: c.Table, Name: c.Name, Text: c.Text})
	}
	for _, wrong := range inventory.Compare(s.Fields(), nil, schema) {
		t.Error(wrong)
	}
}

func TestEveryLanguageHasEveryWord(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, wrong := range locale.Check(w.Words()) {
		t.Error(wrong)
	}
	for _, k := range w.Kinds() {
		if !w.Words()[0].Has("kind." + string(k)) {
			t.Errorf("kind %s has no words", k)
		}
	}
	for _, lang := range w.Langs() {
		text := w.Template(lang, incident.Incident{Times: incident.Times{Noticed: time.Now()}})
		for _, p := range text.Parts() {
			if strings.TrimSpace(p.Text) == "" || strings.Contains(p.Text, "⟦") || strings.Contains(p.Text, "{") {
				t.Errorf("%s, %s: the template says %q", lang, p.Key, p.Text)
			}
		}
	}
}

func TestAuthoritiesThatCannotBe(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, tc := range []struct {
		name string
		with map[string][]incident.Authority
		want string
	}{
		{"of no region", map[string][]incident.Authority{"mars": {{Law: "gdpr"}}}, "no region"},
		{"by no law", map[string][]incident.Authority{"eu": {{Law: "hearsay"}}}, "no law"},
		{"twice", map[string][]incident.Authority{"eu": {{Law: "gdpr"}, {Law: "gdpr"}}}, "twice"},
		{"without a source", map[string][]incident.Authority{"eu": {{Law: "other", Hours: 24}}}, "source"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := incident.Open(t.Context(), incident.Options{Regions: w.regions, House: w.regions[0].Vault, Members: w.members, URL: "https://waypost.example", Authorities: tc.with})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want something of %q", err, tc.want)
			}
		})
	}
}
