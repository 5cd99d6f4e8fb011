package ui

import "testing"

func TestLinked(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		href, host string // of the one link, "" when there is to be none
	}{
		{"a web address within words", "see https://shop.example/orders/7.", "https://shop.example/orders/7", "shop.example"},
		{"a scheme in capitals", "HTTPS://shop.example/a", "https://shop.example/a", "shop.example"},
		{"with a query", "http://shop.example/?a=1&b=2", "http://shop.example/?a=1&b=2", "shop.example"},
		{"a host in another alphabet is spelled out", "https://раураl.example/x", "https://xn--l-7sba6dbr.example/x", "xn--l-7sba6dbr.example"},
		{"script", "javascript:alert(1)", "", ""},
		{"script, written so that it looks like another", "java\tscript:alert(1) ｊavascript:alert(1) vbscript:x", "", ""},
		{"a scheme that looks like one", "ｈttps://evil.example/ hxxps://evil.example/ httрs://evil.example/", "", ""},
		{"no scheme at all", "//evil.example/ \\\\evil.example/", "", ""},
		{"slashes of another kind", "https:\\\\evil.example/ https:/evil.example/", "", ""},
		{"a back slash in the host", `https://shop.example\@evil.example/`, "", ""},
		{"a dot that only looks like one", "https://shop．example/", "https://shop.example/", "shop.example"},
		{"mail", "mailto:eve@evil.example", "", ""},
		{"data", "data:text/html,<script>alert(1)</script>", "", ""},
		{"a name that looks like the host", "https://bank.example@evil.example/", "", ""},
		{"a machine's number", "http://127.0.0.1/admin", "", ""},
		{"a machine's number in another notation", "http://0x7f.1/", "", ""},
		{"IPv6", "http://[::1]/", "", ""},
		{"a bare machine", "http://localhost/", "", ""},
		{"a port", "http://shop.example:8443/", "", ""},
		{"bidi control within", "https://shop.example/\u202egpj.exe", "https://shop.example", "shop.example"},
		{"markup ends it", `https://shop.example/"><img src=x>`, "https://shop.example", "shop.example"},
		{"words only", "behind the shed", "", ""},
	} {
		var link Piece
		whole, links := "", 0
		for _, p := range Linked(tc.text) {
			if p.Href != "" {
				link, links = p, links+1
			}
			whole += p.Text
		}
		want := 1
		if tc.href == "" {
			want = 0
		}
		if links != want || link.Href != tc.href && link.Href != tc.href+"/" || link.Host != tc.host {
			t.Errorf("%s: got %d links, %q to %q; want %q to %q", tc.name, links, link.Href, link.Host, tc.href, tc.host)
		}
		if want == 0 && whole != tc.text {
			t.Errorf("%s: got %q, want the text as it was", tc.name, whole)
		}
	}
}
