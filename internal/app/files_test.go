package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/folder"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

const (
	eventFile = "number,time,status,words\nHP482910375,2026-03-02T18:30:00Z,InTransit_PickedUp,Handed in\nHP482910375,2026-03-04T12:05:00Z,Delivered,Delivered\n"
	slipFile  = eventFile + "HP482910375,soon,Delivered,Delivered\nHP482910391,2026-03-04T12:05:00Z,Delivered,Delivered\n"
)

// A partner is somebody who sends files, and a parcel of which they tell.
type partner struct {
	t    *testing.T
	s    *server
	base string
	dir  string
	id   parcel.ID
	gate *gate
}

func eachPartner(t *testing.T, test func(t *testing.T, p partner)) {
	t.Helper()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := partner{t: t, dir: t.TempDir()}
		p.s, p.base = start(t, address, func(c *config.Config) {
			c.Accounts = map[string]map[string]config.Account{
				"event-file": {"partner": {Folder: p.dir}}, "emsevt": {"posts": {}},
				"ninja-van": {"shop": {Values: map[string]config.Secret{"client_secret": pushSecret}}},
			}
		})
		p.gate = &gate{t: t, s: p.s, base: p.base, clerks: map[string]account.Token{}}
		p.id = p.want("HP482910375", "gdex", "event-file/partner")
		test(t, p)
	})
}

// want wants a parcel of a carrier that the account's source tells of.
func (p partner) want(number string, of carrier.Code, account carrier.AccountCode) parcel.ID {
	p.t.Helper()
	source, _, _ := strings.Cut(string(account), "/")
	parcels, err := p.s.store.Want(p.t.Context(), []parcel.Want{{
		Key: parcel.Key{Number: number, Carrier: of}, Until: time.Now().Add(time.Hour), Choice: parcel.ByHand,
		Askings: []parcel.Asking{{Account: account, Source: carrier.SourceCode(source), Carrier: of, Number: number, Role: parcel.Origin, Told: true}},
	}})
	if err != nil {
		p.t.Fatal(err)
	}
	return parcels[0].ID
}

func (p partner) parcel(id parcel.ID) parcel.Parcel {
	p.t.Helper()
	all, err := p.s.store.Get(p.t.Context(), id)
	if err != nil || len(all) != 1 {
		p.t.Fatalf("the parcel: %v, %v", all, err)
	}
	return all[0]
}

func TestFilesInAFolderBecomeEvents(t *testing.T) {
	t.Parallel()
	eachPartner(t, func(t *testing.T, p partner) {
		f := &folder.Folder{Path: (*p.s.folders.Load())["event-file/partner"], Most: maxEventFile, Take: p.s.takeFrom("event-file/partner")}
		for name, text := range map[string]string{"march.csv": slipFile, "none.csv": `number,"`} {
			if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		now := time.Now()
		for _, at := range []time.Time{now, now.Add(folder.Quiet)} {
			if _, _, err := f.Look(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.parcel(p.id); len(got.History.Events) != 2 || got.Standing(time.Now()).Status != status.DeliveredOther || got.Asks[0].State != parcel.Told {
			t.Errorf("the parcel is %+v, want it delivered after two events", got)
		}
		for file, want := range map[string]string{"done/march.csv.reason.txt": "line 4: HP482910375: event.at: text of 4 characters", "failed/none.csv.reason.txt": "is no CSV"} {
			if text, err := os.ReadFile(filepath.Join(p.dir, file)); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s says %q (%v), want %q", file, text, err, want)
			}
		}
	})
}

// form sends a form as a clerk of that duty, with a file where there is one.
func (p partner) form(duty account.Duty, file string, fields url.Values) (int, string) {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name := range fields {
		if err := form.WriteField(name, fields.Get(name)); err != nil {
			p.t.Fatal(err)
		}
	}
	if file != "" {
		part, err := form.CreateFormFile("file", "march.csv")
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := io.WriteString(part, file); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+"/staff/files", &body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "waypost_staff", Value: string(p.gate.clerk(duty))})
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, html.UnescapeString(string(page))
}

var keptContent = regexp.MustCompile(`name="content" value="([^"]*)"`)

func TestStaffLookAtAFileBeforeItIsTakenIn(t *testing.T) {
	t.Parallel()
	eachPartner(t, func(t *testing.T, p partner) {
		of := url.Values{"account": {"event-file/partner"}}
		code, page := p.form(account.Operator, slipFile, of)
		if code != http.StatusOK || !contains(page, "2 parcels, 1 of them wanted", "line 4 · HP482910375 · event.at", "HP482910375", "Delivered", "nobody wants it", "Take it in") {
			t.Fatalf("%d: the preview lacks something:\n%s", code, page)
		}
		if got := p.parcel(p.id); got.Revision != 0 {
			t.Errorf("the preview changed the parcel: %+v", got)
		}
		kept := keptContent.FindStringSubmatch(page)
		if kept == nil {
			t.Fatal("the preview keeps no file")
		}
		take := url.Values{"account": of["account"], "act": {"take"}, "content": {kept[1]}}
		if code, page := p.form(account.Operator, "", take); code != http.StatusOK || !contains(page, "Taken in: 2 parcels, 1 of them wanted by somebody, 1 with something new") {
			t.Errorf("%d: taking it in says\n%s", code, page)
		}
		if got := p.parcel(p.id).Standing(time.Now()).Status; got != status.DeliveredOther {
			t.Errorf("the parcel is %s", got)
		}
	})
}

func TestStaffAreToldWhyAFileIsNone(t *testing.T) {
	t.Parallel()
	eachPartner(t, func(t *testing.T, p partner) {
		of := url.Values{"account": {"event-file/partner"}}
		for name, tc := range map[string]struct {
			duty   account.Duty
			file   string
			fields url.Values
			want   int
			words  string
		}{
			"no file":                {account.Operator, "", of, http.StatusBadRequest, "Choose a file."},
			"none of the account's":  {account.Operator, `number,"`, of, http.StatusBadRequest, "Is it the right account?"},
			"of an unknown account":  {account.Operator, eventFile, url.Values{"account": {"event-file/other"}}, http.StatusBadRequest, "Choose whose file it is."},
			"of what sends no files": {account.Operator, eventFile, url.Values{"account": {"inpost/open"}}, http.StatusBadRequest, "Choose whose file it is."},
			"too large":              {account.Operator, strings.Repeat("x", 1<<20+1), of, http.StatusBadRequest, "larger than 1 MiB"},
			"far too large":          {account.Operator, strings.Repeat("x", 3<<20), of, http.StatusBadRequest, "larger than 1 MiB"},
			"content that is none":   {account.Operator, "", url.Values{"account": of["account"], "act": {"take"}, "content": {"%%%"}}, http.StatusBadRequest, "Choose a file."},
			"by who may not":         {account.Support, eventFile, of, http.StatusForbidden, ""},
			"taken by who may not":   {account.Support, "", url.Values{"account": of["account"], "act": {"take"}, "content": {base64.StdEncoding.EncodeToString([]byte(eventFile))}}, http.StatusForbidden, ""},
		} {
			if code, page := p.form(tc.duty, tc.file, tc.fields); code != tc.want || !strings.Contains(page, tc.words) {
				t.Errorf("%s: answered %d, want %d and %q:\n%.600s", name, code, tc.want, tc.words, page)
			}
		}
		if got := p.parcel(p.id); got.Revision != 0 {
			t.Errorf("the parcel was changed: %+v", got)
		}
	})
}

// A post's file tells of an item that another source is asked about, or nobody is.
func TestAPostsFileIsTakenIn(t *testing.T) {
	t.Parallel()
	eachPartner(t, func(t *testing.T, p partner) {
		id := p.want("RR482910374DE", "deutsche-post", "emsevt/posts")
		file, err := os.ReadFile("../../sources/emsevt/twice.edi")
		if err != nil {
			t.Fatal(err)
		}
		took, err := p.s.takeFile(t.Context(), "emsevt/posts", file)
		if err != nil || took.known != 1 || took.changed != 1 || len(took.slips) != 0 {
			t.Errorf("took %+v, %v", took, err)
		}
		got := p.parcel(id)
		if newest := got.Standing(time.Now()).Newest; len(got.History.Events) != 2 || newest.Status != status.DeliveredOther || newest.Words != "Delivered" || newest.Place.Country != "NO" {
			t.Errorf("the item is %+v", got.History)
		}
	})
}

// Ninja Van can't be asked; it sends, and nobody but it.
func TestACarrierThatOnlySends(t *testing.T) {
	t.Parallel()
	eachPartner(t, func(t *testing.T, p partner) {
		const number = "NVSGTEST00018240"
		_, page := get(t, p.base+"/track?nums="+number)
		if !strings.Contains(html.UnescapeString(page), "it can’t be asked") {
			t.Errorf("the page doesn't say that nobody is asked:\n%s", page)
		}
		id := p.want(number, "ninja-van", "ninja-van/shop")
		body, err := os.ReadFile("../../carriers/ninja-van/delivered.json")
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, []byte(pushSecret))
		mac.Write(body)
		good := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for _, tc := range []struct {
			what, body, signature string
			want                  int
		}{
			{"not signed", string(body), "", http.StatusUnauthorized},
			{"tampered with", strings.Replace(string(body), "Delivered", "Cancelled", 1), good, http.StatusUnauthorized},
			{"signed by another", string(body), base64.StdEncoding.EncodeToString(make([]byte, 32)), http.StatusUnauthorized},
			{"signed", string(body), good, http.StatusOK},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+"/push/ninja-van/shop", strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Ninjavan-Hmac-Sha256", tc.signature)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := p.parcel(id); resp.StatusCode != tc.want || (got.Revision > 0) != (tc.want == http.StatusOK) {
				t.Errorf("%s: answered %d, the parcel is of revision %d", tc.what, resp.StatusCode, got.Revision)
			}
		}
		if got := p.parcel(id).Standing(time.Now()).Status; got != status.DeliveredOther {
			t.Errorf("the parcel is %s", got)
		}
	})
}
