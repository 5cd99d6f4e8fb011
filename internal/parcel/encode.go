package parcel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A history's bytes are a version, how the rest is packed, and the rest: legs
// and events as numbers and texts one after another, each text written out the
// first time and named by its number after that. In the second version it is
// said behind them which events' status was read from words, in the third also
// which their source told by itself; a history without such events is of an
// earlier one, which releases before can read.
const (
	versionPlain  = 1
	versionMarked = 2
	versionPushed = 3
	packedNot     = 0
	packedZstd    = 1

	worthPacking = 256     // bytes; below, packing saves nothing
	maxEncoded   = 8 << 20 // bytes before packing; Merge's bounds keep histories below
	maxLegs      = 1000
)

var (
	errHistoryTooLarge = fmt.Errorf("history takes more than %d bytes", maxEncoded)
	errHistoryBytes    = errors.New("history's bytes are damaged")
)

// The coder is shared: both directions are safe for concurrent use.
var coder = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10))
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxEncoded), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err)
	}
	return enc, dec
})

// Encode returns the history's bytes.
func (h History) Encode() ([]byte, error) {
	w := writer{texts: map[string]uint64{}}
	w.history(h)
	version := byte(versionPlain)
	fromWords, pushed := h.marks(func(e *Event) bool { return e.FromWords }), h.marks(func(e *Event) bool { return e.Pushed })
	if len(fromWords)+len(pushed) > 0 {
		version = versionMarked
		w.marks(fromWords)
	}
	if len(pushed) > 0 {
		version = versionPushed
		w.marks(pushed)
	}
	if len(w.out) > maxEncoded {
		return nil, errHistoryTooLarge
	}
	if len(w.out) < worthPacking {
		return append([]byte{version, packedNot}, w.out...), nil
	}
	enc, _ := coder()
	return enc.EncodeAll(w.out, []byte{version, packedZstd}), nil
}

// Decode reads a history's bytes. Whatever they are, it takes bounded memory.
func Decode(data []byte) (History, error) {
	if len(data) < 2 {
		return History{}, errHistoryBytes
	}
	if data[0] < versionPlain || data[0] > versionPushed {
		return History{}, fmt.Errorf("history is of version %d, this program reads %d to %d", data[0], versionPlain, versionPushed)
	}
	body := data[2:]
	switch data[1] {
	case packedNot:
		if len(body) > maxEncoded {
			return History{}, errHistoryTooLarge
		}
	case packedZstd:
		_, dec := coder()
		var err error
		if body, err = dec.DecodeAll(body, nil); err != nil {
			return History{}, fmt.Errorf("unpack history: %w", err)
		}
	default:
		return History{}, errHistoryBytes
	}
	r := reader{in: string(body)}
	h := r.history()
	if data[0] >= versionMarked {
		r.marks(h, func(e *Event) { e.FromWords = true })
	}
	if data[0] >= versionPushed {
		r.marks(h, func(e *Event) { e.Pushed = true })
	}
	if r.failed || len(r.in) > 0 {
		return History{}, errHistoryBytes
	}
	return h, nil
}

// A writer appends what it is given; times as the distance to the one before.
type writer struct {
	out   []byte
	texts map[string]uint64 // text → its number, from 1
	last  int64
}

func (w *writer) history(h History) {
	w.count(h.Dropped)
	w.count(len(h.Legs))
	at := map[legKey]int{}
	for i := range h.Legs {
		at[h.Legs[i].key()] = i
		w.leg(&h.Legs[i])
	}
	for _, list := range [][]Event{h.Events, h.Doubles} {
		w.count(len(list))
		for i := range list {
			w.count(at[list[i].key()])
			w.event(&list[i])
		}
	}
}

// marks are the places, in Events and Doubles one after the other, of events
// that are such.
func (h History) marks(such func(*Event) bool) []int {
	var places []int
	for i, list := range [][]Event{h.Events, h.Doubles} {
		for k := range list {
			if such(&list[k]) {
				places = append(places, i*len(h.Events)+k)
			}
		}
	}
	return places
}

func (w *writer) marks(places []int) {
	w.count(len(places))
	last := 0
	for _, at := range places {
		w.count(at - last)
		last = at
	}
}

func (w *writer) leg(l *Leg) {
	w.text(string(l.Source))
	w.text(string(l.Carrier))
	w.text(l.Number)
	w.text(string(l.Role))
	w.text(l.Unique)
	w.text(l.Service)
	w.text(string(l.State))
	w.wall(l.ETA)
	w.count(len(l.Onward))
	for _, o := range l.Onward {
		w.text(o.Number)
		w.text(o.Carrier)
	}
	w.count(l.Dropped)
	w.instant(l.Answered)
}

func (w *writer) event(e *Event) {
	w.wall(e.Time)
	w.text(e.Code)
	w.text(string(e.Status))
	w.text(e.Words)
	w.text(e.Place.Name)
	w.text(e.Place.City)
	w.text(e.Place.Region)
	w.text(e.Place.Postcode)
	w.text(e.Place.Country)
	w.number(e.Order)
	w.instant(e.Seen)
	w.count(e.List)
	w.number(e.Rank - w.last)
}

func (w *writer) count(n int)    { w.out = binary.AppendUvarint(w.out, uint64(n)) }
func (w *writer) number(n int64) { w.out = binary.AppendVarint(w.out, n) }

func (w *writer) text(s string) {
	if n, ok := w.texts[s]; ok {
		w.out = binary.AppendUvarint(w.out, n)
		return
	}
	w.texts[s] = uint64(len(w.texts) + 1)
	w.out = binary.AppendUvarint(w.out, 0)
	w.out = binary.AppendUvarint(w.out, uint64(len(s)))
	w.out = append(w.out, s...)
}

func (w *writer) wall(t carrier.Time) {
	w.text(t.Local)
	w.instant(t.UTC)
}

func (w *writer) instant(t time.Time) {
	if t.IsZero() {
		w.out = append(w.out, 0)
		return
	}
	ms := t.UnixMilli()
	w.out = append(w.out, 1)
	w.number(ms - w.last)
	w.last = ms
}

// A reader takes off what a writer appended. After the first thing that can't
// be there it has failed, and gives zero values only.
type reader struct {
	in     string // what is left
	texts  []string
	last   int64
	failed bool
}

func (r *reader) history() History {
	h := History{Dropped: r.count(1 << 40)}
	h.Legs = make([]Leg, r.count(maxLegs))
	for i := range h.Legs {
		r.leg(&h.Legs[i])
	}
	for _, list := range []*[]Event{&h.Events, &h.Doubles} {
		n := r.count(MaxEvents)
		if n == 0 {
			continue
		}
		*list = make([]Event, n)
		for i := range *list {
			leg := r.count(len(h.Legs) - 1)
			if r.failed {
				return History{}
			}
			e := &(*list)[i]
			e.Source, e.Carrier, e.Number = h.Legs[leg].Source, h.Legs[leg].Carrier, h.Legs[leg].Number
			r.event(e)
		}
	}
	if len(h.Legs) == 0 {
		h.Legs = nil
	}
	return h
}

func (r *reader) marks(h History, mark func(*Event)) {
	all := len(h.Events) + len(h.Doubles)
	at := 0
	for range r.count(all) {
		at += r.count(all - 1 - at)
		switch {
		case r.failed:
			return
		case at < len(h.Events):
			mark(&h.Events[at])
		default:
			mark(&h.Doubles[at-len(h.Events)])
		}
	}
}

func (r *reader) leg(l *Leg) {
	l.Source = carrier.SourceCode(r.text())
	l.Carrier = carrier.Code(r.text())
	l.Number = r.text()
	l.Role = Role(r.text())
	l.Unique = r.text()
	l.Service = r.text()
	l.State = status.Sub(r.text())
	l.ETA = r.wall()
	if n := r.count(maxOnward); n > 0 {
		l.Onward = make([]carrier.Leg, n)
	}
	for i := range l.Onward {
		l.Onward[i] = carrier.Leg{Number: r.text(), Carrier: r.text()}
	}
	l.Dropped = r.count(1 << 40)
	l.Answered = r.instant()
}

func (r *reader) event(e *Event) {
	e.Time = r.wall()
	e.Code = r.text()
	e.Status = status.Sub(r.text())
	e.Words = r.text()
	e.Place.Name = r.text()
	e.Place.City = r.text()
	e.Place.Region = r.text()
	e.Place.Postcode = r.text()
	e.Place.Country = r.text()
	e.Order = r.number()
	e.Seen = r.instant()
	e.List = r.count(1 << 40)
	e.Rank = r.number() + r.last
}

func (r *reader) fail() {
	r.failed = true
	r.in = ""
}

// count reads a number from 0 to most.
func (r *reader) count(most int) int {
	n, size := uvarint(r.in)
	if size <= 0 || most < 0 || n > uint64(most) {
		r.fail()
		return 0
	}
	r.in = r.in[size:]
	return int(n)
}

func (r *reader) number() int64 {
	n, size := uvarint(r.in)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[size:]
	return int64(n>>1) ^ -int64(n&1)
}

func (r *reader) text() string {
	n := r.count(len(r.texts))
	if r.failed {
		return ""
	}
	if n > 0 {
		return r.texts[n-1]
	}
	size := r.count(len(r.in))
	if r.failed || size > len(r.in) {
		r.fail()
		return ""
	}
	s := r.in[:size]
	r.in = r.in[size:]
	r.texts = append(r.texts, s)
	return s
}

func (r *reader) wall() carrier.Time {
	return carrier.Time{Local: r.text(), UTC: r.instant()}
}

func (r *reader) instant() time.Time {
	switch r.count(1) {
	case 0:
		return time.Time{}
	}
	r.last += r.number()
	if r.failed {
		return time.Time{}
	}
	return time.UnixMilli(r.last).UTC()
}

// uvarint is binary.Uvarint over a string.
func uvarint(s string) (n uint64, size int) {
	var shift uint
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		b := s[i]
		if b < 0x80 {
			if i == binary.MaxVarintLen64-1 && b > 1 {
				return 0, 0
			}
			return n | uint64(b)<<shift, i + 1
		}
		n |= uint64(b&0x7f) << shift
		shift += 7
	}
	return 0, 0
}
