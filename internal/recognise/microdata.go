package recognise

import (
	"strings"

	"golang.org/x/net/html"
)

// marked are the deliveries that a page's attributes tell of, as microdata
// (schema.org/ParcelDelivery), in their order.
func marked(source string) []delivery {
	var all []delivery
	naming := false // what has a name next is the carrier
	z := html.NewTokenizer(strings.NewReader(source))
	for z.Next() != html.ErrorToken {
		kind, property, value := markOf(z.Token().Attr)
		if isParcelDelivery(kind) {
			all, naming = append(all, delivery{}), false
		}
		if len(all) == 0 {
			continue
		}
		d := &all[len(all)-1]
		switch property {
		case "trackingNumber":
			d.number = value
		case "trackingUrl":
			d.host = hostOf(value)
		case "expectedArrivalFrom", "expectedArrivalUntil":
			d.expect(value)
		case "provider", "carrier":
			d.carrier, naming = value, true
		case "name":
			if naming {
				d.carrier, naming = value, false
			}
		}
	}
	return all
}

// markOf is what an element's attributes say of data: its type, whose property it
// is, and its value where that is an attribute, too.
func markOf(attributes []html.Attribute) (kind, property, value string) {
	for _, a := range attributes {
		switch a.Key {
		case "itemtype":
			kind = a.Val
		case "itemprop":
			property = a.Val
		case "content", "href", "datetime":
			value = a.Val
		}
	}
	return kind, property, strings.TrimSpace(value)
}
