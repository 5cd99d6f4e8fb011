package track17

import (
	"context"
	"errors"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/quota"
	"waypost/internal/watch"

	"github.com/google/uuid"
)

// info answers gettrackinfo from what is stored. A number that is registered
// with several carriers, none of which is named, is answered with all of them.
func (c *call) info() (*text, error) {
	in, err := items[item](c.body)
	if err != nil {
		return nil, err
	}
	asked, refs, at := c.sort(in)
	found, err := c.store.Find(c.ctx, c.caller.Owner, refs...)
	if err != nil {
		return nil, err
	}
	registered := make([][]watch.Registration, len(asked))
	for j, i := range at {
		if registered[i] = found[j]; len(found[j]) == 0 {
			asked[i].err = errUnregistered
		}
	}
	var all []outcome
	for i, o := range asked {
		if o.err != nil {
			all = append(all, o)
		}
		for _, r := range registered[i] {
			all = append(all, c.shown(o.number, r))
		}
	}
	return c.split(all)
}

// shown is a registration as it stands.
func (c *call) shown(number string, r watch.Registration) outcome {
	o := outcome{number: number, carrier: c.key(r.Carrier)}
	if r.Pending() {
		o.err = errNoNews
		return o
	}
	o.accept = newRendering(c.version, c.Catalogue(), r, number, c.now()).item
	return o
}

// push has the webhook sent again.
func (c *call) push() (*text, error) {
	in, err := items[item](c.body)
	if err != nil {
		return nil, err
	}
	all, refs, at := c.sort(in)
	found, err := c.store.Find(c.ctx, c.caller.Owner, refs...)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		o := &all[i]
		if len(found[j]) == 1 {
			o.carrier = c.key(found[j][0].Carrier)
		}
		o.accept = func(t *text) { o.ack(t) }
		switch {
		case len(found[j]) == 0:
			o.err = errUnregistered
		case len(found[j]) > 1:
			o.err = errSeveral
		case found[j][0].Pending():
			o.err = errNoNews
		default:
			o.err = c.pushed(found[j][0])
		}
	}
	return c.split(all)
}

func (c *call) pushed(r watch.Registration) error {
	if c.Push == nil {
		return errNoWebhook
	}
	err := c.Push(c.ctx, c.caller.Owner, r.ID)
	if err == nil || errors.Is(err, ErrNoReceiver) {
		return err
	}
	c.Log.Warn("a push was not taken in", "registration", r.ID, "err", err)
	return errPush
}

// unlimited is what a quota without a limit is said to be: clients know numbers
// only, and some keep them in 32 bits.
const unlimited = 2_000_000_000

func (c *call) quota() (*text, error) {
	if err := nothing(c.body); err != nil {
		return nil, err
	}
	store, err := c.Keys.Of(c.caller.Owner)
	if err != nil {
		return nil, err
	}
	state, err := store.State(c.ctx, c.caller.Owner)
	if err != nil {
		return nil, err
	}
	total, remain := state.Total, state.Remain()
	if total == quota.Unlimited {
		total, remain = unlimited, unlimited-state.Used
	}
	t := newText()
	t.object("", func() {
		t.num("code", 0)
		t.object("data", func() {
			t.num("quota_total", total)
			t.num("quota_used", state.Used)
			t.num("quota_remain", remain)
			t.num("today_used", state.Today)
			t.num("max_track_daily", state.Daily)
			t.num("free_email_quota", 0)
			t.num("free_email_quotaused", 0)
		})
	})
	return t, nil
}

// A realTimeItem is one number that its carrier is to be asked about now.
type realTimeItem struct {
	item
	AutoDetection yes  `json:"auto_detection"`
	CacheLevel    word `json:"cacheLevel"`
	info
}

// realTime asks a carrier now. It needs no registration and makes none.
func (c *call) realTime() (*text, error) {
	in, err := items[realTimeItem](c.body)
	if err != nil {
		return nil, err
	}
	if len(in) > 1 {
		return nil, errOne
	}
	o := outcome{number: in[0].Number.value, carrier: int64(in[0].Carrier.value)}
	r, err := c.askNow(in[0])
	if o.err = err; err == nil {
		o.carrier = c.key(r.Carrier)
		o.accept = newRendering(c.version, c.Catalogue(), r, o.number, c.now()).item
	}
	return c.split([]outcome{o})
}

// askNow asks, and draws what that costs once there is an answer.
func (c *call) askNow(item realTimeItem) (watch.Registration, error) {
	r, wish, matter, err := c.wish(item)
	if err != nil {
		return r, err
	}
	if err := c.affords(matter); err != nil {
		return r, err
	}
	if r.Parcel, err = c.Ask(c.ctx, wish); err != nil {
		return r, answered(err)
	}
	line := quota.Line{ID: uuid.Must(uuid.NewV7()).String(), Matter: matter}
	return r, c.Draw(c.ctx, c.caller.Owner, line)
}

// wish is what is to be asked, for what would be registered, and what that costs.
func (c *call) wish(item realTimeItem) (r watch.Registration, w Wish, _ quota.Matter, err error) {
	given, err := c.registering(registerItem{item: item.item, AutoDetection: item.AutoDetection, info: item.info})
	if err != nil {
		return r, w, "", err
	}
	matter := quota.Standard
	switch level := item.CacheLevel.value; {
	case level == "1", strings.EqualFold(level, "instant"):
		matter = quota.Instant
	case level == "", level == "0", strings.EqualFold(level, "standard"):
	default:
		return r, w, "", errFieldValue.with(short(level), "cacheLevel")
	}
	w.Fresh, w.Lang = matter == quota.Instant, given.Lang
	r.Number, r.Details = given.Number, given.Details
	if r.Carrier, w.Want, err = c.Watches.Would(given); errors.Is(err, watch.ErrNotConnected) {
		err = errNotSupported
	}
	return r, w, matter, err
}

// affords fails where the quota has no room for what a question costs.
func (c *call) affords(m quota.Matter) error {
	store, err := c.Keys.Of(c.caller.Owner)
	if err != nil {
		return err
	}
	state, err := store.State(c.ctx, c.caller.Owner)
	switch {
	case err != nil:
		return err
	case state.Total != quota.Unlimited && state.Remain() < m.Costs():
		return errQuota
	case state.Daily > 0 && state.Daily-state.Today < m.Costs():
		return errDaily
	}
	return nil
}

// answered is what a carrier's silence is here. Nothing of it is charged.
func answered(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errTimedOut
	}
	if p, ok := errors.AsType[*carrier.Problem](err); ok {
		switch p.Kind {
		case carrier.NeedsPhone:
			return errNeedsPhone
		case carrier.NeedsPostcode:
			return errNeedsPostal
		case carrier.BadNumber:
			return errFormat.with("number")
		}
		return errNoAnswer
	}
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Unavailable, fault.Invalid:
		return errNotSupported
	}
	return errNotAsked
}
