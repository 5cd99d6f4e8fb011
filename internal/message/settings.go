package message

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/place"
	"waypost/internal/status"
	"waypost/internal/vault"
)

// fieldSettings is where settings are sealed. It is never renamed.
const fieldSettings vault.Field = "message.alert_settings.detail"

// Settings are which alerts a member wants, and when.
type Settings struct {
	Mail  bool          `json:"mail"`           // by e-mail
	On    []status.Main `json:"on"`             // of these, where a parcel has no choice of its own
	Quiet Quiet         `json:"quiet,omitzero"` // the zero Quiet: none
	Zone  string        `json:"zone,omitempty"` // IANA name, of the quiet hours; "" as the country says
	Pause time.Time     `json:"pause,omitzero"` // UTC; do not disturb before; zero: no pause
}

// Quiet are hours of the day in which nothing is sent; it is held to their end.
type Quiet struct {
	On   bool   `json:"on"`
	From Minute `json:"from"`
	To   Minute `json:"to"` // earlier than From: over midnight
}

// A Minute is a time of the day, in minutes from midnight.
type Minute int

// dayMinutes is how many a day has.
const dayMinutes = 24 * 60

// longestPause bounds a pause; what is held longer than that is no news.
const longestPause = 31 * 24 * time.Hour

var (
	errStatus = fault.New(fault.Invalid, "alerts", "%q is no status that alerts can be had of.")
	errQuiet  = fault.New(fault.Invalid, "quiet_hours", "Quiet hours begin and end at different times of the day.")
	errZone   = fault.New(fault.Invalid, "zone", "There is no time zone %q.")
	errPause  = fault.New(fault.Invalid, "pause", "A pause is a month at most.")
)

// Default are the settings of a member who has chosen none.
func Default() Settings {
	return Settings{
		Mail:  true,
		On:    []status.Main{status.AvailableForPickup, status.OutForDelivery, status.DeliveryFailure, status.Delivered, status.Exception},
		Quiet: Quiet{From: 22 * 60, To: 7 * 60},
	}
}

// Clock writes the time of the day: 07:30.
func (m Minute) Clock() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// ParseMinute reads what Clock writes.
func ParseMinute(text string) (Minute, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, errQuiet
	}
	return Minute(t.Hour()*60 + t.Minute()), nil
}

// checked returns settings with each status once, in their usual order.
func (s Settings) checked(now time.Time) (Settings, error) {
	var on []status.Main
	for _, m := range status.Mains {
		if slices.Contains(s.On, m) {
			on = append(on, m)
		}
	}
	for _, m := range s.On {
		if !slices.Contains(status.Mains, m) {
			return Settings{}, errStatus.With(string(m))
		}
	}
	s.On = on
	q := s.Quiet
	if q.From < 0 || q.To < 0 || q.From >= dayMinutes || q.To >= dayMinutes || q.On && q.From == q.To {
		return Settings{}, errQuiet
	}
	if s.Zone != "" {
		if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
			return Settings{}, errZone.With(s.Zone)
		}
	}
	if s.Pause.After(now.Add(longestPause)) {
		return Settings{}, errPause
	}
	if !s.Pause.After(now) {
		s.Pause = time.Time{}
	}
	s.Pause = s.Pause.UTC()
	return s, nil
}

// zone is where the quiet hours are; the country's where the member named none.
func (s Settings) zone(country string) *time.Location {
	if z, err := time.LoadLocation(s.Zone); err == nil && s.Zone != "" {
		return z
	}
	if z, ok := place.Zone(place.Place{Country: country}); ok {
		return z
	}
	return time.UTC
}

// free is when something may be sent: now, or once a pause and the quiet hours
// are over.
func (s Settings) free(now time.Time, zone *time.Location) time.Time {
	if s.Pause.After(now) {
		now = s.Pause
	}
	if !s.Quiet.On {
		return now
	}
	local := now.In(zone)
	minute := Minute(local.Hour()*60 + local.Minute())
	end := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, int(s.Quiet.To)/60, int(s.Quiet.To)%60, 0, 0, zone)
	}
	switch q := s.Quiet; {
	case q.From < q.To && minute >= q.From && minute < q.To, q.From > q.To && minute < q.To:
		return end(0)
	case q.From > q.To && minute >= q.From:
		return end(1)
	}
	return now
}

// Settings returns which alerts a member wants; the defaults of one who has
// chosen none.
func (s *Store) Settings(ctx context.Context, owner inventory.Subject) (Settings, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Settings{}, err
	}
	var now Settings
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		now, err = readSettings(ctx, tx, k, owner, "")
		return err
	})
	if err != nil {
		return Settings{}, fmt.Errorf("settings of %s: %w", owner, err)
	}
	return now, nil
}

func readSettings(ctx context.Context, tx *db.Tx, k *vault.Sealer, owner inventory.Subject, lock string) (Settings, error) {
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT detail FROM alert_settings WHERE owner = $1`+lock, string(owner)).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Default(), nil
	}
	if err != nil {
		return Settings{}, err
	}
	plain, err := k.Open(fieldSettings, sealed)
	if err != nil {
		return Settings{}, err
	}
	var s Settings
	return s, json.Unmarshal(plain, &s)
}

// Change changes a member's settings. What is held because of the old ones is
// looked at again.
func (s *Store) Change(ctx context.Context, owner inventory.Subject, do func(*Settings)) error {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return err
	}
	now := s.all.now()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		settings, err := readSettings(ctx, tx, k, owner, tx.Lock())
		if err != nil {
			return err
		}
		do(&settings)
		if settings, err = settings.checked(now); err != nil {
			return err
		}
		plain, err := json.Marshal(settings)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO alert_settings (owner, detail, changed_ms) VALUES ($1, $2, $3)
			ON CONFLICT (owner) DO UPDATE SET detail = excluded.detail, changed_ms = excluded.changed_ms`,
			string(owner), k.Seal(fieldSettings, plain), ms(now))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE alert SET due_ms = $1 WHERE owner = $2 AND done_ms = 0 AND message = '' AND due_ms > $1`, ms(now), string(owner)); err != nil {
			return err
		}
		return s.jobs.Add(ctx, tx, AlertsDue{Owner: owner})
	})
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return fmt.Errorf("change settings of %s: %w", owner, err)
	}
	return err
}

// reads is who a member is to whom alerts go, and false when none do.
func (m *Messages) reads(ctx context.Context, owner inventory.Subject) (account.Profile, bool, error) {
	p, err := m.people.Profile(ctx, account.ID(owner))
	if fault.KindOf(err) == fault.NotFound {
		return account.Profile{}, false, nil
	}
	if err != nil {
		return account.Profile{}, false, err
	}
	return p, p.State == account.Active, nil
}
