package v1

import (
	"context"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/quota"
	"waypost/internal/recognise"
)

// wantFor is how long a look-up keeps a parcel asked about, as a page view does.
const wantFor = 7 * 24 * time.Hour

func (d *Door) parcels() {
	add(d, operation{
		route: "POST /v1/parcels", id: "lookUpParcel", tag: "parcels", scope: quota.Read,
		summary: "Look a number up",
		about: "Has the carriers asked about a number for a week, and answers with what is known of it now. " +
			"With wait, the answer comes as soon as a carrier has answered. What is looked up isn't kept in your account; see watches for that.",
	}, d.lookUp)
	add(d, operation{
		route: "GET /v1/parcels", id: "findParcels", tag: "parcels", scope: quota.Read,
		summary: "Find a number", about: "The parcels of a number that are known already. Nobody is asked.",
	}, d.findParcels)
	add(d, operation{
		route: "GET /v1/parcels/{parcel}", id: "getParcel", tag: "parcels", scope: quota.Read,
		summary: "Read a parcel", about: "Its history, and how it stands now.",
	}, d.getParcel)
}

type lookUpInput struct {
	Wait int `query:"wait" minimum:"0" maximum:"20" doc:"How many seconds to wait for a carrier's first answer at most."`
	Body LookUp
}

// A LookUp is a number, and what is known beside it.
type LookUp struct {
	Number  string       `json:"number" minLength:"1" maxLength:"120" doc:"As typed, printed or scanned." example:"1Z4A7B2C0364182055"`
	Carrier carrier.Code `json:"carrier,omitempty" maxLength:"60" doc:"Its carrier, by code; absent lets Waypost find the one that knows it."`
	Country string       `json:"country,omitempty" pattern:"^[A-Za-z]{2}$" doc:"The country of the user, the shop or the destination: two letters (ISO 3166-1)."`
	Given   *Given       `json:"given,omitempty" doc:"What is known besides, for carriers that demand it. It makes a parcel of its own, which is found by those only who know the same."`
}

// Given is what somebody knows of a parcel besides its number. It goes to the
// carriers that are asked, and is never answered.
type Given struct {
	PostalCode  string `json:"postal_code,omitempty" maxLength:"60" doc:"The receiver's." example:"10117"`
	PhoneLast4  string `json:"phone_last4,omitempty" maxLength:"60" doc:"The last four digits of the receiver's phone number."`
	Phone       string `json:"phone,omitempty" maxLength:"60" doc:"The receiver's phone number."`
	ShipDate    string `json:"ship_date,omitempty" maxLength:"60" doc:"When it was sent: 2026-03-31."`
	Account     string `json:"account,omitempty" maxLength:"60" doc:"The sender's account at the carrier."`
	Destination string `json:"destination_country,omitempty" maxLength:"60" doc:"Two letters (ISO 3166-1)."`
}

// tidy is what is given, in the form in which carriers are told it; where says
// where it stands in the body.
func (g *Given) tidy(where string) (carrier.Given, error) {
	tidy := carrier.Given{}
	if g == nil {
		return tidy, nil
	}
	for need, typed := range map[carrier.Need]string{
		carrier.PostalCode: g.PostalCode, carrier.PhoneLast4: g.PhoneLast4, carrier.Phone: g.Phone, carrier.ShipDate: g.ShipDate,
		carrier.Account: g.Account, carrier.DestinationCountry: g.Destination,
	} {
		if typed == "" {
			continue
		}
		value, ok := need.Tidy(typed)
		if !ok {
			return nil, at(where+"/"+string(need), errGiven.With(string(need)))
		}
		tidy[need] = value
	}
	return tidy, nil
}

type parcelOutput struct{ Body Parcel }

var (
	errBadNumber   = fault.New(fault.Invalid, "number", "%q is no usable tracking number: %s.")
	errClosest     = fault.New(fault.Invalid, "number", "%q is no usable tracking number: %s. Did you mean %s?")
	errWhichOne    = fault.New(fault.Invalid, "carrier", "There is no carrier %q.")
	errGiven       = fault.New(fault.Invalid, "given", "What is given as %s can't be one.")
	errNeeds       = fault.New(fault.Invalid, "needs_more", "%s answers only who also knows: %s.")
	errNobodyAsked = fault.New(fault.Invalid, "carrier_unavailable", "%q can't be asked about: %s.")
	errNoParcel    = fault.New(fault.NotFound, "not_found", "There is no such parcel.")
)

func (d *Door) lookUp(ctx context.Context, in *lookUpInput) (*parcelOutput, error) {
	k := d.Knowledge()
	if err := k.testable(callerOf(ctx), in.Body.Number); err != nil {
		return nil, at("#/number", err)
	}
	n, code, err := k.read(in.Body)
	if err != nil {
		return nil, err
	}
	given, err := in.Body.Given.tidy("#/given")
	if err != nil {
		return nil, err
	}
	plan := k.Plan(n, code, given)
	if len(plan.Askings) == 0 {
		return nil, k.unaskable(n, plan)
	}
	found, err := d.Parcels.Want(ctx, []parcel.Want{{
		Key: plan.Key, Given: plan.Given, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().Add(wantFor), Visitor: true,
	}})
	if err != nil {
		return nil, err
	}
	p, err := d.await(ctx, found[0], time.Duration(in.Wait)*time.Second)
	if err != nil {
		return nil, err
	}
	return &parcelOutput{k.parcel(p)}, nil
}

// read reads a number, and the carrier that is named beside it.
func (k Knowledge) read(in LookUp) (recognise.Number, carrier.Code, error) {
	hints := recognise.Hints{Country: upper(in.Country)}
	if in.Carrier != "" {
		if _, ok := k.Catalogue.Carrier(in.Carrier); !ok {
			return recognise.Number{}, "", at("#/carrier", errWhichOne.With(string(in.Carrier)))
		}
		hints.Carriers = []carrier.Code{in.Carrier}
	}
	n := k.Index.Number(in.Number, hints)
	if n.Text == "" {
		return n, "", at("#/number", errBadNumber.With(in.Number, "it has neither letters nor digits"))
	}
	return n, in.Carrier, nil
}

// unaskable says why nobody can be asked about a number.
func (k Knowledge) unaskable(n recognise.Number, plan poll.Plan) error {
	var why poll.Missing
	if len(plan.Missing) > 0 {
		why = plan.Missing[0]
	}
	switch why.Why {
	case poll.InvalidNumber, poll.UnknownFormat:
		if n.Closest != "" {
			return at("#/number", errClosest.With(n.Text, problems[n.Problem], n.Closest))
		}
		return at("#/number", errBadNumber.With(n.Text, problems[n.Problem]))
	case poll.NeedsMore:
		return at("#/given", errNeeds.With(k.name(why.Carrier).Name, needs(why.Needs)))
	case poll.NotOnAGuess:
		return at("#/number", errNobodyAsked.With(n.Text, k.name(why.Carrier).Name+" isn't asked on a guess; name the carrier"))
	}
	return at("#/number", errNobodyAsked.With(n.Text, "no carrier that it can belong to is connected here"))
}

// problems say in English what is wrong with a number.
var problems = map[recognise.Problem]string{
	recognise.CheckDigit: "its check digit is wrong, so something was mistyped", recognise.TooShort: "it is too short",
	recognise.TooLong: "it is too long", recognise.UnknownFormat: "no carrier's numbers look like it", recognise.NoProblem: "no carrier's numbers look like it",
}

// await waits for a parcel's first answer.
func (d *Door) await(ctx context.Context, p parcel.Parcel, most time.Duration) (parcel.Parcel, error) {
	if most == 0 || answered(p) {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	news := d.Live.Subscribe(p.ID.Topic())
	defer news.Close()
	for {
		found, err := d.Parcels.Get(context.WithoutCancel(ctx), p.ID)
		if err != nil || len(found) == 0 {
			return p, err
		}
		if p = found[0]; answered(p) {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return p, nil
		case <-news.C:
		}
	}
}

// answered reports whether something is known of a parcel, or nothing more is
// to come at once.
func answered(p parcel.Parcel) bool {
	return p.Revision > 0 || !slices.ContainsFunc(p.Asks, func(a parcel.Ask) bool {
		return a.Asked.IsZero() && (a.State == parcel.Waiting || a.State == parcel.Later)
	})
}

type findParcelsInput struct {
	Number  string       `query:"number" required:"true" minLength:"1" maxLength:"120" doc:"As typed, printed or scanned."`
	Carrier carrier.Code `query:"carrier" maxLength:"60" doc:"The carrier that was named for it; absent finds the one that nobody named a carrier for, and those of all that the number can belong to."`
}

type findParcelsOutput struct{ Body List[Parcel] }

func (d *Door) findParcels(ctx context.Context, in *findParcelsInput) (*findParcelsOutput, error) {
	k := d.Knowledge()
	n := k.Index.Number(in.Number, recognise.Hints{})
	keys := []parcel.Key{{Number: n.Text, Carrier: in.Carrier}}
	if in.Carrier == "" {
		for _, c := range n.Candidates {
			keys = append(keys, parcel.Key{Number: n.Text, Carrier: c.Carrier})
		}
	}
	found, err := d.Parcels.Find(ctx, keys...)
	if err != nil {
		return nil, err
	}
	return &findParcelsOutput{List[Parcel]{Items: mapped(found, k.parcel)}}, nil
}

// A ParcelID is which parcel is meant.
type ParcelID struct {
	Parcel string `path:"parcel" format:"uuid" doc:"The parcel's id."`
}

func (d *Door) getParcel(ctx context.Context, in *ParcelID) (*parcelOutput, error) {
	found, err := d.Parcels.Get(ctx, parcel.ID(in.Parcel))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errNoParcel
	}
	return &parcelOutput{d.Knowledge().parcel(found[0])}, nil
}
