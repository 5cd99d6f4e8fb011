package incident

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/job"
	"waypost/internal/locale"
	"waypost/internal/vault"
)

// A Text is a notice in one language: what it is called, and its five parts, all
// of which it needs (GDPR, Article 34(2); PIPL, Article 57).
type Text struct {
	Title    string `json:"title"`
	Happened string `json:"happened"` // what happened
	Effects  string `json:"effects"`  // what can follow of it
	Done     string `json:"done"`     // what was done
	Do       string `json:"do"`       // what they can do
	Remedies string `json:"remedies"` // which remedies there are, and who answers
}

// A Part is one of the five, by the key of its heading.
type Part struct{ Key, Text string }

// Parts are the five, in their order.
func (t Text) Parts() []Part {
	return []Part{{"happened", t.Happened}, {"effects", t.Effects}, {"done", t.Done}, {"do", t.Do}, {"remedies", t.Remedies}}
}

// open is what marks a place that a template leaves open.
const open = "["

// whole reports whether every part is written.
func (t Text) whole() bool {
	for _, p := range append(t.Parts(), Part{"title", t.Title}) {
		if strings.TrimSpace(p.Text) == "" || strings.Contains(p.Text, open) {
			return false
		}
	}
	return true
}

// A Draft is a notice as it is being written.
type Draft struct {
	Region  string // "" all that have none of their own
	Lang    string // BCP 47, one of Langs
	Text    Text
	Changed time.Time // UTC
}

// Whole reports whether every part is written, and no place of the template is open.
func (d Draft) Whole() bool { return d.Text.whole() }

var (
	errLang     = fault.New(fault.Invalid, "incident_lang", "Choose the region and the language that the notice is for.")
	errUnfrozen = fault.New(fault.Conflict, "incident_unfrozen", "Decide first whom it concerns: search for them, and make the list the one that holds.")
	errNobody   = fault.New(fault.Conflict, "incident_nobody", "The list is empty, so there is nobody to be told.")
	errLacks    = fault.New(fault.Conflict, "incident_lacks", "A notice is missing, or a part of it is empty or still has a place in square brackets: %s.")
	errUnasked  = fault.New(fault.Conflict, "incident_unasked", "Nobody asked for approval, or a notice or the list was changed since.")
	errYourself = fault.New(fault.Denied, "incident_yourself", "Somebody else has to approve what you wrote or chose.")
)

// Langs are the languages that notices are written in, the first being that of
// readers of any other.
func (i *Incidents) Langs() (langs []string) {
	for _, w := range i.words {
		langs = append(langs, w.Lang)
	}
	return langs
}

// Template is where a notice begins, with what is known of the incident, and
// places in square brackets that are to be filled in.
func (i *Incidents) Template(lang string, one Incident) Text {
	w := locale.Choose(i.words, lang)
	began := w.Say("template.day")
	if !one.Times.Began.IsZero() {
		began = w.Day(one.Times.Began)
	}
	contact := strings.Join(slices.DeleteFunc([]string{i.operator.Officer, i.operator.Company, i.operator.Mail, i.operator.Phone}, func(s string) bool { return s == "" }), ", ")
	if contact == "" {
		contact = w.Say("template.contact")
	}
	return Text{
		Title:    w.Say("template.title"),
		Happened: w.Say("template.happened", "day", began, "noticed", w.Day(one.Times.Noticed)),
		Effects:  w.Say("template.effects"),
		Done:     w.Say("template.done"),
		Do:       w.Say("template.do"),
		Remedies: w.Say("template.remedies", "contact", contact),
	}
}

// SaveDraft writes a notice down. What was approved before stays as it was told;
// approval has to be asked for again.
func (i *Incidents) SaveDraft(ctx context.Context, c account.Clerk, id ID, d Draft) error {
	if !slices.Contains(i.Langs(), d.Lang) || d.Region != "" && i.in(d.Region) == nil {
		return errLang
	}
	if strings.ContainsAny(d.Text.Title, "\r\n") || utf8.RuneCountInString(d.Text.Title) > maxTitle {
		return errTitle
	}
	for _, p := range d.Text.Parts() {
		if utf8.RuneCountInString(p.Text) > maxText {
			return errText
		}
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		if was.State == Closed {
			return errClosed
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO incident_draft (incident_id, region, lang, words, changed_ms) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (incident_id, region, lang) DO UPDATE SET words = excluded.words, changed_ms = excluded.changed_ms`,
			id, d.Region, d.Lang, sealJSON(k, fieldDraft, d.Text), db.Ms(i.now()))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE incident SET asked_ms = 0 WHERE id = $1`, id); err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidDraft, strings.TrimSpace(d.Region+" "+d.Lang))
	})
}

// Drafts are an incident's notices as they stand.
func (i *Incidents) Drafts(ctx context.Context, c account.Clerk, id ID) (all []Draft, err error) {
	if err := c.Must(account.ReadIncidents); err != nil {
		return nil, err
	}
	k, err := i.house.House(ctx)
	if err != nil {
		return nil, err
	}
	err = i.book().DB.Read(ctx, func(tx *db.Tx) error {
		all, err = drafts(ctx, tx, k, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("drafts of incident %s: %w", id, err)
	}
	return all, nil
}

func drafts(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID) ([]Draft, error) {
	return db.Rows(ctx, tx, func(row *sql.Rows) (d Draft, err error) {
		var words []byte
		var changed int64
		if err := row.Scan(&d.Region, &d.Lang, &words, &changed); err != nil {
			return d, err
		}
		d.Changed = db.At(changed)
		return d, openJSON(k, fieldDraft, words, &d.Text)
	}, `SELECT region, lang, words, changed_ms FROM incident_draft WHERE incident_id = $1 ORDER BY region, lang`, id)
}

// fitting is the notice for somebody of a region who reads a language: in their
// language, the region's own before everybody's; else in the first language.
func fitting(all []Draft, region, lang string) (Draft, bool) {
	for _, want := range []string{lang, "en"} {
		for _, of := range []string{region, ""} {
			for _, d := range all {
				if d.Region == of && d.Lang == want {
					return d, true
				}
			}
		}
	}
	return Draft{}, false
}

// Lacking are the notices that the list that holds needs and that aren't whole, as
// REGION LANGUAGE; the first language's is needed for every region.
func (i *Incidents) lacking(all []Draft, counts []Count) (lacks []string) {
	for _, c := range counts {
		if c.What != "language" {
			continue
		}
		for _, lang := range []string{locale.Choose(i.words, c.Value).Lang, i.words[0].Lang} {
			name := c.Region + " " + lang
			if d, ok := fitting(all, c.Region, lang); (!ok || d.Lang != lang || !d.Whole()) && !slices.Contains(lacks, name) {
				lacks = append(lacks, name)
			}
		}
	}
	return lacks
}

// Lacks are the notices that are needed and aren't whole, as REGION LANGUAGE.
func (i *Incidents) Lacks(ctx context.Context, c account.Clerk, id ID) ([]string, error) {
	one, err := i.Get(ctx, c, id)
	if err != nil {
		return nil, err
	}
	all, err := i.Drafts(ctx, c, id)
	if err != nil {
		return nil, err
	}
	counts, err := i.counts(ctx, id, one.Frozen)
	if err != nil || one.Frozen == 0 {
		return nil, err
	}
	return i.lacking(all, counts), nil
}

// Ask asks for somebody else's approval of the notices, for the list that holds.
func (i *Incidents) Ask(ctx context.Context, c account.Clerk, id ID) error {
	one, err := i.Get(ctx, c, id)
	if err != nil {
		return err
	}
	counts, err := i.counts(ctx, id, one.Frozen)
	if err != nil {
		return err
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		all, err := drafts(ctx, tx, k, id)
		if err != nil {
			return err
		}
		if err := i.ready(was, one, all, counts); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE incident SET asked_ms = $1 WHERE id = $2`, db.Ms(i.now()), id); err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidAsk, "")
	})
}

// ready says what keeps the notices from being approved.
func (i *Incidents) ready(was, read Incident, all []Draft, counts []Count) error {
	switch lacks := i.lacking(all, counts); {
	case was.State == Closed:
		return errClosed
	case was.Frozen == 0:
		return errUnfrozen
	case was.Frozen != read.Frozen:
		return errAgain
	case len(counts) == 0:
		return errNobody
	case len(lacks) > 0:
		return errLacks.With(strings.Join(lacks, ", "))
	}
	return nil
}

// Approved says that those whom an incident concerns are to be told.
type Approved struct {
	Incident ID `json:"incident"`
}

// Kind names the event.
func (Approved) Kind() string { return "incident.approved" }

var _ job.Args = Approved{}

// Approve has those told whom an incident concerns, in the words of the notices as
// they stand. It wants a fresh session, of somebody who neither wrote a notice nor
// chose the list nor asked for approval since the last one.
func (i *Incidents) Approve(ctx context.Context, c account.Clerk, id ID) error {
	if err := c.Must(account.ApproveNotices); err != nil {
		return err
	}
	one, err := i.get(ctx, id)
	if err != nil {
		return err
	}
	counts, err := i.counts(ctx, id, one.Frozen)
	if err != nil {
		return err
	}
	return i.alter(ctx, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		all, err := drafts(ctx, tx, k, id)
		if err != nil {
			return err
		}
		if err := i.ready(was, one, all, counts); err != nil {
			return err
		}
		if was.Asked.IsZero() {
			return errUnasked
		}
		var own int
		err = tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM incident_step s JOIN incident_hand h ON h.incident_id = s.incident_id AND h.seq = s.seq
			WHERE s.incident_id = $1 AND h.staff_id = $2 AND s.did IN ($3, $4, $5)
			AND s.seq > (SELECT COALESCE(MAX(seq), 0) FROM incident_step WHERE incident_id = $1 AND did = $6)`,
			id, string(c.ID), DidDraft, DidFreeze, DidAsk, DidApprove).Scan(&own)
		if err != nil {
			return err
		}
		if own > 0 {
			return errYourself
		}
		if err := keepNotices(ctx, tx, k, id, was.Approved+1, all); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE incident SET approved = approved + 1, approved_list = frozen, asked_ms = 0, spared = $1, state = CASE WHEN state <> $2 THEN state WHEN contained_ms > 0 THEN $3 ELSE $4 END WHERE id = $5`,
			false, Told, Contained, Ongoing, id)
		if err != nil {
			return err
		}
		if err := i.book().Jobs.Add(ctx, tx, Approved{id}); err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidApprove, fmt.Sprintf("edition %d, list %d", was.Approved+1, was.Frozen))
	})
}

// keepNotices keeps an edition of an incident's notices, those that are there already
// as they are. It is approved in the first region, and told in each from its own
// database: its people read it whether or not the first one can be reached.
func keepNotices(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, edition int, all []Draft) error {
	for _, d := range all {
		if !d.Whole() {
			continue // of a region or language that nobody on the list needs
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO incident_notice (incident_id, edition, region, lang, words) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			id, edition, d.Region, d.Lang, sealJSON(k, fieldNotice, d.Text))
		if err != nil {
			return err
		}
	}
	return nil
}

// notice is the one of an edition for somebody of the region who reads a language, as
// it is kept there; not there when the incident itself is no more. Only that one is
// unsealed: another one that is damaged is no matter to them.
func (s *Store) notice(ctx context.Context, id ID, edition int, lang string) (Draft, bool, error) {
	k, err := s.all.house.House(ctx)
	if err != nil {
		return Draft{}, false, err
	}
	sealed := map[[2]string][]byte{}
	var all []Draft
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (d Draft, err error) {
			var words []byte
			err = row.Scan(&d.Region, &d.Lang, &words)
			sealed[[2]string{d.Region, d.Lang}] = words
			return d, err
		}, `SELECT region, lang, words FROM incident_notice WHERE incident_id = $1 AND edition = $2`, id, edition)
		return err
	})
	if err != nil {
		return Draft{}, false, fmt.Errorf("notices of incident %s: %w", id, err)
	}
	d, ok := fitting(all, s.Name, lang)
	if !ok {
		return d, false, nil
	}
	return d, true, openJSON(k, fieldNotice, sealed[[2]string{d.Region, d.Lang}], &d.Text)
}

// notices are an incident's of an edition, as they were approved.
func (i *Incidents) notices(ctx context.Context, id ID, edition int) (all []Draft, err error) {
	k, err := i.house.House(ctx)
	if err != nil {
		return nil, err
	}
	err = i.book().DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (d Draft, err error) {
			var words []byte
			if err := row.Scan(&d.Region, &d.Lang, &words); err != nil {
				return d, err
			}
			return d, openJSON(k, fieldNotice, words, &d.Text)
		}, `SELECT region, lang, words FROM incident_notice WHERE incident_id = $1 AND edition = $2 ORDER BY region, lang`, id, edition)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notices of incident %s: %w", id, err)
	}
	return all, nil
}
