package account

import "time"

// SetClock gives the members another clock than time.Now.
func (m *Members) SetClock(now func() time.Time) { m.now = now }

// Hashes is how many password hashes were computed.
func (m *Members) Hashes() int64 { return m.passwords.hashes.Load() }

// SetCost makes hashes cheap, or dearer than they were.
func (m *Members) SetCost(memory uint32) { m.setCost(cost{memory: memory, passes: 1, threads: 1}) }

// SetRealCost makes hashes cost what they cost members.
func (m *Members) SetRealCost() { m.setCost(today) }

func (m *Members) setCost(c cost) {
	m.passwords.cost, m.passwords.decoy = c, newPHC([]byte("nobody's"), c)
}

// ParsePHC reads a stored hash and writes it again.
func ParsePHC(text string) (string, error) {
	p, err := parsePHC(text)
	return p.String(), err
}

// ParseBreachedLine reads a line of a list of stolen passwords.
func ParseBreachedLine(text []byte) ([]byte, error) { return parseBreachedLine(text) }

// Redraw makes a picture small.
var Redraw = redraw
