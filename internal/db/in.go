package db

import (
	"math/bits"
	"strconv"
	"strings"
)

// In says that a column is one of values, and which arguments that takes behind
// others, so many. There is one value or more. On PostgreSQL they are an array, so
// that there is one statement to be planned; on SQLite the last comes again up to a
// power of two, so that there are few.
func In[T ~string | ~int64](tx *Tx, column string, values []T, after int) (says string, args []any) {
	if tx.dialect == Postgres {
		return column + " = ANY($" + strconv.Itoa(after+1) + ")", []any{values}
	}
	var b strings.Builder
	b.WriteString(column + " IN (")
	for i := range 1 << bits.Len(uint(len(values)-1)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(after + i + 1))
		args = append(args, values[min(i, len(values)-1)])
	}
	return b.String() + ")", args
}
