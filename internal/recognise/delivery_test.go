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
