package db

import (
	"math/bits"
	"reflect"
	"strconv"
	"strings"
)

// In says that a column is one of values, and which arguments that takes behind
// others, so many. There is one value or more. On PostgreSQL they are an array, so
// that there is one statement to be planned; on SQLite the last comes again up to a
// power of two, so that there are few.
func In[T ~string | ~int64](tx *Tx, column string, values []T, after int) (says string, args []any) {
	if tx.dialect == Postgres {
		array, kind := arrayOf(values)
		return column + " = ANY($" + strconv.Itoa(after+1) + "::" + kind + "[])", []any{array}
	}
	var b strings.Builder
	b.WriteString(column + " IN (")
	for i := range 1 << bits.Len(uint(len(values)-1)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(after + i + 1))
		args = append(args, plain(values[min(i, len(values)-1)]))
	}
	return b.String() + ")", args
}

// arrayOf are values as PostgreSQL takes them, and of what kind they are there.
func arrayOf[T ~string | ~int64](values []T) (array any, kind string) {
	if reflect.TypeFor[T]().Kind() == reflect.String {
		return plains[string](values), "text"
	}
	return plains[int64](values), "bigint"
}

func plains[P string | int64, T ~string | ~int64](values []T) []P {
	all := make([]P, len(values))
	for i, v := range values {
		all[i] = plain(v).(P)
	}
	return all
}

// plain is a value as drivers know it.
func plain[T ~string | ~int64](v T) any {
	at := reflect.ValueOf(v)
	if at.Kind() == reflect.String {
		return at.String()
	}
	return at.Int()
}
