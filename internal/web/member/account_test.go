package member_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
)

func TestTheProfile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account").is(http.StatusOK).says(`value="Mia"`).says(`value="DE" selected`)
		b.post("/account/profile", "nickname", "", "company", "Herons", "country", "CH", "language", "en").
			is(http.StatusBadRequest).says("1 to 40 characters").says(`value="Herons"`)
		b.post("/account/profile", "nickname", "Mia 2", "company", "Herons", "country", "CH", "language", "zh").
			isAt("/account?done=profile").says("已保存").says("Mia 2").says(`value="CH" selected`)
		if got := b.cookies()["Country"]; got != "CH" {
			t.Errorf("the region preference is %q", got)
		}
		b.post("/account/profile", "nickname", "Mia", "company", "", "country", "CH", "language", "xx-nonsense-language").is(http.StatusBadRequest)
	})
}

// picture sends a file to /account/picture.
func (b *browser) picture(file []byte) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("picture", "mia.png")
	if err != nil {
		b.t.Fatal(err)
	}
	part.Write(file) //nolint:errcheck // a buffer takes everything
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/account/picture", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.send(r)
}

func TestThePicture(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account/picture").is(http.StatusNotFound)
		b.picture([]byte("<svg onload=alert(1)>")).is(http.StatusBadRequest).says("can’t be used")
		b.picture(bytes.Repeat([]byte("x"), 6<<20)).is(http.StatusRequestEntityTooLarge)
		b.post("/account/picture").is(http.StatusBadRequest).says("Choose a picture first")
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 300, 200))); err != nil {
			t.Fatal(err)
		}
		b.picture(file.Bytes()).isAt("/account?done=picture").says(`src="/account/picture"`)
		got := b.get("/account/picture").is(http.StatusOK)
		if kind := got.header.Get("Content-Type"); kind != "image/png" || !strings.HasPrefix(got.header.Get("Cache-Control"), "private") {
			t.Errorf("the picture is %s, %s", kind, got.header.Get("Cache-Control"))
		}
		w.browser().get("/account/picture").isAt("/signin?next=%2Faccount%2Fpicture")
		b.post("/account/picture", "remove", "1").isAt("/account?done=picture")
		b.get("/account/picture").is(http.StatusNotFound)
	})
}

func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account/address/fax").is(http.StatusNotFound)
		b.get("/account/address/phone").is(http.StatusOK).says("Add a phone number")
		b.post("/account/address/phone", "contact", "mia2@mail.example").is(http.StatusBadRequest).says("A phone number is wanted")
		b.move("phone", "030 1234567").isAt("/account?done=address").says("+49301234567")
		b.post("/account/main", "kind", "phone").isAt("/account?done=main")
		b.post("/account/main", "kind", "pigeon").is(http.StatusBadRequest)
		b.post("/account/address/mail", "contact", "mia2@mail.example").isAt("/account/address/code")
		w.letters()
		b.move("mail", "mia3@mail.example").isAt("/account?done=address").says("mia3@mail.example")
		undo := string(w.letter(account.LetterNotice).Token)
		b.get("/account/address/phone/remove").is(http.StatusOK).says("+49301234567")
		b.post("/account/address/phone/remove").isAt("/account?done=removed")
		b.post("/account/address/mail/remove").is(http.StatusBadRequest).says("only address")

		owner := w.browser()
		owner.get("/undo/" + undo).is(http.StatusOK).says("another e-mail address")
		owner.get("/undo/" + undo).is(http.StatusOK) // looking changes nothing
		owner.post("/undo/" + undo).is(http.StatusOK).says("It is undone")
		owner.post("/undo/" + undo).is(http.StatusNotFound).says("undone already")
		b.get("/account").isAt("/signin?next=%2Faccount")
	})
}

// move changes an address with the codes of both ends.
func (b *browser) move(kind, to string) page {
	b.t.Helper()
	b.post("/account/address/"+kind, "contact", to).isAt("/account/address/code").says(mia).says("After it another code")
	b.post("/account/address/code", "code", b.letter(account.LetterMove).Code).isAt("/account/address/code?next=%2Faccount%3Fdone%3Daddress")
	return b.post("/account/address/code", "code", b.letter(account.LetterContact).Code)
}

func TestALostAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account/address/mail").is(http.StatusOK).says("I can’t read messages at mia@mail.example any more")
		b.post("/account/address/mail", "contact", "mia2@", "lost", "yes").is(http.StatusBadRequest).says("That is no e-mail address").says(`value="mia2@"`)
		b.post("/account/address/mail", "contact", "mia2@mail.example", "lost", "yes").isAt("/account/address/mail").says("mia2@mail.example was asked for")
		b.get("/account").says("mia2@mail.example, from")
		b.post("/account/address/mail", "contact", "mia2@mail.example").isAt("/account/address/code").says(mia)
		b.post("/account/address/mail", "stop", "yes").isAt("/account?done=stopped").says("is not taken")
		if body := b.get("/account").body; strings.Contains(body, "mia2@") {
			t.Error("the account still waits")
		}

		b.post("/account/address/mail", "contact", "mia2@mail.example", "lost", "yes")
		undo := string(w.letter(account.LetterNotice).Token)
		owner := w.browser()
		owner.get("/undo/" + undo).is(http.StatusOK).says("another address was asked for")
		owner.post("/undo/" + undo).is(http.StatusOK).says("It is undone")
		b.get("/account").isAt("/signin?next=%2Faccount")
	})
}

func TestPasswordAndDevices(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, phone := w.join(), w.browser()
		phone.header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1")
		phone.post("/signin", "contact", mia, "password", secret).isAt("/account")
		b.get("/account").says("Safari, iPhone").says("Sign out all others")
		b.post("/account/devices", "device", "eu-nobody").isAt("/account?done=devices")
		phone.get("/account").isAt("/account")
		b.post("/account/devices", "others", "1").isAt("/account?done=devices")
		phone.get("/account").isAt("/signin?next=%2Faccount")
		b.post("/account/password", "password", "herons").is(http.StatusBadRequest).says("8 characters")
		b.post("/account/password", "password", "eighteen green herons").isAt("/account?done=password")
		phone.post("/signin", "contact", mia, "password", secret).is(http.StatusBadRequest)
	})
}

func TestProvingAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		before := b.cookies()["waypost_session"]
		b.get("/account/prove?next=/account/password").is(http.StatusOK).says("m…@mail.example")
		b.post("/account/prove", "password", "not the password", "next", "/account/password").is(http.StatusBadRequest).says("not your password").says(`value="/account/password"`)
		b.post("/account/prove", "password", secret, "next", "/account/password").isAt("/account/password")
		if b.cookies()["waypost_session"] == before {
			t.Error("the session's token stayed the same when it gained rights")
		}
		b.post("/account/prove", "code", "mail", "next", "/account/password").isAt("/account/prove/code?next=%2Faccount%2Fpassword")
		b.post("/account/prove/code", "code", w.letter(account.LetterProve).Code, "next", "/account/password").isAt("/account/password")
	})
}

func TestDeactivating(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account/deactivate").is(http.StatusOK).says("Signing in takes it back")
		b.post("/account/deactivate").is(http.StatusOK).says("Your account is deactivated")
		if b.cookies()["waypost_session"] != "" {
			t.Error("the browser still carries the session")
		}
		b.get("/account").isAt("/signin?next=%2Faccount")
		b.post("/signin", "contact", mia, "password", secret, "next", "/account").isAt("/welcome?back=1&next=%2Faccount").says("Welcome back, Mia")
	})
}

func TestDeletingTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/my-data/delete").is(http.StatusOK).says("for good").says("For five working days")
		b.post("/my-data/delete").is(http.StatusOK).says("Your account will be deleted")
		if b.cookies()["waypost_session"] != "" {
			t.Error("the browser still carries the session")
		}
		b.get("/account").isAt("/signin?next=%2Faccount")
		b.post("/signin", "contact", mia, "password", secret, "next", "/account").isAt("/welcome?back=1&next=%2Faccount").says("Welcome back, Mia")
	})
}

func TestTheMemberReadsWhoLooked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		why := account.Why{Matter: account.ForTicket, Ref: "T-4711"}
		if _, err := w.members.Staff().Find(t.Context(), account.Console(), mia, why); err != nil {
			t.Fatal(err)
		}
		b.get("/account").says("Who looked at your account").says("Command line: found, ticket T-4711. Shown: state, shortened addresses")
		b.get("/account?lang=zh").says("命令行：查到，工单 T-4711。显示内容：状态、部分隐藏的地址")
	})
}

// Who is on the phone with the staff shows a code only while one is awaited.
func TestWhoIsOnThePhoneShowsACode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account").says("I’m on the phone with support")
		b.get("/account/call").is(http.StatusOK).says("Whoever is on the phone with you and asks for one isn’t from here")
		b.post("/account/call").isAt("/account/call").says("hang up")
		ctx, staff := t.Context(), w.members.Staff()
		link := must(staff.Invite(ctx, account.Console(), account.Contact{Kind: account.Mail, Value: "pavel@staff.example"}, []account.Duty{account.Support}))(t)
		e := must(staff.Entering(ctx, link.Token))(t)
		code := shows(t, e.App.Secret, time.Now())
		session := must(staff.Enter(ctx, link.Token, account.Newcomer{Name: "Pavel", Password: "eleven grey lighthouses", Code: code}, account.From{}))(t)
		pavel := must(staff.Session(ctx, session))(t)
		seen := must(staff.Find(ctx, pavel, mia, account.Why{Matter: account.ForCall, Ref: "T-7"}))(t)

		b.get("/account/call").says("is on the phone with who says that they are you").says("Never give a code to somebody who called you")
		shown := regexp.MustCompile(`<code>(\d{3} \d{3})</code>`).FindStringSubmatch(b.post("/account/call").is(http.StatusOK).says("Read this code out").body)
		if shown == nil {
			t.Fatal("no code is shown")
		}
		if err := staff.EnterCall(ctx, pavel, seen.Look, shown[1]); err != nil {
			t.Fatal(err)
		}
		b.get("/account/call").says("Nobody of this site is waiting")
		b.get("/account").says("Support: a caller showed who they are, call T-7. Shown: state, shortened addresses")
	})
}
