package v1

import (
	"context"

	"waypost/internal/carrier"
	"waypost/internal/quota"
	"waypost/internal/recognise"
)

const (
	maxText    = 256 << 10 // bytes, as on the pages
	maxNumbers = 1000
)

func (d *Door) recognising() {
	add(d, operation{
		route: "POST /v1/recognise", id: "recognise", tag: "recognise", scope: quota.Read,
		summary: "Find tracking numbers in a text",
		about: "Reads any text: a list, a mail, a chat, a link, a barcode's content. " +
			"Says of each number which carriers it can belong to, best first and with reasons. Nobody is asked, and nothing is kept.",
	}, d.recognise)
}

// A RecogniseRequest is a text, and what is known beside it.
type RecogniseRequest struct {
	Text     string         `json:"text" minLength:"1" maxLength:"262144" doc:"Any text; HTML and e-mails are read as such." example:"Your parcel 1Z4A7B2C0364182055 is on its way"`
	Country  string         `json:"country,omitempty" pattern:"^[A-Za-z]{2}$" doc:"The country of the user, the shop or the destination: two letters (ISO 3166-1)."`
	Carriers []carrier.Code `json:"carriers,omitempty" maxItems:"20" doc:"Carriers that are likelier than others."`
	Sender   string         `json:"sender,omitempty" maxLength:"320" doc:"The address that the text was mailed from."`
	Limit    int            `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"40" doc:"How many numbers at most."`
}

// A Recognised is what a text holds.
type Recognised struct {
	Numbers []Number  `json:"numbers" doc:"In the text's order, each once."`
	Ignored []Ignored `json:"ignored" doc:"What was looked at and is no number."`
	More    int       `json:"more" doc:"How many numbers there are beyond the limit."`
}

// A Number is one number as it was found.
type Number struct {
	Number     string      `json:"number" doc:"Capital letters and digits, without separators."`
	Typed      string      `json:"typed" doc:"As it was written."`
	Candidates []Candidate `json:"candidates" doc:"The carriers that it can belong to, best first."`
	Reasons    []Reason    `json:"reasons" doc:"What the number says of itself, whoever its carrier is."`
	Problem    string      `json:"problem,omitempty" enum:"check_digit,too_short,too_long,unknown_format" doc:"What is wrong with it; absent when nothing is."`
	Closest    string      `json:"closest,omitempty" doc:"The valid number that a single slip of the hand would explain."`
	Expected   string      `json:"expected,omitempty" format:"date" doc:"The day by which a mail or page says that the parcel comes."`
}

// A Candidate is one carrier that a number can belong to.
type Candidate struct {
	Carrier CarrierName    `json:"carrier"`
	Format  string         `json:"format,omitempty" doc:"The name of its format; absent when the carrier was named and none of its formats fits."`
	Score   float64        `json:"score" minimum:"0" maximum:"1" doc:"0.9 or more is beyond reasonable doubt."`
	Service string         `json:"service,omitempty" doc:"What the number says of the service, in English."`
	Reasons []Reason       `json:"reasons" doc:"Why the carrier is a candidate and stands where it stands."`
	Needs   []carrier.Need `json:"needs" doc:"What the carrier must know besides the number."`
}

// A CarrierName is a carrier, by the code that it has everywhere here.
type CarrierName struct {
	Code carrier.Code `json:"code" example:"dhl-express"`
	Name string       `json:"name" doc:"In English."`
}

// A Reason says why, for programs and for people.
type Reason struct {
	Code recognise.ReasonCode `json:"code" doc:"One of a closed list."`
	Args []string             `json:"args" doc:"What fills the sentence in."`
	Text string               `json:"text" doc:"The sentence, in English."`
}

// An Ignored is a piece of a text that is no tracking number.
type Ignored struct {
	Text   string `json:"text" doc:"As written, shortened if it is long."`
	Reason Reason `json:"reason"`
}

type recogniseInput struct{ Body RecogniseRequest }

type recogniseOutput struct{ Body Recognised }

func (d *Door) recognise(_ context.Context, in *recogniseInput) (*recogniseOutput, error) {
	k, ask := d.Knowledge(), in.Body
	found := k.Index.Text(ask.Text, recognise.Hints{
		Country: upper(ask.Country), Used: ask.Carriers, Sender: ask.Sender, Max: min(ask.Limit, maxNumbers), Size: maxText,
	})
	out := &recogniseOutput{Recognised{More: found.More}}
	out.Body.Numbers = mapped(found.Numbers, func(n recognise.Number) Number { return k.number(n) })
	out.Body.Ignored = mapped(found.Ignored, func(i recognise.Ignored) Ignored { return Ignored{i.Text, reasonOf(i.Why)} })
	return out, nil
}

func (k Knowledge) number(n recognise.Number) Number {
	return Number{
		Number: n.Text, Typed: n.Typed, Problem: string(n.Problem), Closest: n.Closest, Expected: n.Expected,
		Reasons: mapped(n.Reasons, reasonOf),
		Candidates: mapped(n.Candidates, func(c recognise.Candidate) Candidate {
			return Candidate{
				Carrier: k.name(c.Carrier), Format: c.Format, Score: c.Score, Service: c.Service,
				Reasons: mapped(c.Reasons, reasonOf), Needs: append([]carrier.Need{}, c.Needs...),
			}
		}),
	}
}

// name is a carrier with its English name; a code that no file knows is its own.
func (k Knowledge) name(code carrier.Code) CarrierName {
	if c, ok := k.Catalogue.Carrier(code); ok {
		return CarrierName{code, c.Name()}
	}
	return CarrierName{code, string(code)}
}

func reasonOf(r recognise.Reason) Reason {
	return Reason{r.Code, append([]string{}, r.Args...), r.String()}
}
