package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/db"
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
	"staff": {"id"}, "staff_role": {"staff_id"}, "staff_session": {"staff_id"}, "access_log": {"account_id", "staff_id"},
}

// withheld is written instead of what opens or checks a way in: whoever gets
// hold of the copy could use it.
const withheld = "kept, and not written out: it guards the account"

// guards are the columns that are withheld.
var guards = map[string]bool{
	"password.phc": true, "passkey.credential": true, "totp.secret": true, "recovery_code.hash": true,
	"session.token": true, "session.device": true, "flow.token": true, "flow.code": true, "flow.state": true,
	"notice.undo": true, "notice.before": true, "guardian.token": true, "guardian.detail": true,
	"invitation.token": true, "invitation.detail": true,
	"staff.token": true, "staff.phc": true, "staff.totp": true, "staff.credential": true, "staff_session.token": true,
}

// Export writes all that the room holds of a member, a business account or one
// of the staff as a JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	k, err := s.vault.Key(ctx, who)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		_, err := io.WriteString(w, "{}\n")
		return err
	}
	if err != nil {
		return err
	}
	all := map[string][]map[string]any{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		for _, t := range tables {
			if len(subjects[t.Table]) == 0 {
				continue
			}
			rows, err := export(ctx, tx, t, k, who)
			if err != nil {
				return fmt.Errorf("%s: %w", t.Table, err)
			}
			if len(rows) > 0 {
				all[t.Table] = rows
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("export %s: %w", who, err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(all)
}

// export reads a table's rows that are a subject's.
func export(ctx context.Context, tx *db.Tx, t inventory.Table, k *vault.Sealer, who inventory.Subject) ([]map[string]any, error) {
	fields := t.Fields()
	var columns []string
	for _, f := range fields {
		columns = append(columns, f.Column)
	}
	where := strings.Join(subjects[t.Table], " = $1 OR ") + " = $1"
	return db.Rows(ctx, tx, func(row *sql.Rows) (map[string]any, error) {
		cells, to := make([]any, len(fields)), make([]any, len(fields))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := row.Scan(to...); err != nil {
			return nil, err
		}
		read := map[string]any{}
		for i, f := range fields {
			v, err := readable(k, f, cells[i])
			if err != nil {
				return nil, err
			}
			read[f.Column] = v
		}
		return read, nil
	}, `SELECT `+strings.Join(columns, ", ")+` FROM `+t.Table+` WHERE `+where, string(who))
}

// readable is a cell as people and programs read it.
func readable(k *vault.Sealer, f inventory.Field, cell any) (any, error) {
	name := f.Table + "." + f.Column
	if guards[name] {
		return withheld, nil
	}
	switch v := cell.(type) {
	case int64:
		if strings.HasSuffix(f.Column, "_ms") {
			return moment(v), nil
		}
	case []byte:
		if f.Protection != inventory.Sealed {
			return v, nil
		}
		// A row that two subjects share is opened by the one whose key seals it.
		plain, err := k.Open(vault.Field("account."+name), v)
		if err != nil {
			return nil, err
		}
		return plainly(name, plain)
	}
	return cell, nil
}

func moment(ms int64) any {
	if ms == 0 {
		return nil
	}
	return at(ms).Format(time.RFC3339)
}

// plainly is what was sealed, as text where it is one.
func plainly(name string, plain []byte) (any, error) {
	if name == "account.age_range" {
		return strings.TrimRight(string(plain), " "), nil
	}
	if name == "notice.detail" {
		var t told
		if err := json.Unmarshal(plain, &t); err != nil {
			return nil, err
		}
		t.Undo = ""
		return t, nil
	}
	if utf8.Valid(plain) {
		return string(plain), nil
	}
	return plain, nil
}
