package v1

import (
	"context"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/quota"
)

func (d *Door) catalogue() {
	add(d, operation{
		route: "GET /v1/carriers", id: "listCarriers", tag: "carriers", scope: quota.Read,
		summary: "List carriers", about: "All carriers by code, or those whose names, code or country hold every word of a search.",
	}, d.listCarriers)
	add(d, operation{
		route: "GET /v1/carriers/{carrier}", id: "getCarrier", tag: "carriers", scope: quota.Read,
		summary: "Read a carrier",
	}, d.getCarrier)
}

// A Carrier is a carrier as Waypost knows it.
type Carrier struct {
	Code    carrier.Code      `json:"code" example:"dhl-express"`
	Key     int               `json:"key,omitempty" doc:"Its number in the compatible API."`
	Name    string            `json:"name" doc:"In English."`
	Names   map[string]string `json:"names" doc:"By language (BCP 47)."`
	Country string            `json:"country,omitempty" doc:"Two letters (ISO 3166-1); absent when it is of no one country."`
	Kind    carrier.Kind      `json:"kind" enum:"postal,express,parcel,lockers,last-mile,freight,marketplace"`
	Site    string            `json:"site,omitempty" format:"uri"`
	Phone   string            `json:"phone,omitempty" doc:"E.164."`
	Colour  string            `json:"colour,omitempty" doc:"Of its logo: #rrggbb."`
	Needs   []carrier.Need    `json:"needs" doc:"What it must know besides the number before it answers."`
	Formats []Format          `json:"formats" doc:"The forms that its numbers have."`
}

// A Format is one form that a carrier's numbers have.
type Format struct {
	Name    string        `json:"name"`
	Pattern string        `json:"pattern" doc:"RE2, over capital letters and digits without separators."`
	Check   string        `json:"check,omitempty" doc:"The rule of its check digit."`
	Trust   carrier.Trust `json:"trust" enum:"standard,published,observed" doc:"How sure the form is."`
	Service string        `json:"service,omitempty" doc:"What such a number says of the service."`
	Example string        `json:"example,omitempty" doc:"An invented number of this form."`
}

type listCarriersInput struct {
	Page
	Q string `query:"q" maxLength:"120" doc:"Words to look for."`
}

type listCarriersOutput struct{ Body List[Carrier] }

func (d *Door) listCarriers(_ context.Context, in *listCarriersInput) (*listCarriersOutput, error) {
	var found []*carrier.Carrier
	words := strings.Fields(strings.ToLower(in.Q))
	for _, c := range d.Knowledge().Catalogue.Carriers() {
		if holds(c, words) {
			found = append(found, c)
		}
	}
	some, next, err := pageOf(found, in.Page, func(c *carrier.Carrier) string { return string(c.Code) })
	if err != nil {
		return nil, err
	}
	return &listCarriersOutput{List[Carrier]{mapped(some, carrierOf), next}}, nil
}

// holds reports whether every word is in a carrier's names, code or country.
func holds(c *carrier.Carrier, words []string) bool {
	text := string(c.Code) + "\n" + c.Country
	for _, name := range c.Names {
		text += "\n" + name
	}
	text = strings.ToLower(text)
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

type carrierInput struct {
	Carrier string `path:"carrier" maxLength:"60" example:"dhl-express"`
}

type carrierOutput struct{ Body Carrier }

var errNoCarrier = fault.New(fault.NotFound, "not_found", "There is no carrier %q.")

func (d *Door) getCarrier(_ context.Context, in *carrierInput) (*carrierOutput, error) {
	c, ok := d.Knowledge().Catalogue.Carrier(carrier.Code(in.Carrier))
	if !ok {
		return nil, errNoCarrier.With(in.Carrier)
	}
	return &carrierOutput{carrierOf(c)}, nil
}

func carrierOf(c *carrier.Carrier) Carrier {
	out := Carrier{
		Code: c.Code, Key: c.Key, Name: c.Name(), Names: c.Names, Country: c.Country, Kind: c.Kind, Site: c.Site, Phone: c.Phone, Colour: c.Colour,
		Needs: append([]carrier.Need{}, c.Needs...), Formats: []Format{},
	}
	for _, f := range c.Formats {
		one := Format{Name: f.Name, Pattern: f.Pattern, Check: f.Check, Trust: f.Trust, Service: f.Service}
		if len(f.Good) > 0 {
			one.Example = f.Good[0]
		}
		out.Formats = append(out.Formats, one)
	}
	return out
}
