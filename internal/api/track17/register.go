package track17

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/watch"
)

// itoa is a number as messages have it.
func itoa(n int) string { return strconv.Itoa(n) }

// Info is what a program says of a parcel: of register and of changeinfo, in all
// versions. Older ones don't know all of it, but clients send it.
type info struct {
	Tag                   word `json:"tag"`
	Param                 word `json:"param"`
	Lang                  word `json:"lang"`
	TranslationMode       word `json:"translation_mode"`
	Email                 word `json:"email"`
	OrderNo               word `json:"order_no"`
	OrderTime             word `json:"order_time"`
	Remark                word `json:"remark"`
	OriginCountry         word `json:"origin_country"`
	DestinationCountry    word `json:"destination_country"`
	DestinationPostalCode word `json:"destination_postal_code"`
	DestinationCity       word `json:"destination_city"`
	ShipDate              word `json:"ship_date"`
	Shipper               word `json:"shipper"`
	Consignee             word `json:"consignee"`
	PhoneLast4            word `json:"phone_number_last_4"`
	Phone                 word `json:"phone_number"`
	TaxNumber             word `json:"cpf_or_cnpj"`

	Special *struct {
		Type  word `json:"number_type"`
		Value word `json:"parameter"`
	} `json:"special_tracking_info"`
}

// A field is one of info, and where it is kept.
type field struct {
	name string
	word
	most int // characters
	fits func(value string) bool
	to   *string    // of the details
	fact watch.Fact // where to is nil
}

// fields are all of info; those that aren't said stay as they are in d.
func (in info) fields(d *watch.Details) []field {
	all := []field{
		{name: "tag", word: in.Tag, most: 100, to: &d.Tag},
		{name: "param", word: in.Param, most: 250, to: &d.Param},
		{name: "lang", word: in.Lang, most: 35, to: &d.Lang},
		{name: "email", word: in.Email, most: 250, fits: isAddress, to: &d.Email},
		{name: "order_no", word: in.OrderNo, most: 50, to: &d.OrderNo},
		{name: "order_time", word: in.OrderTime, most: 40, to: &d.OrderTime},
		{name: "remark", word: in.Remark, most: 1000, to: &d.Remark},
		{name: "translation_mode", word: in.TranslationMode, most: 40, fact: watch.Translation},
		{name: "origin_country", word: in.OriginCountry, most: 2, fits: isCountry, fact: watch.OriginCountry},
		{name: "destination_country", word: in.DestinationCountry, most: 2, fits: isCountry, fact: watch.DestinationCountry},
		{name: "destination_postal_code", word: in.DestinationPostalCode, most: 20, fact: watch.DestinationPostalCode},
		{name: "destination_city", word: in.DestinationCity, most: 100, fact: watch.DestinationCity},
		{name: "ship_date", word: in.ShipDate, most: 40, fact: watch.ShipDate},
		{name: "shipper", word: in.Shipper, most: 250, fact: watch.Shipper},
		{name: "consignee", word: in.Consignee, most: 250, fact: watch.Consignee},
		{name: "phone_number_last_4", word: in.PhoneLast4, most: 4, fits: isLast4, fact: watch.PhoneEnd},
		{name: "phone_number", word: in.Phone, most: 40, fact: watch.Phone},
		{name: "cpf_or_cnpj", word: in.TaxNumber, most: 40, fact: watch.TaxNumber},
	}
	if in.Special != nil {
		all = append(all, field{name: "number_type", word: in.Special.Type, most: 100, fact: watch.SpecialType},
			field{name: "parameter", word: in.Special.Value, most: 250, fact: watch.SpecialValue})
	}
	return all
}

// check says which field has a value that can't be.
func (in info) check() error {
	for _, f := range in.fields(&watch.Details{}) {
		switch {
		case f.bad, !utf8.ValidString(f.value):
			return errValue.with(f.name)
		case f.value != "" && (utf8.RuneCountInString(f.value) > f.most || f.fits != nil && !f.fits(f.value)):
			return errFieldValue.with(short(f.value), f.name)
		}
	}
	return nil
}

// apply writes what is said into the details.
func (in info) apply(d *watch.Details) {
	for _, f := range in.fields(d) {
		switch {
		case !f.said:
		case f.to != nil:
			*f.to = f.value
		case f.value == "":
			delete(d.Facts, f.fact)
		default:
			if d.Facts == nil {
				d.Facts = map[watch.Fact]string{}
			}
			d.Facts[f.fact] = f.value
		}
	}
}

// says reports whether anything is said.
func (in info) says() bool {
	for _, f := range in.fields(&watch.Details{}) {
		if f.said {
			return true
		}
	}
	return false
}

// short is a value as a message shows it.
func short(value string) string {
	const most = 40
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

var (
	countryForm = regexp.MustCompile(`^[A-Za-z]{2}$`)
	last4Form   = regexp.MustCompile(`^\d{4}$`)
)

func isCountry(value string) bool { return countryForm.MatchString(value) }
func isLast4(value string) bool   { return last4Form.MatchString(value) }

func isAddress(value string) bool {
	a, err := mail.ParseAddress(value)
	return err == nil && a.Address == value
}

// moment reads a time as clients write it, UTC where it names no zone, and says
// whether it is a day alone.
func moment(value string) (at time.Time, day, ok bool) {
	value = strings.ReplaceAll(value, "/", "-")
	for _, layout := range []string{"2006-1-2", time.RFC3339, "2006-1-2T15:04:05", "2006-1-2 15:04:05", "2006-1-2T15:04", "2006-1-2 15:04", "2006-1-2 15:04:05Z07:00"} {
		if at, err := time.Parse(layout, value); err == nil {
			return at.UTC(), layout == "2006-1-2", true
		}
	}
	return time.Time{}, false, false
}

// A registerItem is one number to register.
type registerItem struct {
	item
	FinalCarrier  count `json:"final_carrier"`
	AutoDetection yes   `json:"auto_detection"`
	info
}

func (c *call) register() (*text, error) {
	in, err := items[registerItem](c.body)
	if err != nil {
		return nil, err
	}
	all := make([]outcome, len(in))
	var wishes []watch.Registering
	var at []int
	for i, item := range in {
		all[i] = outcome{number: item.Number.value, carrier: int64(item.Carrier.value), tag: item.Tag.value}
		wish, err := c.registering(item)
		if err != nil {
			all[i].err = err
			continue
		}
		wishes, at = append(wishes, wish), append(at, i)
	}
	done, err := c.store.Register(c.ctx, c.caller.Owner, wishes...)
	if err != nil {
		return nil, err
	}
	for j, i := range at {
		all[i].err = done[j].Err
		if key := c.key(done[j].Carrier); key != 0 {
			all[i].carrier = key
		}
		all[i].accept = func(t *text) { c.registered(t, all[i], done[j]) }
	}
	return c.split(all)
}

// registering is what to register, or what is wrong with an item.
func (c *call) registering(item registerItem) (watch.Registering, error) {
	r := watch.Registering{Number: item.Number.value, Strict: true, Detect: item.AutoDetection.value}
	err := checkNumber(item.Number)
	if err == nil {
		err = item.info.check()
	}
	if err == nil && item.AutoDetection.bad {
		err = errValue.with("auto_detection")
	}
	if err == nil {
		r.Carrier, err = c.carrier(item.Carrier)
	}
	if err == nil {
		r.Final, err = c.carrier(item.FinalCarrier)
	}
	item.info.apply(&r.Details)
	return r, err
}

// registered is what is said of an accepted number.
func (c *call) registered(t *text, o outcome, r watch.Registered) {
	t.num("origin", int64(r.Origin))
	o.ack(t)
	switch {
	case c.version.from(V22):
		t.opt("email", r.Email)
		t.opt("tag", r.Tag)
		t.opt("lang", r.Lang)
	case c.version.from(V2):
		t.opt("tag", r.Tag)
	}
}
