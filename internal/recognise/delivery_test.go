package recognise

import (
	"slices"
	"strings"
	"testing"
)

// page is a mail's HTML that tells programs so, and people nothing of a carrier.
func page(data string) string {
	return `<html><head><script type="application/ld+json">` + data + `</script></head><body><p>Your parcel 281937465014 is on its way.</p></body></html>`
}

// expectations are each number with its first carrier and its day.
func expectations(f Found) []string {
	all := seen(f)
	for i, n := range f.Numbers {
		all[i] += " " + n.Expected
	}
	return all
}

func TestWhatAMailTellsProgramsOf(t *testing.T) {
	x, _ := shipped(t)
	mail := func(html string) string {
		return strings.ReplaceAll("From: shop@shop.example\nSubject: Sent\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"+
			"--b\nContent-Type: text/plain\n\nYour parcel 281937465014 is on its way.\n--b\nContent-Type: text/html\n\n"+html+"\n--b--\n", "\n", "\r\n")
	}
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"the carrier and the day", mail(page(`{"@context": "https://schema.org", "@type": "ParcelDelivery", "trackingNumber": "281937465014",
			"provider": {"@type": "Organization", "name": "FedEx"}, "expectedArrivalFrom": "2026-03-05T08:00:00+01:00", "expectedArrivalUntil": "2026-03-06T18:00:00+01:00"}`)),
			[]string{"281937465014 fedex 2026-03-06"}},
		{"the carrier's address", page(`{"@type": "http://schema.org/ParcelDelivery", "trackingNumber": "281937465014", "trackingUrl": "https://toi.kuronekoyamato.co.jp/x"}`),
			[]string{"281937465014 yamato "}},
		{"several, within an order in a list", page(`[{"@type": "Order", "orderDelivery": [
			{"@type": ["Thing", "ParcelDelivery"], "trackingNumber": "RR409172635GB", "carrier": "Royal Mail", "expectedArrivalUntil": "2026-03-09"},
			{"@type": "ParcelDelivery", "trackingNumber": 281937465014, "carrier": {"name": "FedEx"}}]}]`),
			[]string{"RR409172635GB royal-mail 2026-03-09", "281937465014 fedex "}},
		{"in attributes", `<div itemscope itemtype="http://schema.org/ParcelDelivery"><meta itemprop="trackingNumber" content="281937465014"/>
			<div itemprop="carrier" itemscope itemtype="http://schema.org/Organization"><meta itemprop="name" content="FedEx"></div>
			<time itemprop="expectedArrivalUntil" datetime="2026-03-06T18:00">Friday</time>
			<div itemprop="itemShipped" itemscope itemtype="http://schema.org/Product"><meta itemprop="name" content="DHL lantern"></div></div><p>281937465014 is on its way</p>`,
			[]string{"281937465014 fedex 2026-03-06"}},
		{"no day", page(`{"@type": "ParcelDelivery", "trackingNumber": "RR409172635GB", "expectedArrivalUntil": "soon"}`),
			[]string{"RR409172635GB royal-mail ", "281937465014 yamato "}},
		{"another type", page(`{"@type": "Order", "trackingNumber": "RR409172635GB", "name": "ParcelDelivery"}`), []string{"281937465014 yamato "}},
		{"no JSON", page(`ParcelDelivery {`), []string{"281937465014 yamato "}},
		{"other types of fields", page(`{"@type": "ParcelDelivery", "trackingNumber": ["RR409172635GB"], "provider": 5, "expectedArrivalUntil": {}}`), []string{"281937465014 yamato "}},
		{"nested without end", page(strings.Repeat(`{"a":`, 5000) + `{"@type": "ParcelDelivery", "trackingNumber": "RR409172635GB"}` + strings.Repeat("}", 5000)), []string{"281937465014 yamato "}},
		{"a script that isn't data", strings.Replace(page(`{"@type": "ParcelDelivery", "trackingNumber": "RR409172635GB"}`), "application/ld+json", "text/javascript", 1), []string{"281937465014 yamato "}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := x.Text(tc.text, Hints{})
			if got := expectations(found); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q\nignored: %v", got, tc.want, found.Ignored)
			}
			for _, ignored := range found.Ignored {
				if ignored.Why.Code == IsAgain {
					t.Errorf("says of %s that it came twice", ignored.Text)
				}
			}
		})
	}
}

func TestDaysThatAMailPromisesInWords(t *testing.T) {
	x, _ := shipped(t)
	mail := func(body string) string {
		return "From: DHL <noreply@dhl.de>\r\nSubject: Your parcel\r\nDate: Mon, 02 Feb 2026 18:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
			strings.ReplaceAll(body, "\n", "\r\n")
	}
	html := func(charset, body string) string {
		return "From: orders@shop.example\r\nDate: Mon, 02 Feb 2026 18:00:00 +0100\r\nContent-Type: text/html; charset=" + charset + "\r\n\r\n" + body
	}
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"in words", mail("Your parcel 1Z4A7B2C0364182055 is on its way to you.\nExpected delivery: Tuesday, 3 February\n"), []string{"1Z4A7B2C0364182055 ups 2026-02-03"}},
		{"for all of a mail's parcels", mail("Your parcels 1Z4A7B2C0364182055 and 1Z88R0X30319772400 arrive tomorrow.\n"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-03", "1Z88R0X30319772400 ups 2026-02-03"}},
		{"each its own, after it", mail("The following parcels are on their way:\n1Z4A7B2C0364182055\nExpected delivery: 3 February\n1Z88R0X30319772400\nExpected delivery: 5 February\n"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-03", "1Z88R0X30319772400 ups 2026-02-05"}},
		{"each its own, before it", mail("The following parcels are on their way:\nExpected delivery: 3 February\n1Z4A7B2C0364182055\nExpected delivery: 5 February\n1Z88R0X30319772400\n"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-03", "1Z88R0X30319772400 ups 2026-02-05"}},
		{"two for one parcel are none", mail("Your parcel 1Z4A7B2C0364182055 is late.\nExpected delivery: 3 February\nExpected delivery: 5 February\n"), []string{"1Z4A7B2C0364182055 ups "}},
		{"an earlier one doesn't count", mail("Your parcel 1Z4A7B2C0364182055 is late.\nPrevious expected delivery: 3 February\nNew expected delivery: 5 February\n"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-05"}},
		{"in a table", html("utf-8", "<table><tr><td>Sendungsnummer</td><td>1Z4A7B2C0364182055</td></tr><tr><td>Voraussichtliche Zustellung</td><td>Dienstag, 3. Februar</td></tr></table><p>Vielen Dank für Ihren Einkauf</p>"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-03"}},
		{"in another alphabet", html("gb2312", "<p>\xc4\xfa\xb5\xc4\xb0\xfc\xb9\xfc 1Z4A7B2C0364182055</p><p>\xd4\xa4\xbc\xc62\xd4\xc23\xc8\xd5\xcb\xcd\xb4\xef</p><p>Thank you very much</p>"),
			[]string{"1Z4A7B2C0364182055 ups 2026-02-03"}},
		{"programs know better", strings.Replace(html("utf-8", page(`{"@type": "ParcelDelivery", "trackingNumber": "RR409172635GB", "expectedArrivalUntil": "2026-02-06"}`)), "Your parcel", "It comes tomorrow. Your parcel", 1),
			[]string{"RR409172635GB royal-mail 2026-02-06", "281937465014 yamato 2026-02-03"}},
		{"a page without a day of its own", "<p>Your parcel 1Z4A7B2C0364182055 is on its way.</p><p>Expected delivery: tomorrow</p>", []string{"1Z4A7B2C0364182055 ups "}},
		{"a whole date needs none", "<p>Your parcel 1Z4A7B2C0364182055 is on its way.</p><p>Expected delivery: 3 February 2026</p>", []string{"1Z4A7B2C0364182055 ups 2026-02-03"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := expectations(x.Text(tc.text, Hints{})); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
