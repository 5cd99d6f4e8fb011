package incident

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// An Authority is one that is to be told of incidents, by a law.
type Authority struct {
	Law     string // a key of laws.yaml
	Name    string
	Contact string // where it is told: an address of any kind
	Hours   int    // after it was noticed; 0 what the law says
	Source  string // where it says so; "" what is known of the law
}

// usualLaw is that of regions for which nothing is configured.
const usualLaw = "gdpr"

// A law is how soon one wants to be obeyed.
type law struct {
	Hours  int
	Source string
}

//go:embed laws.yaml
var lawsFile []byte

var (
	errAuthority = fault.New(fault.Invalid, "incident_authority", "incidents.authorities.%s: %s.")
	errDuty      = fault.New(fault.NotFound, "incident_duty", "No such authority is to be told of this incident.")
	errSettled   = fault.New(fault.Conflict, "incident_settled", "That is settled already.")
	errWhen      = fault.New(fault.Invalid, "incident_when", "Say when the authority was told: not before the incident was noticed, and not after now.")
)

// lawful completes the configured authorities with what the laws say, or says
// which of them can't be.
func (i *Incidents) lawful(configured map[string][]Authority) (map[string][]Authority, error) {
	laws := map[string]law{}
	if err := yaml.Unmarshal(lawsFile, &laws); err != nil {
		return nil, fmt.Errorf("laws.yaml: %w", err)
	}
	for region := range configured {
		if i.in(region) == nil {
			return nil, errAuthority.With(region, "database.people has no region of that name")
		}
	}
	all := map[string][]Authority{}
	for _, s := range i.Stores() {
		given := configured[s.Name]
		if len(given) == 0 {
			given = []Authority{{Law: usualLaw}}
		}
		for n, a := range given {
			l, ok := laws[a.Law]
			switch place := fmt.Sprintf("%s.%d", s.Name, n); {
			case !ok:
				return nil, errAuthority.With(place, fmt.Sprintf("there is no law %q; choose gdpr, uk_gdpr, pipl, cert_in, lgpd, pdpa_sg or other", a.Law))
			case slices.ContainsFunc(given[:n], func(other Authority) bool { return other.Law == a.Law }):
				return nil, errAuthority.With(place, "the law stands there twice")
			case a.Law == "other" && a.Source == "":
				return nil, errAuthority.With(place, "say in source where the law says so")
			case a.Hours < 0 || a.Hours > 24*90:
				return nil, errAuthority.With(place, "hours are 0 to 2160")
			}
			if a.Hours == 0 {
				a.Hours = l.Hours
			}
			if a.Source == "" {
				a.Source = l.Source
			}
			all[s.Name] = append(all[s.Name], a)
		}
	}
	return all, nil
}

// A Duty is an authority that is to be told of an incident, as it was configured
// when that was declared.
type Duty struct {
	Region, Law        string
	Authority, Contact string // "" not configured
	Source             string
	Hours              int       // after it was noticed, 0 at once
	Due                time.Time // UTC
	Told               time.Time // UTC, zero not
	Spared             bool      // it was decided that it need not be told
	Words              string    // its reference, or why it need not
	reminded           int
}

// Settled reports whether it was told, or need not be.
func (d Duty) Settled() bool { return !d.Told.IsZero() || d.Spared }

// Late reports whether it is or was told after its time.
func (d Duty) Late(now time.Time) bool {
	if !d.Told.IsZero() {
		now = d.Told
	}
	return !d.Spared && now.After(d.Due)
}

// owe writes down which authorities are to be told of a new incident.
func (i *Incidents) owe(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID) error {
	for _, s := range i.Stores() {
		for _, a := range i.authorities[s.Name] {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO incident_duty (incident_id, region, law, authority, contact, source, hours, told_ms, spared, words, reminded)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 0)`, id, s.Name, a.Law, a.Name, a.Contact, a.Source, a.Hours, false, k.SealText(fieldDuty, ""))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// duties are an incident's, what is due first, first.
func (i *Incidents) duties(ctx context.Context, tx *db.Tx, k *vault.Sealer, one Incident) ([]Duty, error) {
	all, err := db.Rows(ctx, tx, func(row *sql.Rows) (d Duty, err error) {
		var told int64
		var words []byte
		if err := row.Scan(&d.Region, &d.Law, &d.Authority, &d.Contact, &d.Source, &d.Hours, &told, &d.Spared, &words, &d.reminded); err != nil {
			return d, err
		}
		d.Told, d.Due = db.At(told), one.Times.Noticed.Add(time.Duration(d.Hours)*time.Hour)
		d.Words, err = k.OpenText(fieldDuty, words)
		return d, err
	}, `SELECT region, law, authority, contact, source, hours, told_ms, spared, words, reminded FROM incident_duty WHERE incident_id = $1 ORDER BY hours, region, law`, one.ID)
	return all, err
}

// TellAuthority notes that an authority was told, when, and under which reference.
func (i *Incidents) TellAuthority(ctx context.Context, c account.Clerk, id ID, region, law string, when time.Time, reference string) error {
	return i.settle(ctx, c, id, region, law, reference, func(was Incident) (time.Time, Did, error) {
		if when.Before(was.Times.Noticed) || when.After(i.now()) {
			return when, "", errWhen
		}
		return when, DidTell, nil
	})
}

// SpareAuthority notes that an authority need not be told, and why (GDPR, Article
// 33(1) and (5)).
func (i *Incidents) SpareAuthority(ctx context.Context, c account.Clerk, id ID, region, law, why string) error {
	if strings.TrimSpace(why) == "" {
		return errNote
	}
	return i.settle(ctx, c, id, region, law, why, func(Incident) (time.Time, Did, error) { return time.Time{}, DidNotTell, nil })
}

func (i *Incidents) settle(ctx context.Context, c account.Clerk, id ID, region, law, words string, how func(Incident) (time.Time, Did, error)) error {
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > maxText {
		return errNote
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		n := slices.IndexFunc(was.Duties, func(d Duty) bool { return d.Region == region && d.Law == law })
		switch {
		case n < 0:
			return errDuty
		case was.Duties[n].Settled():
			return errSettled
		}
		told, did, err := how(was)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE incident_duty SET told_ms = $1, spared = $2, words = $3 WHERE incident_id = $4 AND region = $5 AND law = $6`,
			db.Ms(told), did == DidNotTell, k.SealText(fieldDuty, words), id, region, law)
		if err != nil {
			return err
		}
		said := []string{region + " " + law, was.Duties[n].Authority, words}
		if did == DidTell {
			said = append(said, stamp(told))
		}
		return i.step(ctx, tx, k, id, c, did, strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), ", "))
	})
}
