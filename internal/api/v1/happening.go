package v1

import (
	"encoding/json"
	"time"

	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// A Happening is something that happened to a parcel that an account keeps: the
// body of a webhook in our own form, and an entry of the list of events.
type Happening struct {
	Type      string        `json:"type" enum:"parcel.updated,parcel.stopped,endpoint.test" doc:"There is news of a parcel; a registration ended, so that no more is looked for; somebody tries an endpoint out."`
	Timestamp string        `json:"timestamp" format:"date-time" doc:"When it happened."`
	ID        string        `json:"id" format:"uuid" doc:"The same in every delivery of it, and in the header webhook-id."`
	Sequence  int64         `json:"sequence" doc:"Counts the account's events from 1, without gaps. The place to read on from."`
	Data      HappeningData `json:"data"`
}

// A HappeningData is what it happened to.
type HappeningData struct {
	Item   Item   `json:"item"`
	Parcel Parcel `json:"parcel" doc:"As it stood then."`
}

// An Item is a parcel as its owner keeps it.
type Item struct {
	ID     string   `json:"id" format:"uuid" doc:"Of the registration or the watch."`
	Source string   `json:"source" enum:"api,hand,import,taken,shop" doc:"How it came to be kept."`
	Name   string   `json:"name,omitempty"`
	Note   string   `json:"note,omitempty"`
	Tags   []string `json:"tags"`
	Order  string   `json:"order,omitempty" doc:"A reference to what was ordered."`
}

var happeningTypes = map[webhook.Kind]string{webhook.Updated: "parcel.updated", webhook.Stopped: "parcel.stopped", webhook.Test: "endpoint.test"}

// Happening is an event as programs see it, with what its owner says of the
// parcel. The same event, words and catalogue make the same value.
func (k Knowledge) Happening(e webhook.Event, said watch.Words) Happening {
	item := Item{ID: e.Item.ID, Source: string(e.Source), Name: said.Name, Note: said.Note, Tags: append([]string{}, e.Tags...), Order: said.Order}
	return Happening{
		Type: happeningTypes[e.Kind], Timestamp: e.At.UTC().Format(time.RFC3339Nano), ID: string(e.ID), Sequence: e.Seq,
		Data: HappeningData{Item: item, Parcel: k.parcelAt(e.Parcel, e.At)},
	}
}

// Message is a happening as a webhook carries it.
func (h Happening) Message() (webhook.Message, error) {
	body, err := json.Marshal(h)
	return webhook.Body(body), err
}
