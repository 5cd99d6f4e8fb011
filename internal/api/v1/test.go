package v1

import (
	"context"
	"net/http"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/recognise"
	"waypost/internal/rehearse"
)

func (d *Door) tests() {
	add(d, operation{
		route: "POST /v1/test/numbers", id: "makeTestNumber", tag: "test", scope: quota.Write, status: http.StatusCreated,
		summary: "Make a test number", about: "Of a story, which says what will happen to its parcel. Keep it or look it up as any other number; no carrier is asked about it.",
	}, d.makeTestNumber)
	add(d, operation{
		route: "POST /v1/test/numbers/{number}/next", id: "moveTestNumber", tag: "test", scope: quota.Write,
		summary: "Let the next event happen", about: "To a test number that was kept or looked up. Whoever follows the parcel is told at once, by events, streams and webhooks.",
	}, d.moveTestNumber)
}

// A NewTest is a test number that is to be made.
type NewTest struct {
	Story string `json:"story" enum:"delivered,postal_code,failed,customs,lost,not_found" doc:"What will happen: it is delivered; the same, but only who gives a postal code sees it; it comes back; customs ask; it is lost; no carrier ever knows it." example:"delivered"`
}

// A TestNumber is a number whose parcel moves when it is told to.
type TestNumber struct {
	Number  string         `json:"number" example:"WPTD000000000018"`
	Carrier CarrierName    `json:"carrier"`
	Story   string         `json:"story" enum:"delivered,postal_code,failed,customs,lost,not_found"`
	About   string         `json:"about" doc:"What will happen."`
	Steps   []subStatus    `json:"steps" doc:"Its events' statuses, in order."`
	Needs   []carrier.Need `json:"needs" doc:"What must be given besides the number; any postal code will do."`
}

type makeTestInput struct{ Body NewTest }

type testNumberOutput struct{ Body TestNumber }

func (d *Door) makeTestNumber(_ context.Context, in *makeTestInput) (*testNumberOutput, error) {
	number, err := rehearse.Number(in.Body.Story)
	if err != nil {
		return nil, err
	}
	story, _ := rehearse.Of(number)
	return &testNumberOutput{TestNumber{
		Number: number, Carrier: d.Knowledge().name(rehearse.Carrier), Story: story.Name, About: story.About,
		Steps: mapped(story.Steps, func(s rehearse.Step) subStatus { return subStatus(s.Status) }), Needs: append([]carrier.Need{}, story.Needs...),
	}}, nil
}

type moveTestInput struct {
	Number string `path:"number" maxLength:"60" example:"WPTD000000000018"`
	Body   Move
}

// A Move says which parcel of a test number is meant.
type Move struct {
	Given *Given `json:"given,omitempty" doc:"What it is kept with besides the number."`
}

func (d *Door) moveTestNumber(ctx context.Context, in *moveTestInput) (*parcelOutput, error) {
	given, err := in.Body.Given.tidy("#/given")
	if err != nil {
		return nil, err
	}
	k := d.Knowledge()
	p, err := rehearse.Move(ctx, d.Parcels, k.Index.Number(in.Number, recognise.Hints{}).Text, given)
	if err != nil {
		return nil, err
	}
	return &parcelOutput{k.parcel(p)}, nil
}

var errTestKey = fault.New(fault.Denied, "test_key", "The key works with test numbers alone, and %q is none.")

// testable is nil unless a key for tests is used with a number that is none.
func (k Knowledge) testable(who quota.Caller, number string) error {
	if !who.Test {
		return nil
	}
	if _, ok := rehearse.Of(k.Index.Number(number, recognise.Hints{}).Text); !ok {
		return errTestKey.With(number)
	}
	return nil
}
