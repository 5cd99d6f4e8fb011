package v1

import (
	"context"
	"strconv"

	"waypost/internal/quota"
)

func (d *Door) events() {
	add(d, operation{
		route: "GET /v1/events", id: "listEvents", tag: "events", scope: quota.Read, may: []int{410},
		summary: "List your events", about: "What happened to the parcels that your account keeps, oldest first: exactly what webhooks carry, and none is missing between two. " +
			"They are kept for 30 days. A program that was away goes on with the next that it has, whenever that was.",
	}, d.listEvents)
}

type listEventsInput struct {
	After string `query:"after" maxLength:"20" pattern:"^[0-9]*$" doc:"The next of the answer before, or the sequence of the last event that you have; without it the list begins with the oldest that is kept."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
}

// An EventList is a part of an account's events.
type EventList struct {
	Items []Happening `json:"items"`
	Next  string      `json:"next" doc:"What after is to be the next time, also where nothing follows yet."`
	Last  int64       `json:"last" doc:"The sequence of the newest event; when it is that of next, you have all."`
}

type listEventsOutput struct{ Body EventList }

func (d *Door) listEvents(ctx context.Context, in *listEventsInput) (*listEventsOutput, error) {
	who := callerOf(ctx)
	store, err := d.Hooks.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	seq, last, err := store.Span(ctx, who.Owner)
	if err != nil {
		return nil, err
	}
	if in.After != "" {
		if seq, err = sequence(in.After); err != nil {
			return nil, err
		}
	}
	found, err := store.After(ctx, who.Owner, seq, in.Limit)
	if err != nil {
		return nil, err
	}
	out := EventList{Items: make([]Happening, len(found))}
	for i, e := range found {
		if out.Items[i], err = d.Happening(e); err != nil {
			return nil, err
		}
		seq = e.Seq
	}
	out.Next, out.Last = strconv.FormatInt(seq, 10), max(last, seq)
	return &listEventsOutput{out}, nil
}
