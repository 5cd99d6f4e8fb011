package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// A Way is by what those whom an incident concerns are found.
type Way string

// Ways.
const (
	ByRows    Way = "rows"    // by what rooms keep of them: rows that were made or changed in a time
	ByLooks   Way = "looks"   // at whose data one of the staff looked in a time
	ByDevices Way = "devices" // who was signed in on some device in a time
	ByCopy    Way = "copy"    // who existed before a time: a backup or a key store of then
	ByList    Way = "list"    // ids and addresses that somebody has
)

// Ways are all there are.
var Ways = []Way{ByRows, ByLooks, ByDevices, ByCopy, ByList}

// A Criterion finds people. Several are taken together: whom any of them finds
// is concerned.
type Criterion struct {
	Way     Way              `json:"way"`
	Regions []string         `json:"regions,omitempty"` // none: all
	Tables  []string         `json:"tables,omitempty"`  // of rows: as Table.Name
	Kinds   []inventory.Kind `json:"kinds,omitempty"`   // of all other ways: the kinds of data that it concerns
	From    time.Time        `json:"from,omitzero"`     // UTC; zero from the beginning
	Until   time.Time        `json:"until,omitzero"`    // UTC; zero until it is searched
	Clerk   account.StaffID  `json:"clerk,omitempty"`   // of looks
	List    []string         `json:"-"`                 // of a list as it came: ids and addresses; AddCriterion finds whose they are
	Found   []account.ID     `json:"found,omitempty"`   // of a list: whose they are, in order
	Missing int              `json:"missing,omitempty"` // of a list: how many are nobody's
}

const (
	mostCriteria = 20
	mostListed   = 10_000 // lines of a list
)

var (
	errWay       = fault.New(fault.Invalid, "incident_way", "Say how those whom it concerns are found.")
	errTables    = fault.New(fault.Invalid, "incident_tables", "Choose at least one table whose rows it concerns.")
	errKinds     = fault.New(fault.Invalid, "incident_kinds", "Choose at least one kind of data that it concerns.")
	errSpan      = fault.New(fault.Invalid, "incident_span", "The time ends before it begins. Both are in UTC, like 2026-03-02 14:30.")
	errWho       = fault.New(fault.Invalid, "incident_who", "Say which of the staff: their id stands in the log.")
	errListed    = fault.New(fault.Invalid, "incident_listed", "Paste 1 to 10,000 ids or addresses, one a line.")
	errManyWays  = fault.New(fault.Invalid, "incident_many", "An incident has at most 20 ways of finding people. Remove one.")
	errNoWay     = fault.New(fault.Conflict, "incident_no_way", "Say first how those whom it concerns are found.")
	errRunning   = fault.New(fault.Conflict, "incident_running", "The search isn't finished yet. Wait a moment, and look again.")
	errCriterion = fault.New(fault.NotFound, "incident_criterion", "There is no such way of finding people any more.")
)

// A Table is one in which people can be searched for.
type Table struct {
	Name   string // room.table
	Kinds  []inventory.Kind
	Fields []inventory.Field // that are somebody's and say something
}

// Tables are all that rooms declare to hold something of people, by kind and name.
func (i *Incidents) Tables() []Table {
	by := map[string]*Table{}
	for _, r := range i.rooms {
		if r.Region != i.book().Name {
			continue
		}
		if _, ok := r.Room.(inventory.Searched); !ok {
			continue
		}
		for _, f := range r.Fields() {
			if f.Whose == inventory.Nobody || f.Kind == inventory.Incidents || f.Kind == inventory.Counts {
				continue
			}
			name := r.Name + "." + f.Table
			if by[name] == nil {
				by[name] = &Table{Name: name}
			}
			t := by[name]
			if !slices.Contains(t.Kinds, f.Kind) {
				t.Kinds = append(t.Kinds, f.Kind)
			}
			if !f.Bare() {
				t.Fields = append(t.Fields, f)
			}
		}
	}
	var all []Table
	for _, t := range by {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Table) int {
		if by := strings.Compare(string(a.Kinds[0]), string(b.Kinds[0])); by != 0 {
			return by
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// Kinds are those of data that people can be searched for by.
func (i *Incidents) Kinds() (all []inventory.Kind) {
	for _, t := range i.Tables() {
		for _, k := range t.Kinds {
			if !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	slices.Sort(all)
	return all
}

// check says what is wrong with a criterion.
func (i *Incidents) check(c Criterion) error {
	tables := i.Tables()
	switch {
	case !slices.Contains(Ways, c.Way):
		return errWay
	case slices.ContainsFunc(c.Regions, func(name string) bool { return i.in(name) == nil }):
		return errWay
	case !c.From.IsZero() && !c.Until.IsZero() && !c.From.Before(c.Until):
		return errSpan
	case c.Way == ByRows && (len(c.Tables) == 0 || slices.ContainsFunc(c.Tables, func(name string) bool {
		return !slices.ContainsFunc(tables, func(t Table) bool { return t.Name == name })
	})):
		return errTables
	case c.Way != ByRows && (len(c.Kinds) == 0 || slices.ContainsFunc(c.Kinds, func(k inventory.Kind) bool { return !slices.Contains(i.Kinds(), k) })):
		return errKinds
	case c.Way == ByLooks && c.Clerk.Region() == "":
		return errWho
	case c.Way == ByList && (len(c.List) == 0 || len(c.List) > mostListed):
		return errListed
	}
	return nil
}

// AddCriterion adds a way of finding those whom an incident concerns.
func (i *Incidents) AddCriterion(ctx context.Context, by account.Clerk, id ID, c Criterion) error {
	if err := by.Must(account.HandleIncidents); err != nil {
		return err
	}
	c.List = slices.DeleteFunc(c.List, func(line string) bool { return line == "" })
	if err := i.check(c); err != nil {
		return err
	}
	if c.Way == ByList {
		found, missing, err := i.members.Staff().Listed(ctx, by, c.List)
		if err != nil {
			return err
		}
		c.Missing = missing
		for _, who := range found {
			c.Found = append(c.Found, account.ID(who))
		}
	}
	return i.recast(ctx, by, id, func(was []Criterion) ([]Criterion, error) {
		if len(was) >= mostCriteria {
			return nil, errManyWays
		}
		return append(was, c), nil
	})
}

// RemoveCriterion takes the nth of an incident's criteria out, from 0.
func (i *Incidents) RemoveCriterion(ctx context.Context, by account.Clerk, id ID, n int) error {
	return i.recast(ctx, by, id, func(was []Criterion) ([]Criterion, error) {
		if n < 0 || n >= len(was) {
			return nil, errCriterion
		}
		return slices.Delete(was, n, n+1), nil
	})
}

func (i *Incidents) recast(ctx context.Context, by account.Clerk, id ID, change func([]Criterion) ([]Criterion, error)) error {
	return i.change(ctx, by, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		if was.State == Closed {
			return errClosed
		}
		criteria, err := change(was.Criteria)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE incident SET criteria = $1 WHERE id = $2`, sealJSON(k, fieldCriteria, criteria), id)
		return err
	})
}

// Looking says that those whom an incident concerns are to be searched for.
type Looking struct {
	Incident ID  `json:"incident"`
	List     int `json:"list"`
}

// Kind names the event.
func (Looking) Kind() string { return "incident.looking" }

// Look has a list made of whom an incident concerns, by its criteria as they are.
// Until it is frozen nobody is told by it.
func (i *Incidents) Look(ctx context.Context, c account.Clerk, id ID) error {
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		switch {
		case was.State == Closed:
			return errClosed
		case len(was.Criteria) == 0:
			return errNoWay
		}
		if _, err := tx.ExecContext(ctx, `UPDATE incident SET list = list + 1, sought = $1 WHERE id = $2`, sealJSON(k, fieldSought, was.Criteria), id); err != nil {
			return err
		}
		criteria, err := json.Marshal(was.Criteria)
		if err != nil {
			return err
		}
		if err := i.book().Jobs.Add(ctx, tx, Looking{id, was.List + 1}); err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidLook, fmt.Sprintf("list %d: %s", was.List+1, tellCriteria(criteria)))
	})
}

// tellCriteria is criteria as the history has them: a list's ids are left out,
// they are in the list that is made of them.
func tellCriteria(plain []byte) string {
	var all []Criterion
	if json.Unmarshal(plain, &all) != nil {
		return ""
	}
	var lines []string
	for _, c := range all {
		line := []string{string(c.Way)}
		line = append(line, c.Regions...)
		line = append(line, c.Tables...)
		for _, k := range c.Kinds {
			line = append(line, string(k))
		}
		if c.Clerk != "" {
			line = append(line, string(c.Clerk))
		}
		if !c.From.IsZero() || !c.Until.IsZero() {
			line = append(line, stamp(c.From)+" … "+stamp(c.Until))
		}
		if c.Way == ByList {
			line = append(line, fmt.Sprintf("%d found, %d not", len(c.Found), c.Missing))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return strings.Join(lines, "; ")
}

// Freeze makes a list that is finished the one that holds. Whom it doesn't have
// and who wasn't told yet is forgotten.
func (i *Incidents) Freeze(ctx context.Context, c account.Clerk, id ID) error {
	one, err := i.Get(ctx, c, id)
	if err != nil {
		return err
	}
	if one.List == 0 {
		return errNoWay
	}
	if _, done, err := i.progress(ctx, one, one.List); err != nil || !done {
		if err == nil {
			err = errRunning
		}
		return err
	}
	err = i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		switch {
		case was.State == Closed:
			return errClosed
		case was.List != one.List:
			return errAgain
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE incident SET frozen = list, asked_ms = 0, spared = $1, state = CASE WHEN state = $2 AND contained_ms > 0 THEN $3 ELSE state END WHERE id = $4`,
			false, Told, Contained, id)
		if err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidFreeze, fmt.Sprintf("list %d", was.List))
	})
	if err != nil {
		return err
	}
	for _, s := range i.Stores() {
		if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.forget(ctx, tx, id, one.List) }); err != nil {
			return err
		}
	}
	return nil
}

// forget forgets whom the list that holds doesn't have and who wasn't told yet, so
// that everybody is on all lists from the first that found them to the last. Who is
// told stays.
func (s *Store) forget(ctx context.Context, tx *db.Tx, id ID, frozen int) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM incident_person WHERE incident_id = $1 AND region = $2 AND state = $3 AND last_list < $4`, id, s.Name, Found, frozen)
	if err != nil {
		return fmt.Errorf("forget whom incident %s doesn't concern: %w", id, err)
	}
	return nil
}
