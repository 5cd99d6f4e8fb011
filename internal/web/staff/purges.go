package staff

import (
	"net/http"
	"strconv"
	"time"

	"waypost/internal/account"
)

// purgesSince is over how long what runs deleted is summed up.
const purgesSince = 30 * 24 * time.Hour

type purgesView struct{ Rooms []purgeRoom }

// A purgeRoom is what runs deleted of a room in a region.
type purgeRoom struct {
	Name   string
	Failed bool
	Facts  []fact
	Tables []purgeTable
}

type purgeTable struct{ Name, Went string }

// servePurges serves GET /staff/retention: what the last run of each room deleted,
// and how much those of the last 30 days did.
func (p *Pages) servePurges(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.ReadPurges); err != nil {
		return err
	}
	runs, err := p.purges.Last(r.Context())
	if err != nil {
		return err
	}
	sums, err := p.purges.Since(r.Context(), time.Now().Add(-purgesSince))
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	var view purgesView
	for _, run := range runs {
		room := purgeRoom{Name: run.Room, Failed: run.Failed, Facts: []fact{
			{reader.Say("purges.ran"), moment(reader, run.Began)},
			{reader.Say("purges.took"), reader.Say("purges.ms", "n", int(run.Took.Milliseconds()))},
			{reader.Say("purges.held"), strconv.Itoa(run.Held)},
			{reader.Say("purges.month"), strconv.Itoa(sums[run.Room])},
		}}
		if run.Region != "" {
			room.Name += " · " + run.Region
		}
		for _, g := range run.Gone {
			t := purgeTable{g.Table, reader.Say("purges.rows", "n", g.Rows)}
			if !g.Due.IsZero() {
				t.Went = reader.Say("purges.rows_due", "n", g.Rows, "when", moment(reader, g.Due))
			}
			room.Tables = append(room.Tables, t)
		}
		view.Rooms = append(view.Rooms, room)
	}
	return p.gone.Reply(w, r, http.StatusOK, reader, titled(reader.Say("purges.title"), "/staff/retention"), view)
}
