package recognise

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"waypost/internal/carrier"
)

// seen is what a text test compares: each number with its first carrier.
func seen(f Found) []string {
	var all []string
	for _, n := range f.Numbers {
		text := n.Text
		if len(n.Candidates) > 0 {
			text += " " + string(n.Candidates[0].Carrier)
		}
		all = append(all, text)
	}
	return all
}

func TestText(t *testing.T) {
	x, _ := shipped(t)
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"a list, spaced and hyphenated as people print it",
			"1Z 4A7 B2C 03 6418 205 5\n9405 5108 9876 5432 1012 31\nRR 40 917 263 5 GB, 2014-5673-8912-3456; 281937465014\t0034 0434 1234 5678 9012",
			[]string{"1Z4A7B2C0364182055 ups", "9405510898765432101231 usps", "RR409172635GB royal-mail", "2014567389123456 canada-post", "281937465014 yamato", "00340434123456789012 dhl-paket"}},
		{"numbers in one line with spaces between", "382174650910 1Z4A7B2C0364182055 RR409172635GB",
			[]string{"382174650910 fedex", "1Z4A7B2C0364182055 ups", "RR409172635GB royal-mail"}},
		{"two plain numbers are not joined", "281937465014 281937465014", []string{"281937465014 yamato"}},
		{"eight digits twice stay two numbers", "46025813 46025814", []string{"46025813 blue-dart", "46025814 blue-dart"}},
		{"lower case", "rr 409 172 635 gb", []string{"RR409172635GB royal-mail"}},
		{"the same number in three spellings comes once", "RR409172635GB\nrr 409172635 gb\nRR-409-172-635-GB", []string{"RR409172635GB royal-mail"}},
		{"full-width and Arabic digits", "ＲＲ４０９１７２６３５ＧＢ\n٢٨١٩٣٧٤٦٥٠١٤", []string{"RR409172635GB royal-mail", "281937465014 yamato"}},
		{"invisible characters", "\ufeffRR40\u200b9172\u00ad635GB\u200e", []string{"RR409172635GB royal-mail"}},
		{"a numbered list", "1. 1Z4A7B2C0364182055\n2. RR409172635GB", []string{"1Z4A7B2C0364182055 ups", "RR409172635GB royal-mail"}},
		{"quotes and brackets around", `("1Z4A7B2C0364182055"), [RR409172635GB]`, []string{"1Z4A7B2C0364182055 ups", "RR409172635GB royal-mail"}},

		{"a chat", "hey, dein paket kommt mit hermes, nummer 04123456789018, ruf an: 0170 1234567", []string{"04123456789018 hermes-de"}},
		{"Chinese without spaces", "您的顺丰快递单号SF1830274659102，订单号20260101123456，请查收", []string{"SF1830274659102 sf-express"}},
		{"Japanese", "お問い合わせ番号：2819-3746-5014（ヤマト運輸）", []string{"281937465014 yamato"}},
		{"carriers named before their numbers", "DHL: 4829103753, 7301846296\nHermes: 04123456789018", []string{"4829103753 dhl-express", "7301846296 dhl-express", "04123456789018 hermes-de"}},
		{"a carrier's name is no part of its number", "GLS 48210973605", []string{"48210973605 gls"}},
		{"a carrier's letters are", "SF 1402938475610", []string{"SF1402938475610 sf-express"}},
		{"the carrier of the line before is not that of another form", "bpost 323244711654658450910985\nABCD1234EFGH5678", []string{"323244711654658450910985 bpost", "ABCD1234EFGH5678"}},
		{"a word that introduces a number in the next line", "Sendungsnummer:\n4829103753", []string{"4829103753 dhl-express"}},

		{"things that are no numbers",
			"Dear Ms Meyer, thank you for order #302-1234567 of 12 May 2026, 14:30 (invoice 2026-000123), 1,249.00 EUR. Call +49 30 1234567 or (555) 123-4567, mail m.meyer@example.org. IBAN GB82 WEST 1234 5698 7654 32, ISO9001, VAT DE123456789, 2026-03-02, 02/03/2026, $12.50.",
			nil},
		{"an order number that looks like a parcel's", "Order number: 12345678901", nil},
		{"words", "hello world", nil},
		{"nothing", "", nil},

		{"a link of UPS", "https://www.ups.com/track?loc=en_US&tracknum=1Z4A7B2C0364182055&requester=WT/", []string{"1Z4A7B2C0364182055 ups"}},
		{"several numbers in one parameter", "https://tools.usps.com/go/TrackConfirmAction?tLabels=9405510898765432101231%2C9505511234567890123459",
			[]string{"9405510898765432101231 usps", "9505511234567890123459 usps"}},
		{"the host decides between carriers of plain digits", "https://www.fedex.com/fedextrack/?trknbr=281937465014", []string{"281937465014 fedex"}},
		{"a path", "Track: https://www.evri.com/track/parcel/4029381746501928.", []string{"4029381746501928 evri"}},
		{"a path with a country and a postal code behind", "https://jouw.postnl.nl/track-and-trace/3SKABC102938475-NL-1234AB", []string{"3SKABC102938475 postnl"}},
		{"a query in a fragment", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor=2014567389123456", []string{"2014567389123456 canada-post"}},
		{"a path in a fragment", "https://track.4px.com/#/result/0/4PX3001928374650CN", []string{"4PX3001928374650CN 4px"}},
		{"a list in a fragment, of a site for all carriers", "https://t.example.com/en#nums=RR409172635GB,1Z4A7B2C0364182055", []string{"RR409172635GB royal-mail", "1Z4A7B2C0364182055 ups"}},
		{"a link inside a click counter's", "https://click.example.com/x?id=12345678901&u=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D1Z4A7B2C0364182055", []string{"1Z4A7B2C0364182055 ups"}},
		{"without a scheme", "www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode=00340434123456789012", []string{"00340434123456789012 dhl-paket"}},
		{"a link of no carrier", "https://shop.example.com/orders/12345678901?session=98765432109", nil},

		{"GS1-128 with a routing code", "]C1420902109405510898765432101231", []string{"9405510898765432101231 usps"}},
		{"GS1-128 with a separator", "420902109999\x1d9405510898765432101231", []string{"9405510898765432101231 usps"}},
		{"a separator as some scanners print it", "42090210<GS>9405510898765432101231", []string{"9405510898765432101231 usps"}},
		{"SSCC in a data matrix", "]d200340434123456789012", []string{"00340434123456789012 dhl-paket"}},
		{"printed parentheses", "(420) 90210 (92) 00199999123456789019", []string{"9200199999123456789019 usps"}},
		{"printed SSCC with spaces, in a sentence", "SSCC (00) 3 4043412 345678901 2", []string{"00340434123456789012 dhl-paket"}},
		{"shipment number", "]C140204123456789012345", []string{"04123456789012345 poste-italiane"}},
		{"Australia Post: a fixed article and the id", "]C101993126509999989133ABC12345670105001", []string{"33ABC12345670105001 australia-post"}},
		{"MaxiCode in pieces", "[)>\x1e01\x1d96902100000\x1d840\x1d003\x1d1Z64182055\x1dUPSN\x1d4A7B2C\x1d123\x1d\x1d1/1\x1e\x04", []string{"1Z4A7B2C0364182055 ups"}},
		{"FedEx PDF417", "[)>\x1e01\x1d0290210\x1d840\x1d70\x1d3821746509100201\x1dFDEB\x1d1234567\x1e\x04", []string{"382174650910 fedex"}},
		{"DPD's raw scan", "%008175001475829361045101276", []string{"01475829361045 dpd"}},
		{"a licence plate", "]C0JJD0100273645019283", []string{"JJD0100273645019283 dhl-express"}},
		{"GS1 Digital Link", "https://id.example.com/00/340434123456789012?x=1", []string{"00340434123456789012 dhl-paket"}},
		{"FedEx ground's long barcode", "9612019408172635491824", []string{"9612019408172635491824 fedex"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := x.Text(tc.text, Hints{})
			if got := seen(found); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q\nignored: %v", got, tc.want, found.Ignored)
			}
		})
	}
}

func TestMail(t *testing.T) {
	x, _ := shipped(t)
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"HTML source", `<!DOCTYPE html><html><head><style>.a1234567890{color:#123456}</style></head><body>
			<table><tr><td>Tracking&nbsp;number</td><td>1Z<span>4A7B2C</span>0364182055</td></tr>
			<tr><td>Order</td><td>98765432109</td></tr></table>
			<p>Also <a href="https://www.ups.com/track?tracknum=1Z4A7B2C0364182055&amp;loc=de">here</a> &#82;R409172635GB</p></body></html>`,
			[]string{"1Z4A7B2C0364182055 ups", "RR409172635GB royal-mail"}},
		{"a mail with two forms of the same text", strings.ReplaceAll(`From: Parcels <no-reply@mail.evri.com>
To: Ana <ana@example.org>
Subject: =?utf-8?q?Your_parcel_=E2=9C=93?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

WW91ciBwYXJjZWwgNDAyOTM4MTc0NjUwMTkyOCBpcyBvbiBpdHMgd2F5Lg==
--b1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Your parcel 4029381746501928 is on its way, ref 11111111111.</p>
--b1--
`, "\n", "\r\n"), []string{"4029381746501928 evri"}},
		{"quoted-printable copied out of a mail", "<p>Your parcel <a href=3D\"https://www.evri.com/track/parcel/4029381=\n746501928\">40293817465=\n01928</a></p>",
			[]string{"4029381746501928 evri"}},
		{"the subject", "From: a@example.org\nSubject: Shipped: 1Z4A7B2C0364182055\n\nsee subject", []string{"1Z4A7B2C0364182055 ups"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := x.Text(tc.text, Hints{})
			if got := seen(found); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q\nignored: %v", got, tc.want, found.Ignored)
			}
		})
	}
}

func TestTextSaysWhatItIgnored(t *testing.T) {
	x, _ := shipped(t)
	for text, want := range map[string]ReasonCode{
		"hello": IsWords,
		"Dear Ana, your things are on their way.": IsWords,
		"2026-03-02":                           IsDate,
		"12 May 2026":                          IsDate,
		"2026年3月2日":                            IsDate,
		"14:30":                                IsTime,
		"1,249.00 EUR":                         IsPrice,
		"¥128":                                 IsPrice,
		"+49 30 1234567":                       IsPhone,
		"ana@example.org":                      IsEmail,
		"Order #98765432109":                   IsOrder,
		"订单号：98765432109012":                   IsOrder,
		"GB82 WEST 1234 5698 7654 32":          IsIBAN,
		"https://example.com/news/12345678901": IsLink,
		"1234":                                 IsTooShort,
		"It is written in 1234567 of these books": IsDigits,
		"We follow ISO9001 in all that we do":     IsUnlike,
		"RR409172635GB RR409172635GB":             IsAgain,
		strings.Repeat("1234567890", 6):           IsTooLong,
		"(420) 90210 (00) 340434123456789012":     IsRouting,
		"]C1":                                     IsUnreadable,
	} {
		found := x.Text(text, Hints{})
		if !slices.ContainsFunc(found.Ignored, func(i Ignored) bool { return i.Why.Code == want }) {
			t.Errorf("Text(%q) ignored %v, want a reason %s (numbers %q)", text, found.Ignored, want, seen(found))
		}
	}
}

func TestTextDoesNotFlood(t *testing.T) {
	x, _ := shipped(t)
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "Chapter %d speaks of %07d things and a few words more.\n", i, i*7919)
	}
	found := x.Text(text.String(), Hints{})
	if len(found.Numbers) > 0 || len(found.Ignored) > maxIgnored+1 {
		t.Errorf("%d numbers, %d pieces ignored; want none, and at most %d", len(found.Numbers), len(found.Ignored), maxIgnored+1)
	}
	if last := found.Ignored[len(found.Ignored)-1]; last.Why.Code != AndMore {
		t.Errorf("the last piece says %v, want how many more", last)
	}
}

func TestTextKeepsToItsLimits(t *testing.T) {
	x, _ := shipped(t)
	var list strings.Builder
	for i := range 60 {
		fmt.Fprintf(&list, "1Z4A7B2C03%08d\n", 10000000+i)
	}
	for most, want := range map[int][2]int{0: {40, 20}, 10: {10, 50}, 100: {60, 0}} {
		found := x.Text(list.String(), Hints{Max: most})
		if got := [2]int{len(found.Numbers), found.More}; got != want {
			t.Errorf("Max %d: %d numbers and %d more, want %v", most, got[0], got[1], want)
		}
	}
	if found := x.Text(strings.Repeat("1", 2*defaultSize), Hints{}); len(found.Numbers) > 0 {
		t.Errorf("a million digits make %d numbers", len(found.Numbers))
	}
	found := x.Text(strings.Repeat("word ", defaultSize/4)+"\n1Z4A7B2C0364182055", Hints{})
	if !slices.ContainsFunc(found.Ignored, func(i Ignored) bool { return i.Why.Code == IsCut }) {
		t.Errorf("nothing says that the text was cut: %v", found.Ignored)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"1Z 4A7 B2C 03 6418 205 5", "]C1420902109405510898765432101231", "[)>\x1e01\x1d96\x1d\x1dUPSN\x1d", "(00)(01)",
		"https://a/?u=https://b/?u=https://c/#x?y", "From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--",
		"<a href=3D\"http://x\">=\n</a>", "%008175001475829361045101276", "\xff\x1d", "订单号：9", "+1 (", "98.12.123456.12345678",
	} {
		f.Add(seed)
	}
	x, _ := shipped(f)
	f.Fuzz(func(t *testing.T, text string) {
		found := x.Text(text, Hints{Max: 5})
		if len(found.Numbers) > 5 || len(found.Ignored) > maxIgnored+1 {
			t.Fatalf("%d numbers, %d ignored", len(found.Numbers), len(found.Ignored))
		}
		spelled := map[string]bool{}
		for _, n := range found.Numbers {
			if len(n.Text) < minLength || len(n.Text) > maxLength || !hasDigit(n.Text) || spelled[n.Text] || !utf8.ValidString(n.Typed) {
				t.Errorf("found %+v", n)
			}
			spelled[n.Text] = true
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"RR409172635GB", "RR4O9172635GB", "1Z", "", "----", "12345678-0001-1", strings.Repeat("Z", 60), "ÄÖÜ1"} {
		f.Add(seed, "DE", "ups.com", "DHL")
	}
	x, _ := shipped(f)
	f.Fuzz(func(t *testing.T, text, country, host, words string) {
		n := x.Number(text, Hints{Country: country, Host: host, Words: words, Carriers: []carrier.Code{"ups", "nobody"}})
		sum := 0.0
		for _, c := range n.Candidates {
			sum += c.Score
			if (has(c, CheckWrong) || has(c, CheckDoubtful)) && c.Score >= Certain {
				t.Errorf("%q: %+v", text, c)
			}
		}
		if sum > 1.0001 {
			t.Errorf("%q: scores add up to %v", text, sum)
		}
	})
}
