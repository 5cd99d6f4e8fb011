package track17

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"

	"waypost/internal/carrier"
)

// carrierList is the path of the list that clients' carrier pickers read.
const carrierList = "/asset/carrier/info/apicarrier.all.json"

// serveCarriers serves all carriers that have a key, in the order of keys.
func (d *Door) serveCarriers(w http.ResponseWriter, r *http.Request) {
	t := listCarriers(d.Catalogue())
	sum := sha256.Sum256(t.b)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, http.StatusOK, t)
}

func listCarriers(catalogue *carrier.Catalogue) *text {
	all := slices.DeleteFunc(slices.Clone(catalogue.Carriers()), func(c *carrier.Carrier) bool { return c.Key == 0 })
	slices.SortFunc(all, func(a, b *carrier.Carrier) int { return a.Key - b.Key })
	t := newText()
	t.open('[')
	for _, c := range all {
		t.object("", func() {
			t.num("key", int64(c.Key))
			t.num("_country", int64(countries[c.Country]))
			t.str("_country_iso", c.Country)
			t.null("_email")
			t.opt("_tel", c.Phone)
			t.opt("_url", c.Site)
			t.str("_name", c.Name())
			t.str("_name_zh-cn", c.Name("zh-CN", "zh-Hans", "zh"))
			t.str("_name_zh-hk", c.Name("zh-HK", "zh-Hant", "zh-TW", "zh"))
		})
	}
	t.close(']')
	return t
}
