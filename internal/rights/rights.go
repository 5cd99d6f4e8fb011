// Package rights is what people may ask of what is held of them, over all rooms:
// to see it and to have a copy. What there is it knows from the rooms'
// declarations alone, so a room that stores something new is in both. It knows no
// tables, and not how anybody shows who they are.
package rights

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/policy"
)

//go:embed words
var texts embed.FS

// A Room is one that stores something of people, in one region.
type Room struct {
	Name      string // the same in all regions
	Region    string
	Elsewhere bool // holds something of people of other regions, too
	inventory.Room
}

// Rights reads what is held. It is safe for concurrent use.
type Rights struct {
	rooms  []Room
	keys   []inventory.Field
	uses   []inventory.Processing
	policy *policy.Policy
	words  []*locale.Words
}

// New makes it for the rooms, for key stores that declare keys, and for what rooms
// do with people's data besides; p has words for all kinds of data.
func New(rooms []Room, keys []inventory.Field, uses []inventory.Processing, p *policy.Policy) (*Rights, error) {
	words, err := locale.Load(texts, "words")
	if err != nil {
		return nil, fmt.Errorf("words of rights: %w", err)
	}
	return &Rights{rooms: rooms, keys: keys, uses: uses, policy: p, words: words}, nil
}

// A Row is the columns of one, by name: what JSON makes of them.
type Row map[string]any

// Held is all that is held of somebody.
type Held struct {
	Subject inventory.Subject           `json:"subject"`
	Made    time.Time                   `json:"made"` // UTC, whole seconds
	Rooms   map[string]map[string][]Row `json:"held"` // by room and table
	Lacks   bool                        `json:"-"`    // another region may hold something, and can't be reached
}

// Held reads all that rooms hold of somebody; of nobody that is nothing. It fails
// while the region that they live in can't be reached, and goes without another one.
func (r *Rights) Held(ctx context.Context, who inventory.Subject) (Held, error) {
	h := Held{Subject: who, Made: time.Now().UTC().Truncate(time.Second), Rooms: map[string]map[string][]Row{}}
	for _, room := range r.rooms {
		home := strings.HasPrefix(string(who), room.Region+"-")
		if !home && !room.Elsewhere {
			continue
		}
		var out bytes.Buffer
		err := room.Export(ctx, who, &out)
		if errors.Is(err, db.ErrAway) && !home {
			h.Lacks = true
			continue
		}
		if err != nil {
			return h, fmt.Errorf("held of %s: %w", who, err)
		}
		tables := map[string][]Row{}
		read := json.NewDecoder(&out)
		read.UseNumber()
		if err := read.Decode(&tables); err != nil {
			return h, fmt.Errorf("what %s holds of %s: %w", room.Name, who, err)
		}
		for table, rows := range tables {
			if h.Rooms[room.Name] == nil {
				h.Rooms[room.Name] = map[string][]Row{}
			}
			h.Rooms[room.Name][table] = append(h.Rooms[room.Name][table], rows...)
		}
	}
	return h, nil
}

// Whole is Held that goes without nothing: it fails with db.ErrAway while another
// region may hold something and can't be reached.
func (r *Rights) Whole(ctx context.Context, who inventory.Subject) (Held, error) {
	h, err := r.Held(ctx, who)
	if err == nil && h.Lacks {
		err = db.ErrAway
	}
	return h, err
}

// fields are what each room declares, by its name.
func (r *Rights) fields() map[string][]inventory.Field {
	all := map[string][]inventory.Field{}
	for _, room := range r.rooms {
		all[room.Name] = room.Fields()
	}
	return all
}
