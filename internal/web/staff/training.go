package staff

import (
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/training"
)

type trainingView struct {
	Lead    string
	Wrong   string
	Version string
	Courses []training.Course
	Back    bool // leads to /staff
}

// serveTraining serves GET /staff/training.
func (p *Pages) serveTraining(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.trainingPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) trainingPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	reader := p.kit.Reader(r)
	view := trainingView{Lead: reader.Say("training.lead"), Wrong: wrong, Version: p.training.Version, Courses: p.training.In(reader.Lang), Back: !c.Untrained()}
	if !c.Due.IsZero() {
		view.Lead = reader.Say("training.until", "day", reader.Day(c.Due))
	}
	return p.course.Reply(w, r, status, reader, titled(reader.Say("training.title"), "/staff/training"), view)
}

// train serves POST /staff/training: version, which was shown, and follows, each
// course by its id.
func (p *Pages) train(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	reader := p.kit.Reader(r)
	version := text(r, "version") // also reads the form
	for _, course := range p.training.In(reader.Lang) {
		if !slices.Contains(r.PostForm["follows"], course.ID) {
			return p.trainingPage(w, r, c, http.StatusBadRequest, reader.Say("training.unread", "course", course.Title))
		}
	}
	if err := p.staff.Train(r.Context(), c, version, p.training.Wording(reader.Lang)); err != nil {
		return again(reader, err, func(status int, wrong string) error { return p.trainingPage(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff")
}
