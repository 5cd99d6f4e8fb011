package locale

import (
	"strconv"
	"time"
)

// Day writes a day as people of the language do: "Tue 3 March 2026".
func (w *Words) Day(t time.Time) string {
	return w.Say("date.day",
		"weekday", w.Say("date.weekday."+strconv.Itoa(int(t.Weekday()))),
		"day", t.Day(),
		"month", w.Say("date.month."+strconv.Itoa(int(t.Month()))),
		"year", t.Year())
}

// ShortDay writes a day where space is dear: "3 Mar".
func (w *Words) ShortDay(t time.Time) string {
	return w.Say("date.short", "day", t.Day(), "month", w.Say("date.short_month."+strconv.Itoa(int(t.Month()))))
}

// Moment writes a day and the time of day.
func (w *Words) Moment(t time.Time) string {
	return w.Say("date.moment", "day", w.Day(t), "time", t.Format("15:04"))
}
