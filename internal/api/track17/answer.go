package track17

import (
	"waypost/internal/carrier"
	"waypost/internal/watch"
)

// An item is a number of a request and the carrier that it names.
type item struct {
	Number  word  `json:"number"`
	Carrier count `json:"carrier"`
}

// reference is the registration that an item means, or what is wrong with it.
func (c *call) reference(i item) (watch.Reference, error) {
	if err := checkNumber(i.Number); err != nil {
		return watch.Reference{}, err
	}
	code, err := c.carrier(i.Carrier)
	return watch.Reference{Number: i.Number.value, Carrier: code}, err
}

func checkNumber(number word) error {
	switch {
	case number.bad:
		return errFormat.with("number")
	case number.value == "":
		return errMissing.with("number")
	}
	return nil
}

// carrier is the carrier of a key, "" where none is given.
func (c *call) carrier(key count) (carrier.Code, error) {
	switch {
	case key.bad:
		return "", errCarrier.with("?")
	case key.value == 0:
		return "", nil
	}
	known, ok := c.Catalogue().ByKey(key.value)
	if !ok {
		return "", errCarrier.with(itoa(key.value))
	}
	return known.Code, nil
}

// key is a carrier's, 0 when there is no such carrier any more.
func (d *Door) key(code carrier.Code) int64 { return keyOf(d.Catalogue(), code) }

func keyOf(catalogue *carrier.Catalogue, code carrier.Code) int64 {
	if known, ok := catalogue.Carrier(code); ok {
		return int64(known.Key)
	}
	return 0
}

// An outcome is what became of one item.
type outcome struct {
	number  string // as it was sent
	carrier int64  // key, 0 none
	tag     string // of register
	err     error  // nil: it was accepted
	accept  func(t *text)
}

// split answers which items were accepted and which weren't. An error that isn't
// an item's is the request's.
func (c *call) split(all []outcome) (*text, error) {
	why := make([]problem, len(all))
	for i, o := range all {
		if o.err == nil {
			continue
		}
		var ok bool
		if why[i], ok = itemly(o.err, o.number); !ok {
			return nil, o.err
		}
	}
	t := newText()
	t.object("", func() {
		t.num("code", 0)
		t.object("data", func() {
			t.array("accepted", func() {
				for _, o := range all {
					if o.err == nil {
						t.object("", func() { o.accept(t) })
					}
				}
			})
			t.array("rejected", func() {
				for i, o := range all {
					if o.err != nil {
						t.object("", func() { c.reject(t, o, why[i]) })
					}
				}
			})
		})
	})
	return t, nil
}

func (c *call) reject(t *text, o outcome, why problem) {
	t.str("number", o.number)
	if c.version.from(V24) {
		t.num("carrier", o.carrier)
	}
	if o.tag != "" && c.version.from(V22) {
		t.str("tag", o.tag)
	}
	t.problem("error", why)
}

func (t *text) problem(name string, p problem) {
	t.object(name, func() {
		t.num("code", int64(p.code))
		t.str("message", p.message)
	})
}

// each answers a request whose items name registrations, which do changes.
func (c *call) each(do func(refs []watch.Reference) ([]watch.Altered, error)) (*text, error) {
	in, err := items[item](c.body)
	if err != nil {
		return nil, err
	}
	all, refs, at := c.sort(in)
	done, err := do(refs)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		all[i].err = done[j].Err
		if key := c.key(done[j].Carrier); key != 0 {
			all[i].carrier = key
		}
	}
	for i := range all {
		all[i].accept = func(t *text) { all[i].ack(t) }
	}
	return c.split(all)
}

// sort returns an outcome for each item, and the references of those that can be
// looked for, with their places among all.
func (c *call) sort(in []item) (all []outcome, refs []watch.Reference, at []int) {
	all = make([]outcome, len(in))
	for i, item := range in {
		all[i] = outcome{number: item.Number.value, carrier: int64(item.Carrier.value)}
		ref, err := c.reference(item)
		if err != nil {
			all[i].err = err
			continue
		}
		refs, at = append(refs, ref), append(at, i)
	}
	return all, refs, at
}

// ack is what most endpoints say of what they did.
func (o outcome) ack(t *text) {
	t.str("number", o.number)
	t.num("carrier", o.carrier)
}
