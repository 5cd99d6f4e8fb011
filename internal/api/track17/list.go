package track17

import (
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// rowsOnPage is how many registrations a page has, whatever a client asks for.
const rowsOnPage = 40

// A listRequest is gettracklist's in all versions: v1 has other names for some.
type listRequest struct {
	Number  word  `json:"number"`
	Carrier count `json:"carrier"`
	Page    count `json:"page_no"`
	OrderBy word  `json:"order_by"`

	DataOrigin     word  `json:"data_origin"`
	PackageStatus  word  `json:"package_status"`
	TrackingStatus word  `json:"tracking_status"`
	SyncStatus     yes   `json:"sync_status"`
	PushStatus     word  `json:"push_status"`
	PushCode       count `json:"push_status_code"`
	RegisterFrom   word  `json:"register_time_from"`
	RegisterTo     word  `json:"register_time_to"`
	TrackFrom      word  `json:"track_time_from"`
	TrackTo        word  `json:"track_time_to"`
	PushFrom       word  `json:"push_time_from"`
	PushTo         word  `json:"push_time_to"`
	StopFrom       word  `json:"stop_track_time_from"`
	StopTo         word  `json:"stop_track_time_to"`

	// v1
	PackageState  count `json:"package_state"`
	TrackingState count `json:"tracking_state"`
	PushState     count `json:"push_state"`
	RegisteFrom   word  `json:"registe_time_from"`
	RegisteTo     word  `json:"registe_time_to"`
	TrackingFrom  word  `json:"tracking_time_from"`
	TrackingTo    word  `json:"tracking_time_to"`
	StopTimeFrom  word  `json:"stop_time_from"`
	StopTimeTo    word  `json:"stop_time_to"`
}

// sorts are the values of order_by.
var sorts = map[string]watch.RegistrationSort{
	"registertimedesc": watch.NewestFirst, "registertimeasc": watch.OldestFirst,
	"pushtimedesc": watch.PushedNewest, "pushtimeasc": watch.PushedOldest,
	"tracktimedesc": watch.ReadNewest, "tracktimeasc": watch.ReadOldest,
}

// pushes are the values of push_status, and of v1's push_state.
var pushes = map[string]watch.PushStatus{
	"notpushed": watch.NotPushed, "success": watch.PushTaken, "failure": watch.PushFailed,
	"0": watch.NotPushed, "1": watch.PushTaken, "2": watch.PushFailed,
}

func (c *call) list() (*text, error) {
	in, err := object[listRequest](c.body)
	if err != nil {
		return nil, err
	}
	q, none, err := c.query(in)
	if err != nil {
		return nil, err
	}
	var page watch.RegistrationPage
	if !none {
		if page, err = c.store.Registrations(c.ctx, c.caller.Owner, q); err != nil {
			return nil, err
		}
	}
	t := newText()
	t.object("", func() {
		t.object("page", func() {
			t.num("data_total", int64(page.Total))
			t.num("page_total", int64((page.Total+rowsOnPage-1)/rowsOnPage))
			t.num("page_no", int64(q.Page+1))
			t.num("page_size", rowsOnPage)
		})
		t.num("code", 0)
		t.object("data", func() {
			t.array("accepted", func() {
				for _, r := range page.Registrations {
					shown := newRendering(c.version, c.Catalogue(), r, r.AsSent(), c.now())
					t.object("", func() { shown.row(t) })
				}
			})
			t.array("rejected", func() {})
		})
	})
	return t, nil
}

// query is what a request asks for; none when nothing can be that.
func (c *call) query(in listRequest) (q watch.RegistrationQuery, none bool, err error) {
	q = watch.RegistrationQuery{Most: rowsOnPage, Page: max(in.Page.value, 1) - 1, Sort: sorts[strings.ToLower(in.OrderBy.value)]}
	if in.Page.bad {
		return q, false, errValue.with("page_no")
	}
	for number := range strings.SplitSeq(in.Number.value, ",") {
		if number = strings.TrimSpace(number); number != "" {
			q.Numbers = append(q.Numbers, number)
		}
	}
	const mostNumbers = 200
	if in.Number.bad || len(q.Numbers) > mostNumbers {
		return q, false, errValue.with("number")
	}
	if q.Carrier, err = c.carrier(in.Carrier); err != nil {
		return q, false, err
	}
	if none, err = in.states(&q); err != nil {
		return q, false, err
	}
	return q, none, in.spans(&q)
}

// states reads how registrations are to stand.
func (in listRequest) states(q *watch.RegistrationQuery) (none bool, err error) {
	switch {
	case in.DataOrigin.value != "" && !strings.EqualFold(in.DataOrigin.value, "Api"):
		none = true // nothing here is typed in or imported
	case in.PushCode.said:
		q.PushCode = &in.PushCode.value
	}
	if in.PackageStatus.value != "" {
		for _, m := range status.Mains {
			if strings.EqualFold(string(m), in.PackageStatus.value) {
				q.Status = []status.Main{m}
			}
		}
		if q.Status == nil {
			return false, errValue.with("package_status")
		}
	}
	if in.PackageState.said {
		if q.Status = statusOf[in.PackageState.value]; q.Status == nil {
			return false, errValue.with("package_state")
		}
	}
	running := map[string]bool{"tracking": true, "stopped": false, "1": true, "0": false}
	for _, said := range []string{in.TrackingStatus.value, in.TrackingState.text()} {
		if said == "" {
			continue
		}
		is, ok := running[strings.ToLower(said)]
		if !ok {
			return false, errValue.with("tracking_status")
		}
		q.Tracking = &is
	}
	if in.SyncStatus.said && !in.SyncStatus.bad {
		q.Answered = &in.SyncStatus.value
	}
	for _, said := range []string{in.PushStatus.value, in.PushState.text()} {
		if said == "" {
			continue
		}
		is, ok := pushes[strings.ToLower(said)]
		if !ok {
			return false, errValue.with("push_status")
		}
		q.Push = &is
	}
	return none, nil
}

// text is a number as it was sent, "" where none was.
func (c count) text() string {
	if !c.said {
		return ""
	}
	return itoa(c.value)
}

// spans reads from when to when things are to have happened.
func (in listRequest) spans(q *watch.RegistrationQuery) error {
	for _, s := range []struct {
		name string
		said []word
		to   *time.Time
		ends bool
	}{
		{"register_time_from", []word{in.RegisterFrom, in.RegisteFrom}, &q.Registered.From, false},
		{"register_time_to", []word{in.RegisterTo, in.RegisteTo}, &q.Registered.To, true},
		{"track_time_from", []word{in.TrackFrom, in.TrackingFrom}, &q.Read.From, false},
		{"track_time_to", []word{in.TrackTo, in.TrackingTo}, &q.Read.To, true},
		{"push_time_from", []word{in.PushFrom}, &q.Pushed.From, false},
		{"push_time_to", []word{in.PushTo}, &q.Pushed.To, true},
		{"stop_track_time_from", []word{in.StopFrom, in.StopTimeFrom}, &q.Stopped.From, false},
		{"stop_track_time_to", []word{in.StopTo, in.StopTimeTo}, &q.Stopped.To, true},
	} {
		for _, w := range s.said {
			if w.value == "" && !w.bad {
				continue
			}
			at, day, ok := moment(w.value)
			if !ok || w.bad {
				return errValue.with(s.name)
			}
			if day && s.ends {
				at = at.Add(24*time.Hour - time.Millisecond)
			}
			*s.to = at
		}
	}
	return nil
}

// row writes a row of gettracklist.
func (r *rendering) row(t *text) {
	if r.version == V1 {
		r.row1(t)
		return
	}
	from, to := r.ends()
	t.str("number", r.number)
	t.opt("param", r.Param)
	t.str("param_type", r.paramType())
	t.str("data_origin", "Api")
	t.num("carrier", keyOf(r.catalogue, r.Carrier))
	t.opt("shipping_country", from.Country)
	t.num("final_carrier", keyOf(r.catalogue, r.Final))
	t.opt("recipient_country", to.Country)
	t.opt("register_time", utc(r.Created))
	t.str("tracking_status", map[bool]string{true: "Tracking", false: "Stopped"}[r.Tracking()])
	t.str("package_status", string(r.standing.Status.Main()))
	t.opt("track_time", utc(r.tracked()))
	if r.version.from(V24) {
		t.truth("sync_status", r.Parcel.Revision > 0)
	}
	t.opt("push_time", utc(r.Push.At))
	t.str("push_status", map[watch.PushStatus]string{watch.NotPushed: "NotPushed", watch.PushTaken: "Success", watch.PushFailed: "Failure"}[r.Push.Status])
	t.num("push_status_code", int64(r.Push.Code))
	t.opt("stop_track_time", utc(r.Stopped))
	t.opt("stop_track_reason", stopReasons[r.Why])
	t.truth("is_retracked", r.Retracked)
	t.num("carrier_change_count", int64(r.Changes))
	t.opt("tag", r.Tag)
	t.str("email", r.Email)
	t.opt("order_no", r.OrderNo)
	t.opt("order_time", r.OrderTime)
	t.opt("lang", r.Lang)
	t.opt("remark", r.Remark)
	r.newest(t)
	r.days(t)
	r.handedOver(t)
	if r.version.from(V24) {
		r.facts(t)
	}
}

// stopReasons are what the API calls them.
var stopReasons = map[watch.StopReason]string{watch.Expired: "Expired", watch.ByRequest: "ByRequest", watch.InvalidCarrier: "InvalidCarrier"}

// tracked is when the parcel was last looked at, zero before the first result.
func (r *rendering) tracked() time.Time {
	if r.Pending() {
		return time.Time{}
	}
	return r.Read
}

// paramType says what the carrier needs besides the number.
func (r *rendering) paramType() string {
	known, ok := r.catalogue.Carrier(r.Carrier)
	if !ok {
		return "None"
	}
	for _, need := range known.Needs {
		switch need {
		case carrier.PostalCode:
			return "PostalCode"
		case carrier.PhoneLast4, carrier.Phone:
			return "PhoneNumber"
		}
	}
	return "None"
}

// newest writes the newest event as a list shows it.
func (r *rendering) newest(t *text) {
	e := r.standing.Newest
	if e == nil {
		t.null("latest_event_time", "latest_event_info")
		return
	}
	info := e.Words
	if where := located(e.Place); where != "" {
		info = where + ", " + info
	}
	t.opt("latest_event_time", written(e.Time))
	t.opt("latest_event_info", info)
}

// handedOver writes when the parcel was delivered and collected. The original
// misspells the first; some clients look for the right name.
func (r *rendering) handedOver(t *text) {
	delivered, pickup := "", ""
	for _, m := range r.standing.Milestones {
		if m.Event == nil {
			continue
		}
		switch m.Name {
		case "Delivered":
			delivered = written(m.Event.Time)
		case "PickedUp":
			pickup = written(m.Event.Time)
		}
	}
	t.opt("delievery_time", delivered)
	t.opt("delivery_time", delivered)
	t.str("pickup_time", pickup)
}

// row1 writes a row of v1's gettracklist.
func (r *rendering) row1(t *text) {
	all := r.providers()
	var second provider
	if len(all) > 1 {
		second = all[0]
	}
	from, to := r.ends()
	t.str("number", r.number)
	t.num("w1", keyOf(r.catalogue, r.Carrier))
	t.num("w2", keyOf(r.catalogue, second.carrier))
	t.num("b", int64(countries[from.Country]))
	t.num("c", int64(countries[to.Country]))
	t.num("e", state(r.standing.Status.Main(), len(r.Parcel.History.Events)))
	for _, at := range []struct {
		name string
		time.Time
	}{{"rt", r.Created}, {"tt", r.tracked()}, {"pt", r.Push.At}} {
		t.opt(at.name, second1(at.Time))
	}
	t.num("ps", map[watch.PushStatus]int64{watch.PushTaken: 1, watch.PushFailed: 2}[r.Push.Status])
	t.opt("st", second1(r.Stopped))
	t.num("sr", map[watch.StopReason]int64{watch.Expired: 1, watch.ByRequest: 2, watch.InvalidCarrier: 4}[r.Why])
	t.truth("ir", r.Retracked)
	t.truth("ts", r.Tracking())
	t.num("mc", int64(r.Changes))
	t.opt("tag", r.Tag)
}

func second1(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(askedSecond)
}
