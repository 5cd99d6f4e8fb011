package inventory

import (
	"fmt"
	"slices"
)

// A Library is a table that a library keeps for itself, with nobody's data in it.
type Library struct{ Table, Why string }

// A Column is one column of a schema.
type Column struct {
	Table, Name string
	Text        bool // it holds text or bytes: no number, and not yes or no
}

// Compare says where declarations and schema differ, and what each declaration
// lacks, in sentences that say what to do; nothing when all is well.
func Compare(fields []Field, libraries []Library, schema []Column) []string {
	var wrong []string
	add := func(table, column, format string, args ...any) {
		wrong = append(wrong, table+"."+column+" "+fmt.Sprintf(format, args...))
	}
	declared, kept := map[[2]string]bool{}, map[string]bool{}
	for _, l := range libraries {
		kept[l.Table] = true
		if !slices.ContainsFunc(schema, func(c Column) bool { return c.Table == l.Table }) {
			wrong = append(wrong, fmt.Sprintf("table %s is declared for %s and not there: take it out of the libraries' tables", l.Table, l.Why))
		}
	}
	for _, f := range fields {
		if declared[[2]string{f.Table, f.Column}] {
			add(f.Table, f.Column, "is declared twice: take one out of Fields")
		}
		declared[[2]string{f.Table, f.Column}] = true
		at := slices.IndexFunc(schema, func(c Column) bool { return c.Table == f.Table && c.Name == f.Column })
		if at < 0 {
			add(f.Table, f.Column, "is declared and not there: take it out of its room's Fields, or add the migration that makes it")
			continue
		}
		if lack := f.lacks(schema[at].Text); lack != "" {
			add(f.Table, f.Column, "%s", lack)
		}
	}
	for _, c := range schema {
		if !declared[[2]string{c.Table, c.Name}] && !kept[c.Table] {
			add(c.Table, c.Name, "is there and not declared: add it to its room's Fields with what it is and whose; "+
				"if it is a person's, with its kind, purpose, basis, source, retention, region and protection, too")
		}
	}
	return wrong
}

// lacks says what to do about a declaration that isn't whole or can't be, "" when
// it is well.
func (f Field) lacks(text bool) string {
	if f.Whose == Nobody && f.What != "" {
		return ""
	}
	for _, one := range []struct {
		said bool
		what string
	}{
		{f.Whose != "", "whose it is (Whose)"},
		{f.What != "", "what it is (What)"},
		{f.Kind != "", "which kind of data it is (Kind)"},
		{f.Purpose != "", "what it is for (Purpose)"},
		{f.Basis != NoBasis, "on what ground it is held (Basis)"},
		{f.Source != "", "where it comes from (Source)"},
		{!f.Retention.IsZero(), "how long it is kept (Retention)"},
		{f.Region != "", "in which region it lies (Region)"},
		{f.Protection != "", "how it is protected (Protection)"},
	} {
		if !one.said {
			return "doesn't say " + one.what
		}
	}
	switch {
	case text && f.Protection == Plain:
		return "is a person's text in plain: seal it with their key (Sealed) or keep a hash (Hashed); " +
			"if nobody can tell anything from it, say that it is an ID, a Code, or words of Ours"
	case f.Sensitive && text && f.Protection != Sealed && f.Protection != Hashed:
		return "is sensitive and in plain: seal it with the person's key (Sealed)"
	}
	return ""
}
