package app

import (
	"fmt"
	"io"
	"text/tabwriter"

	"waypost/internal/inventory"
)

// An adminInventory prints what is declared of every column, for people, and for
// programs that check from outside.
type adminInventory struct {
	JSON bool `name:"json" help:"As JSON, for programs."`
}

// A fieldJSON is a column as its room declares it. What is empty isn't said of what
// is nobody's.
type fieldJSON struct {
	Room       string        `json:"room"` // the places of its sealed values are room.table.column
	Table      string        `json:"table"`
	Column     string        `json:"column"`
	What       string        `json:"what"`
	Whose      string        `json:"whose"`
	Kind       string        `json:"kind,omitempty"`
	Purpose    string        `json:"purpose,omitempty"`
	Basis      string        `json:"basis,omitempty"`
	Source     string        `json:"source,omitempty"`
	Retention  retentionJSON `json:"retention"`
	Region     string        `json:"region,omitempty"`
	Protection string        `json:"protection,omitempty"`
	Sensitive  bool          `json:"sensitive,omitempty"`
	Recipients []string      `json:"recipients,omitempty"`
}

type retentionJSON struct {
	Rule string `json:"rule,omitempty"`
	For  int64  `json:"for_ms,omitempty"`
	Most int64  `json:"most_ms,omitempty"`
	Idle int64  `json:"idle_ms,omitempty"`
}

// inventoryJSON is all that is declared, key stores too.
func inventoryJSON() []fieldJSON {
	var all []fieldJSON
	add := func(room string, fields []inventory.Field) {
		for _, f := range fields {
			one := fieldJSON{
				Room: room, Table: f.Table, Column: f.Column, What: f.What, Whose: string(f.Whose), Kind: string(f.Kind), Purpose: string(f.Purpose),
				Basis: string(f.Basis), Source: string(f.Source), Region: string(f.Region), Protection: string(f.Protection), Sensitive: f.Sensitive,
				Retention: retentionJSON{string(f.Retention.Rule), f.Retention.For.Milliseconds(), f.Retention.Most.Milliseconds(), f.Retention.Idle.Milliseconds()},
			}
			for _, r := range f.Recipients {
				one.Recipients = append(one.Recipients, string(r))
			}
			all = append(all, one)
		}
	}
	for _, d := range declared() {
		add(d.room, d.fields)
	}
	add("vault", keyDeclarations())
	return all
}

func (c adminInventory) Run(stdio Stdio) error {
	all := inventoryJSON()
	return adminWhere{JSON: c.JSON}.tell(stdio.Out, all, func(out io.Writer) {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ROOM\tTABLE\tCOLUMN\tWHOSE\tPROTECTION\tWHAT")
		for _, f := range all {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Room, f.Table, f.Column, f.Whose, f.Protection, f.What)
		}
		table.Flush() //nolint:errcheck // nobody is left to tell
	})
}
