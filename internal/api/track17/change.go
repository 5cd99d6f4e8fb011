package track17

import (
	"errors"

	"waypost/internal/carrier"
	"waypost/internal/watch"
)

func (c *call) stop() (*text, error) {
	return c.each(func(refs []watch.Reference) ([]watch.Altered, error) {
		return c.store.Stop(c.ctx, c.caller.Owner, refs...)
	})
}

func (c *call) retrack() (*text, error) {
	return c.each(func(refs []watch.Reference) ([]watch.Altered, error) {
		return c.store.Retrack(c.ctx, c.caller.Owner, refs...)
	})
}

func (c *call) delete() (*text, error) {
	return c.each(func(refs []watch.Reference) ([]watch.Altered, error) {
		return c.store.Unregister(c.ctx, c.caller.Owner, refs...)
	})
}

// A changeInfoItem is a number, and what changes of what is said of it.
type changeInfoItem struct {
	item
	Items *info `json:"items"`
}

func (c *call) changeInfo() (*text, error) {
	in, err := items[changeInfoItem](c.body)
	if err != nil {
		return nil, err
	}
	all := make([]outcome, len(in))
	var changes []watch.InfoChange
	var at []int
	for i, item := range in {
		all[i] = outcome{number: item.Number.value, carrier: int64(item.Carrier.value)}
		change, err := c.infoChange(item)
		if err != nil {
			all[i].err = err
			continue
		}
		changes, at = append(changes, change), append(at, i)
	}
	done, err := c.store.ChangeInfo(c.ctx, c.caller.Owner, changes...)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		if all[i].err = done[j].Err; done[j].Err == nil {
			all[i].carrier = c.key(done[j].Carrier)
		}
		all[i].accept = func(t *text) { all[i].ack(t) }
	}
	return c.split(all)
}

// infoChange is what to change, or what is wrong with an item. One that changes
// nothing is left to the room, which knows whether the number is registered.
func (c *call) infoChange(item changeInfoItem) (watch.InfoChange, error) {
	ref, err := c.reference(item.item)
	change := watch.InfoChange{Reference: ref}
	if err != nil || item.Items == nil || !item.Items.says() {
		return change, err
	}
	if err := item.Items.check(); err != nil {
		return change, err
	}
	change.Edit = item.Items.apply
	return change, nil
}

// A changeCarrierItem is a number, and its carriers from now on.
type changeCarrierItem struct {
	Number   word  `json:"number"`
	Old      count `json:"carrier_old"`
	New      count `json:"carrier_new"`
	NewFinal count `json:"final_carrier_new"`
}

func (c *call) changeCarrier() (*text, error) {
	in, err := items[changeCarrierItem](c.body)
	if err != nil {
		return nil, err
	}
	all := make([]outcome, len(in))
	var changes []watch.CarrierChange
	var at []int
	for i, item := range in {
		all[i] = outcome{number: item.Number.value, carrier: int64(item.Old.value)}
		change, err := c.carrierChange(item)
		if err != nil {
			all[i].err = err
			continue
		}
		changes, at = append(changes, change), append(at, i)
	}
	done, err := c.store.ChangeCarrier(c.ctx, c.caller.Owner, changes...)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		if all[i].err = in[i].said(done[j].Err); all[i].err == nil {
			all[i].carrier = c.key(done[j].Carrier)
		}
		old := c.key(done[j].Before)
		all[i].accept = func(t *text) {
			all[i].ack(t)
			t.num("carrier_old", old)
			t.num("carrier_new", all[i].carrier)
		}
	}
	return c.split(all)
}

// carrierChange is what to change, or what is wrong with an item.
func (c *call) carrierChange(item changeCarrierItem) (watch.CarrierChange, error) {
	change := watch.CarrierChange{Number: item.Number.value}
	if err := checkNumber(item.Number); err != nil {
		return change, err
	}
	var err error
	if change.Old, err = c.carrier(item.Old); err != nil {
		return change, errOld.with(item.Old.value)
	}
	for _, of := range []struct {
		key count
		to  *carrier.Code
	}{{item.New, &change.New}, {item.NewFinal, &change.NewFinal}} {
		if *of.to, err = c.carrier(of.key); err != nil {
			return change, errNewCarrier.with(of.key.value)
		}
	}
	return change, nil
}

// said is what an error means where the carrier is changed.
func (item changeCarrierItem) said(err error) error {
	switch {
	case errors.Is(err, watch.ErrSeveral):
		return errSeveralOld
	case errors.Is(err, watch.ErrStopped):
		return errChangeStop
	case errors.Is(err, watch.ErrOldCarrier):
		return errOld.with(item.Old.value)
	case errors.Is(err, watch.ErrDuplicate):
		return errDuplicate.with(item.New.value)
	case errors.Is(err, watch.ErrNoCarrier):
		return errNewCarrier.with(item.New.value)
	}
	return err
}
