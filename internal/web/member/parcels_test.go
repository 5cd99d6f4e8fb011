package member_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/dbtest"
	"waypost/internal/status"
	"waypost/internal/watch"
)

func TestAPastedTextBecomesParcels(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/parcels").is(http.StatusOK).says("You keep no parcels yet")
		p := b.post("/parcels", "text", "Hello, your order has left: UPS "+ups+", and "+postal+". Kind regards").is(http.StatusOK)
		p.says("2 parcels are saved.").says(ups).says(postal)
		if len(p.ids()) != 2 {
			t.Errorf("%d parcels are listed, want 2", len(p.ids()))
		}
		b.post("/parcels", "text", ups).says("No parcel was new. One was there already.")
		b.undo(p).says("2 parcels are as they were.").says("You keep no parcels yet")
		b.post("/parcels", "text", "behind the shed").is(http.StatusBadRequest).says("no tracking number in it").says("behind the shed")
	})
}

func TestANumberWithAMistakeIsShownBeforeAnythingIsSaved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		p := b.post("/parcels", "text", "RR123456784DE\n"+ups).is(http.StatusOK)
		if !strings.HasPrefix(p.at, "/parcels/import/") {
			t.Fatalf("at %s, want a preview; %s", p.at, p.said())
		}
		p.says("check digit is wrong").says("One line will become a new parcel.")
		b.post(p.at, "do", "import", "revision", "1").says("One parcel is saved.").says("One could not be taken.")
	})
}

func TestWhatNeedsAttentionComesFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.post("/parcels", "text", ups+" "+ups2+" "+postal)
		w.tell(ups, status.InTransitOther, time.Hour)
		w.tell(postal, status.AvailableForPickupOther, 50*time.Hour)
		p := b.get("/parcels").says("Needs attention").says("Ready for pick-up since").says("Fetch it").says("All others").says("In transit since")
		if names := p.names(); len(names) != 3 || names[0] != postal {
			t.Errorf("the order is %v, want %s first", names, postal)
		}
		if names := b.get("/parcels?attention=any").names(); !slices.Equal(names, []string{postal}) {
			t.Errorf("what needs attention is %v", names)
		}
		if names := b.get("/parcels?status=InTransit").names(); !slices.Equal(names, []string{ups}) {
			t.Errorf("what is in transit is %v", names)
		}
		b.get("/parcels?status=Delivered").says("No parcel is like that").says("Show all again")
		if names := b.get("/parcels?sort=name").names(); !slices.Equal(names, []string{ups, ups2, postal}) {
			t.Errorf("by name they are %v", names)
		}
		if names := b.get("/parcels?sort=-name").names(); !slices.Equal(names, []string{postal, ups2, ups}) {
			t.Errorf("backwards by name they are %v", names)
		}
		b.get("/parcels?sort=nonsense&status=nonsense&shelf=nonsense&after=nonsense").is(http.StatusOK).says(postal)
	})
}

func TestBulkChangesAndTheirUndoing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		ids := b.post("/parcels", "text", ups+" "+ups2+" "+postal).ids()
		b.sendForm("/parcels/change", url.Values{"do": {"archive"}}).is(http.StatusBadRequest).says("Tick the parcels")
		b.sendForm("/parcels/change", url.Values{"do": {"burn"}, "id": ids}).is(http.StatusBadRequest)
		b.sendForm("/parcels/change", url.Values{"do": {"add_tag"}, "id": ids}).is(http.StatusBadRequest).says("Name a tag")

		tagged := b.sendForm("/parcels/change", url.Values{"do": {"add_tag"}, "tag": {"gifts"}, "id": ids[:2], "back": {"sort=name"}})
		tagged.says("2 parcels have the tag.").says("gifts")
		if !strings.HasPrefix(tagged.at, "/parcels?sort=name&did=add_tag") {
			t.Errorf("it leads to %s, want the list as it was", tagged.at)
		}
		if n := len(b.get("/parcels?tag=gifts").ids()); n != 2 {
			t.Errorf("%d have the tag, want 2", n)
		}
		b.undo(tagged).says("2 parcels are as they were.")
		if n := len(b.get("/parcels?tag=gifts").ids()); n != 0 {
			t.Errorf("%d have the tag after undoing, want 0", n)
		}

		archived := b.sendForm("/parcels/change", url.Values{"do": {"archive"}, "id": ids[:1]}).says("One parcel is archived.")
		if got := b.get("/parcels?shelf=archived").ids(); !slices.Equal(got, ids[:1]) {
			t.Errorf("archived are %v, want %v", got, ids[:1])
		}
		b.undo(archived)
		gone := b.sendForm("/parcels/change", url.Values{"do": {"delete"}, "all": {"yes"}}).says("3 parcels are deleted").says("You keep no parcels yet")
		b.undo(gone).says("3 parcels are as they were.")
		b.undo(gone).is(http.StatusNotFound).says("can’t be undone any more")
		if n := len(b.get("/parcels").ids()); n != 3 {
			t.Errorf("%d are back, want 3", n)
		}
	})
}

func TestSavedViews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		ids := b.post("/parcels", "text", ups+" "+postal).ids()
		b.sendForm("/parcels/change", url.Values{"do": {"add_tag"}, "tag": {"work"}, "id": ids[:1]})
		b.post("/parcels/views", "name", " ", "back", "tag=work").is(http.StatusBadRequest).says("Give the view a name")
		p := b.post("/parcels/views", "name", "At work", "back", "tag=work&did=add&evil=1").says("The view is saved.").says("At work")
		if strings.Contains(p.at, "work") {
			t.Errorf("the address %s says what the view holds", p.at)
		}
		if len(p.ids()) != 1 {
			t.Errorf("the view shows %d parcels, want 1", len(p.ids()))
		}
		id := p.at[strings.Index(p.at, "view=")+5:][:36]
		if n := len(b.get("/parcels?view=" + id).ids()); n != 1 {
			t.Errorf("the view shows %d parcels, want 1", n)
		}
		b.post("/parcels/views/delete", "id", id).says("The view is deleted").without("At work")
		b.post("/parcels/views/delete", "id", id).is(http.StatusNotFound)
	})
}

func TestPagesOfALongList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		var rows strings.Builder
		rows.WriteString("number,carrier,name\n")
		for i := range 120 {
			rows.WriteString("FP10" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + "XYZ,ups,Parcel\n")
		}
		p := b.upload("/parcels/import", "list.csv", []byte(rows.String()))
		p.says("120 lines will become new parcels.")
		p = b.post(p.at, "do", "import", "revision", "1").says("120 parcels are saved.")
		seen, pages := map[string]bool{}, 0
		for at := "/parcels"; at != ""; pages++ {
			p = b.get(at).is(http.StatusOK)
			for _, id := range p.ids() {
				if seen[id] {
					t.Errorf("%s is on two pages", id)
				}
				seen[id] = true
			}
			at = ""
			if m := nextPage.FindStringSubmatch(p.body); m != nil {
				at = strings.ReplaceAll(m[1], "&amp;", "&")
			}
		}
		if len(seen) != 120 || pages != 3 {
			t.Errorf("%d parcels on %d pages, want 120 on 3", len(seen), pages)
		}
	})
}

func TestOneParcel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		id := b.post("/parcels", "text", ups).ids()[0]
		w.tell(ups, status.InTransitOther, time.Hour)
		at := "/parcels/" + id
		p := b.get(at).is(http.StatusOK).says("Something <b>happened</b>").says("Testhafen")
		p.without("<b>happened").says(`href="/track?nums=` + ups + `"`)
		p.says("Last check").says("Next check")
		b.get("/parcels/alerts/" + id).is(http.StatusOK)
		p.says(`href="/parcels/alerts/` + id + `"`)
		if p.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page may be kept: %s", p.header.Get("Cache-Control"))
		}
		p = b.post(at, "name", "Mia’s kettle", "note", "see https://shop.example/orders/7", "tags", "kitchen, gifts", "order", "4711")
		p.says("Saved.").says("Mia’s kettle").says("kitchen").says("4711")
		p.says(`href="https://shop.example/orders/7" rel="external nofollow noopener noreferrer"`).says("leads to another website, ")
		b.get("/parcels?q=kettle").says("Mia’s kettle")
		b.get("/parcels?q=4711").says("Mia’s kettle")
		b.undo(b.get(p.at)).says("One parcel is as it was.")
		b.get(at).without("kettle")
		b.post(at, "name", strings.Repeat("x", 130)).is(http.StatusBadRequest).says("120 characters are the most").says(strings.Repeat("x", 130))
		b.post(at, "do", "delete").says("One parcel is deleted")
		b.get(at).is(http.StatusNotFound)
	})
}

func TestAnothersParcelIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mias := w.join()
		ids := mias.post("/parcels", "text", ups).ids()
		gone := mias.sendForm("/parcels/change", url.Values{"do": {"add_tag"}, "tag": {"secret"}, "id": ids})
		mias.post("/parcels/import", "text", "").is(http.StatusBadRequest)
		preview := mias.upload("/parcels/import", "list.csv", []byte("number\n"+postal+"\n"))
		noahs := w.join("contact", "noah@mail.example", "nickname", "Noah")

		noahs.get("/parcels").without(ups).without("secret")
		noahs.get("/parcels/" + ids[0]).is(http.StatusNotFound)
		noahs.post("/parcels/"+ids[0], "name", "mine").is(http.StatusNotFound)
		noahs.post("/parcels/"+ids[0], "do", "delete").is(http.StatusNotFound)
		noahs.sendForm("/parcels/change", url.Values{"do": {"delete"}, "id": ids}).is(http.StatusNotFound)
		noahs.post("/parcels/undo", "id", undoID.FindStringSubmatch(gone.body)[1]).is(http.StatusNotFound)
		noahs.get(preview.at).is(http.StatusNotFound).without(postal)
		noahs.post(preview.at, "do", "import", "revision", "1").is(http.StatusNotFound)
		noahs.get("/parcels/export?format=csv").is(http.StatusOK).without(ups)

		stranger := w.browser()
		if p := stranger.get("/parcels/" + ids[0]); !strings.HasPrefix(p.at, "/signin?next=") {
			t.Errorf("a stranger gets %s", p.at)
		}
		stranger.post("/parcels", "text", postal)
		mias.get("/parcels").says(ups).says("secret").without(postal)
	})
}

func TestHostileWordsAreText(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		id := b.post("/parcels", "text", ups).ids()[0]
		const evil = `"><script>alert(1)</script>`
		b.post("/parcels/"+id, "name", evil, "note", "javascript:alert(1) https://ok@evil.example/ \u202egnp.exe\n"+evil, "tags", evil, "order", evil)
		for _, at := range []string{"/parcels", "/parcels/" + id, "/parcels?q=" + url.QueryEscape(evil), "/parcels?tag=" + url.QueryEscape(evil)} {
			p := b.get(at).is(http.StatusOK).without("<script>alert").without(`href="javascript:`).without(`href="https://ok@`)
			p.says(evil)
			for _, name := range paragraph.FindAllString(p.body, -1) {
				if !strings.Contains(name, "<bdi>") {
					t.Errorf("%s: a name is not kept apart from what stands beside it: %s", at, name)
				}
			}
		}
	})
}

func TestAnotherSitesPageChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		ids := b.post("/parcels", "text", ups).ids()
		b.header.Set("Sec-Fetch-Site", "cross-site")
		for _, at := range []string{"/parcels", "/parcels/change", "/parcels/undo", "/parcels/views", "/parcels/views/delete", "/parcels/import", "/parcels/import/x", "/parcels/" + ids[0]} {
			b.sendForm(at, url.Values{"id": ids, "do": {"delete"}, "text": {postal}}).is(http.StatusForbidden)
		}
		b.header.Del("Sec-Fetch-Site")
		if got := b.get("/parcels").ids(); !slices.Equal(got, ids) {
			t.Errorf("there are %v, want %v", got, ids)
		}
	})
}

func TestAnImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/parcels/import").is(http.StatusOK).says("nothing is saved before you say so")
		b.upload("/parcels/import", "list.xlsx", []byte("PK\x03\x04nonsense")).is(http.StatusBadRequest).says("Excel file can’t be read")
		p := b.upload("/parcels/import", "list.csv", []byte("what;parcel;mark\nTea;"+ups+";gift\nOil;"+postal+";\n;RR123456784DE;\n"))
		p.says("2 lines will become new parcels.").says("No tracking number")
		at := p.at
		p = b.sendForm(at, url.Values{"do": {"read"}, "header": {"yes"}, "col": {"number", "name", "tags"}, "tags": {"june"}}).says("No line will become a new parcel")
		p = b.sendForm(at, url.Values{"do": {"read"}, "header": {"yes"}, "col": {"number", "number", "tags"}}).is(http.StatusBadRequest).says("One column, and only one")
		p = b.sendForm(at, url.Values{"do": {"read"}, "header": {"yes"}, "col": {"name", "number", "tags"}, "tags": {"june"}}).says("2 lines will become new parcels.")
		if p := b.get(at + "?outcome=no_number"); strings.Count(p.body, ">"+ups+"</bdi>") != 1 { // in the sample only
			t.Error("what is a number is shown among what isn't")
		}
		b.post(at, "do", "import", "revision", "1").is(http.StatusBadRequest).says("changed meanwhile")
		p = b.post(at, "do", "import", "revision", "3").says("2 parcels are saved.").says("One could not be taken.").says("Tea").says("june")
		b.get(at).is(http.StatusNotFound).says("import is over")
		b.undo(p).says("You keep no parcels yet")
	})
}

// What a carrier demands is asked for when a number is added, and on the parcel's
// own page, and stands in no address.
func TestWhatACarrierDemandsIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		p := b.post("/parcels", "text", "number,carrier\n0123456789,gls\n0123456790,gls").is(http.StatusOK)
		if !strings.HasPrefix(p.at, "/parcels/import/") {
			t.Fatalf("at %s, want a preview that asks; %s", p.at, p.said())
		}
		p.says("New; more is needed").says("GLS wants the recipient’s").says("Use what was entered")
		b.post(p.at, "do", "give", "line-2-postal_code", "10117", "line-3-postal_code", "?").is(http.StatusBadRequest).
			says("Enter it as in the address")
		p = b.get(p.at)
		if n := strings.Count(p.body, "New; more is needed"); n != 2 { // a filter and a line
			t.Errorf("after one was given %d places say that more is needed, want 2", n)
		}
		p = b.post(p.at, "do", "import", "revision", "2").says("2 parcels are saved.").says("More is needed")
		page := b.get("/parcels/" + p.ids()[slices.Index(p.names(), "0123456790")]).says("GLS answers only with more than the number").says("What the carrier wants to know")
		b.post(page.at, "do", "give", "by", "gls", "postal_code", "x").is(http.StatusBadRequest).says("Enter it as in the address")
		given := b.post(page.at, "do", "give", "by", "gls", "postal_code", "75001").is(http.StatusOK).says("It is asked with what you entered.").says("Asking GLS")
		if strings.Contains(given.at, "75001") || strings.Contains(given.body, "75001") {
			t.Errorf("what was given is shown at %s: %s", given.at, given.said())
		}
		b.undo(given).says("GLS answers only with more than the number")
	})
}

func TestAMailIsImportedAndItsDayIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		until := time.Now().AddDate(0, 0, 3)
		mail := "From: Shop <orders@shop.example>\r\nSubject: Sent\r\nContent-Type: text/html\r\n\r\n<script type=\"application/ld+json\">" +
			`{"@type": "ParcelDelivery", "trackingNumber": "` + ups + `", "expectedArrivalUntil": "` + until.Format(time.DateOnly) + `"}</script><p>Thank you</p>` + "\r\n"
		told := "Expected: " + until.Format("Mon 2 January 2006") + ", says a mail from shop.example"
		p := b.upload("/parcels/import", "order.eml", []byte(mail)).says("One line will become a new parcel.").says(told)
		p = b.post(p.at, "do", "import", "revision", "1").says("One parcel is saved.").says(told)
		b.get("/parcels/" + p.ids()[0]).says(told)
		b.get("/parcels/export?format=csv").says(until.Format(time.DateOnly))
		w.tell(ups, status.DeliveredOther, time.Hour)
		if p := b.get("/parcels/" + p.ids()[0]); strings.Contains(p.body, "shop.example") {
			t.Error("what was delivered is still expected")
		}
	})
}

func TestDownloads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		ids := b.post("/parcels", "text", ups+" "+postal).ids()
		b.post("/parcels/"+ids[0], "name", "=1+1", "tags", "gifts")
		w.tell(ups, status.InTransitOther, time.Hour)
		p := b.get("/parcels/export?format=csv").is(http.StatusOK).says(ups).says(postal).says("'=1+1")
		if got := p.header.Get("Content-Disposition"); got != `attachment; filename="waypost-parcels.csv"` {
			t.Errorf("it is called %s", got)
		}
		if n := strings.Count(b.get("/parcels/export?format=csv&tag=gifts").body, "\n"); n != 2 {
			t.Errorf("with the tag there are %d lines, want the heading and one", n)
		}
		b.get("/parcels/export?format=csv&sheet=events").says("Testhafen")
		if p := b.get("/parcels/export?format=xlsx").is(http.StatusOK); !strings.HasPrefix(p.body, "PK") {
			t.Error("the spreadsheet is none")
		}
		b.get("/parcels/export?format=exe").is(http.StatusBadRequest)
	})
}

func TestParcelPagesInEveryLanguage(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.join()
	empty := b.get("/parcels?lang=ar").is(http.StatusOK)
	ids := b.post("/parcels", "text", ups+" "+ups2+" "+postal).ids()
	w.tell(ups, status.ExceptionLost, time.Hour)
	w.tell(postal, status.AvailableForPickupOther, 50*time.Hour)
	b.post("/parcels/"+ids[0], "name", "Kettle", "note", "see https://shop.example/7", "tags", "gifts", "order", "4711")
	b.post("/parcels/views", "name", "Gifts", "back", "tag=gifts")
	w.registers(b.self(w), watch.Registering{Number: ups2, Details: watch.Details{Tag: "gifts"}})
	preview := b.upload("/parcels/import", "list.csv", []byte("what;parcel\nKettle;"+ups+"\n;RR123456784DE\n;RR123456784DEX\nx;y\n;123\n"))
	checkPage(t, empty, "ar")
	for _, words := range w.kit.Words() {
		for _, at := range []string{
			"/parcels?", "/parcels?q=zzz", "/parcels?shelf=both&sort=name&did=archive&n=2&undo=x", "/parcels?did=add&n=0&there=1&left=2", "/parcels?did=delete&n=11",
			"/parcels/" + ids[0] + "?", "/parcels/" + ids[2] + "?did=edit&n=1", "/parcels/import?", preview.at + "?", "/parcels/programs?", "/parcels/programs?show=stopped",
		} {
			t.Run(words.Lang+" "+at, func(t *testing.T) {
				b.t = t
				checkPage(t, b.get(at+"&lang="+words.Lang).is(http.StatusOK), words.Lang)
			})
		}
	}
}
