package v1

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/watch"
)

func (d *Door) watches() {
	add(d, operation{
		route: "GET /v1/watches", id: "listWatches", tag: "watches", scope: quota.Read,
		summary: "List what you keep", about: "The parcels that your account keeps: those that programs put there, and those of the pages. Where a filter is given several times, one of its values is enough.",
	}, d.listWatches)
	add(d, operation{
		route: "POST /v1/watches", id: "createWatches", tag: "watches", scope: quota.Write, status: http.StatusCreated, once: true,
		summary: "Keep parcels", about: "Keeps up to 200 parcels, all of them or none. A parcel that you keep already stays as it is, and comes back from the archive.",
	}, d.createWatches)
	add(d, operation{
		route: "GET /v1/watches/{watch}", id: "getWatch", tag: "watches", scope: quota.Read,
		summary: "Read one that you keep", about: "With its parcel.",
	}, d.getWatch)
	add(d, operation{
		route: "PATCH /v1/watches/{watch}", id: "editWatch", tag: "watches", scope: quota.Write,
		summary: "Change one that you keep", about: "What is absent stays as it is.",
	}, d.editWatch)
	add(d, operation{
		route: "DELETE /v1/watches/{watch}", id: "deleteWatch", tag: "watches", scope: quota.Write, status: http.StatusNoContent,
		summary: "Keep one no longer", about: "Deletes what you said of the parcel. To keep that, archive it.",
	}, d.deleteWatch)
}

// A Watch is a parcel that your account keeps.
type Watch struct {
	ID       watch.ID     `json:"id" format:"uuid"`
	Source   watch.Source `json:"source" enum:"hand,import,taken,api,shop" doc:"How it came to be kept."`
	Number   string       `json:"number"`
	Carrier  *CarrierName `json:"carrier,omitempty" doc:"The carrier that the parcel is taken for; absent while none is known."`
	ParcelID string       `json:"parcel_id" format:"uuid"`
	Words
	Status    mainStatus `json:"status"`
	SubStatus subStatus  `json:"sub_status"`
	Since     string     `json:"since,omitempty" format:"date-time" doc:"When it came into its status."`
	Event     string     `json:"event,omitempty" format:"date-time" doc:"Of the newest event."`
	Attention string     `json:"attention,omitempty" enum:"pick_up,failed,customs,exception,silent" doc:"Why somebody should look at it."`
	Archived  string     `json:"archived,omitempty" format:"date-time" doc:"Absent while it isn't."`
	Created   string     `json:"created" format:"date-time"`
	Parcel    *Parcel    `json:"parcel,omitempty" doc:"Where one is read by itself."`
}

// Words are what you say of a parcel.
type Words struct {
	Name  string   `json:"name,omitempty" maxLength:"120"`
	Note  string   `json:"note,omitempty" maxLength:"2000" doc:"May have several lines."`
	Tags  []string `json:"tags,omitempty" maxItems:"20" doc:"Up to 40 characters each."`
	Order string   `json:"order,omitempty" maxLength:"120" doc:"A reference to what was ordered."`
}

func (k Knowledge) watch(w watch.Watch) Watch {
	return Watch{
		ID: w.ID, Source: w.Source, Number: w.Number, Carrier: k.known(w.By()), ParcelID: string(w.ParcelID), Words: Words{w.Name, w.Note, w.Tags, w.Order},
		Status: mainStatus(w.Status.Main()), SubStatus: subStatus(w.Status), Since: instant(w.Since), Event: instant(w.Event),
		Attention: string(w.Attention(time.Now())), Archived: instant(w.Archived), Created: instant(w.Created),
	}
}

type listWatchesInput struct {
	Page
	Q         string   `query:"q" maxLength:"200" doc:"Words that all are in name, note, tags, number, order or carrier."`
	Status    []string `query:"status,explode" maxItems:"9" enum:"NotFound,InfoReceived,InTransit,AvailableForPickup,OutForDelivery,DeliveryFailure,Delivered,Exception,Expired" doc:"Statuses."`
	Attention []string `query:"attention,explode" maxItems:"5" enum:"pick_up,failed,customs,exception,silent" doc:"Why somebody should look at them."`
	Carrier   []string `query:"carrier,explode" maxItems:"20" doc:"Carriers, by code."`
	Tag       []string `query:"tag,explode" maxItems:"20" doc:"Tags; case and accents don't count."`
	Archived  string   `query:"archived" enum:"no,only,both" default:"no" doc:"Whether archived ones are listed."`
	Sort      string   `query:"sort" enum:"attention,event,saved,name,eta,status" default:"saved" doc:"The newest first, or what attention, name, expected day or status puts in front."`
}

type listWatchesOutput struct{ Body WatchList }

// A WatchList is a part of what you keep.
type WatchList struct {
	List[Watch]
	Total int `json:"total" doc:"On all pages."`
}

func (d *Door) listWatches(ctx context.Context, in *listWatchesInput) (*listWatchesOutput, error) {
	store, err := d.Watches.Of(callerOf(ctx).Owner)
	if err != nil {
		return nil, err
	}
	page, err := store.List(ctx, callerOf(ctx).Owner, in.query())
	if err != nil {
		return nil, err
	}
	k := d.Knowledge()
	return &listWatchesOutput{WatchList{List[Watch]{mapped(page.Watches, k.watch), string(page.Next)}, page.Total}}, nil
}

func (in *listWatchesInput) query() watch.Query {
	q := watch.Query{
		Text: in.Q, Tags: in.Tag, After: watch.Cursor(in.After), Most: in.Limit, Sort: watch.Sort(in.Sort),
		Status:    mapped(in.Status, func(s string) status.Main { return status.Main(s) }),
		Attention: mapped(in.Attention, func(s string) watch.Attention { return watch.Attention(s) }),
		Carrier:   mapped(in.Carrier, func(s string) carrier.Code { return carrier.Code(s) }),
	}
	if in.Sort == "attention" {
		q.Sort = watch.ByAttention
	}
	switch in.Archived {
	case "only":
		q.Shelf = watch.Archived
	case "both":
		q.Shelf = watch.Both
	}
	return q
}

type createWatchesInput struct {
	Body NewWatches
}

// NewWatches are parcels that are to be kept.
type NewWatches struct {
	Items []NewWatch `json:"items" minItems:"1" maxItems:"200"`
}

// A NewWatch is a parcel that is to be kept.
type NewWatch struct {
	Number  string       `json:"number" minLength:"1" maxLength:"120" doc:"As typed, printed or scanned." example:"1Z4A7B2C0364182055"`
	Carrier carrier.Code `json:"carrier,omitempty" maxLength:"60" doc:"Its carrier, by code; absent lets Waypost find the one that knows it."`
	Given   *Given       `json:"given,omitempty" doc:"What is known besides, for carriers that demand it."`
	Words
}

// SavedWatches are what became of NewWatches, in order.
type SavedWatches struct {
	Items []SavedWatch `json:"items"`
}

// A SavedWatch is what became of a NewWatch.
type SavedWatch struct {
	ID   watch.ID `json:"id" format:"uuid"`
	Made bool     `json:"made" doc:"False: you kept it already, and it keeps its words."`
}

type createWatchesOutput struct{ Body SavedWatches }

func (d *Door) createWatches(ctx context.Context, in *createWatchesInput) (*createWatchesOutput, error) {
	who := callerOf(ctx)
	store, err := d.Watches.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	news := make([]watch.New, len(in.Body.Items))
	k := d.Knowledge()
	for i, n := range in.Body.Items {
		if err := k.testable(who, n.Number); err != nil {
			return nil, at("#/items/"+strconv.Itoa(i)+"/number", err)
		}
		given, err := n.Given.tidy("#/items/" + strconv.Itoa(i) + "/given")
		if err != nil {
			return nil, err
		}
		news[i] = watch.New{
			Number: n.Number, Carrier: n.Carrier, Given: given, Source: watch.ByAPI,
			Words: watch.Words{Name: n.Name, Note: n.Note, Tags: n.Tags, Order: n.Order},
		}
	}
	if err := d.listen(ctx, who.Owner); err != nil {
		return nil, err
	}
	saved, err := store.Save(ctx, who.Owner, news...)
	if one, ok := errors.AsType[*watch.NewError](err); ok {
		return nil, at("#/items/"+strconv.Itoa(one.At), err)
	}
	if err != nil {
		return nil, err
	}
	return &createWatchesOutput{SavedWatches{mapped(saved, func(s watch.Saved) SavedWatch { return SavedWatch(s) })}}, nil
}

// listen has what happens to an account's parcels kept as events from now on: it
// has programs.
func (d *Door) listen(ctx context.Context, owner inventory.Subject) error {
	store, err := d.Hooks.Of(owner)
	if err != nil {
		return err
	}
	return store.Listen(ctx, owner)
}

// A WatchID is which watch is meant.
type WatchID struct {
	Watch string `path:"watch" format:"uuid" doc:"The watch's id."`
}

type watchOutput struct{ Body Watch }

func (d *Door) getWatch(ctx context.Context, in *WatchID) (*watchOutput, error) {
	who := callerOf(ctx)
	store, err := d.Watches.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	w, err := store.Get(ctx, who.Owner, watch.ID(in.Watch))
	if err != nil {
		return nil, err
	}
	k := d.Knowledge()
	out := k.watch(w)
	if w.Parcel.ID != "" {
		p := k.parcel(w.Parcel)
		out.Parcel = &p
	}
	return &watchOutput{out}, nil
}

type editWatchInput struct {
	WatchID
	Body EditWatch
}

// An EditWatch is what is to change; what is absent stays as it is.
type EditWatch struct {
	Name     *string   `json:"name,omitempty" maxLength:"120"`
	Note     *string   `json:"note,omitempty" maxLength:"2000"`
	Order    *string   `json:"order,omitempty" maxLength:"120"`
	Tags     *[]string `json:"tags,omitempty" maxItems:"20"`
	Archived *bool     `json:"archived,omitempty" doc:"An archived parcel isn't asked about any longer."`
}

func (d *Door) editWatch(ctx context.Context, in *editWatchInput) (*watchOutput, error) {
	who, id := callerOf(ctx), watch.ID(in.Watch)
	store, err := d.Watches.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	if in.Body.Archived != nil {
		do := watch.Unarchive
		if *in.Body.Archived {
			do = watch.Archive
		}
		if _, err := store.Apply(ctx, who.Owner, watch.Change{Do: do}, id); err != nil {
			return nil, err
		}
	}
	e := watch.Edit{Name: in.Body.Name, Note: in.Body.Note, Order: in.Body.Order, Tags: in.Body.Tags}
	if e != (watch.Edit{}) {
		if _, err := store.Edit(ctx, who.Owner, id, e); err != nil {
			return nil, err
		}
	}
	return d.getWatch(ctx, &in.WatchID)
}

type deleted struct{}

func (d *Door) deleteWatch(ctx context.Context, in *WatchID) (*deleted, error) {
	who := callerOf(ctx)
	store, err := d.Watches.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	if _, err := store.Apply(ctx, who.Owner, watch.Change{Do: watch.Delete}, watch.ID(in.Watch)); err != nil {
		return nil, err
	}
	return nil, nil
}
