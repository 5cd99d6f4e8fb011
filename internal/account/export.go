package account

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// subjects are the columns that say whose a row is. A table that isn't here
// holds nothing that can be told to be somebody's.
var subjects = map[string][]string{
	"account": {"id"}, "contact": {"account_id"}, "awaited": {"account_id"}, "password": {"account_id"}, "passkey": {"account_id"},
	"totp": {"account_id"}, "recovery_code": {"account_id"}, "link": {"account_id"}, "link_key": {"account_id"}, "session": {"account_id"},
	"flow": {"account_id"}, "notice": {"account_id"}, "consent": {"account_id"}, "guardian": {"account_id"},
	"team": {"id"}, "membership": {"account_id", "team_id"}, "invitation": {"team_id"}, "handover": {"from_id", "to_id", "team_id"},
	"staff": {"id"}, "staff_role": {"staff_id"}, "staff_session": {"staff_id"}, "training": {"staff_id"}, "look": {"account_id"}, "access_log": {"account_id", "staff_id"},
}

// guards are the columns that are withheld: what opens or checks a way in.
var guards = []string{
	"password.phc", "passkey.credential", "totp.secret", "recovery_code.hash",
	"session.token", "session.device", "flow.token", "flow.code", "flow.state",
	"notice.undo", "notice.before", "guardian.token", "guardian.detail",
	"invitation.token", "invitation.detail",
	"staff.token", "staff.phc", "staff.totp", "staff.credential", "staff_session.token", "look.sent", "look.page",
}

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	rows := map[string]string{}
	for table, columns := range subjects {
		rows[table] = strings.Join(columns, " = $1 OR ") + " = $1"
	}
	rows["access_log"] = `staff_id = $1 OR account_id = $1 AND ` + s.loggedHeard()
	rows["look"] = `account_id = $1 AND ` + s.heard(`h.ref = look.ref`)
	return export.Room{
		Name: "account", DB: s.db, Vault: s.vault, Fields: s.Fields(), Rows: rows, Guards: guards,
		Read: map[string]export.Reader{"account.age_range": readAge, "notice.detail": readTold, "link.person": readPerson},
	}
}

// readAge takes off what makes all age ranges equally long.
func readAge(_ *vault.Sealer, plain []byte) (any, error) {
	return strings.TrimRight(string(plain), " "), nil
}

// readPerson leaves the token out, which opens nothing and takes back what was
// allowed.
func readPerson(_ *vault.Sealer, plain []byte) (any, error) {
	var p person
	err := json.Unmarshal(plain, &p)
	return p.Keys, err
}

func readTold(_ *vault.Sealer, plain []byte) (any, error) {
	var t told
	err := json.Unmarshal(plain, &t)
	t.Undo, t.Link = "", ""
	return t, err
}

// Export writes all that the room holds of a member, a business account or one
// of the staff as a JSON object: rows by table. Nobody's is an empty one, and what
// law forbids to tell of isn't there.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}
