package legal

import (
	"errors"
	"net/http"

	"waypost/internal/inventory"
	"waypost/internal/recipient"
	"waypost/internal/web/ui"
)

// A toldView asks a service that got data of somebody whether it erased them, too.
type toldView struct {
	Title, Lead string
	Action      string // where it is confirmed; "" there is nothing to confirm
}

// serveTold serves GET /told/{notice}/{secret}: what a letter to a service leads to.
// It changes nothing, because programs that read mail follow links.
func (p *Pages) serveTold(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	view := toldView{Title: reader.Say("told.title"), Lead: reader.Say("told.lead"), Action: r.URL.Path}
	store, err := p.recipients.Of(inventory.Subject(r.PathValue("notice")))
	if err == nil {
		_, err = store.Open(r.Context(), r.PathValue("notice"), r.PathValue("secret"))
	}
	return p.replyTold(w, r, reader, view, err)
}

// confirmTold serves POST /told/{notice}/{secret}.
func (p *Pages) confirmTold(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	view := toldView{Title: reader.Say("told.thanks"), Lead: reader.Say("told.thanks_lead")}
	store, err := p.recipients.Of(inventory.Subject(r.PathValue("notice")))
	if err == nil {
		err = store.Confirm(r.Context(), r.PathValue("notice"), r.PathValue("secret"))
	}
	return p.replyTold(w, r, reader, view, err)
}

func (p *Pages) replyTold(w http.ResponseWriter, r *http.Request, reader ui.Reader, view toldView, err error) error {
	status := http.StatusOK
	switch {
	case errors.Is(err, recipient.ErrOver):
		status, view = http.StatusNotFound, toldView{Title: reader.Say("told.over"), Lead: reader.Fault(err)}
	case err != nil:
		return err
	}
	head := ui.Head{Title: view.Title, Here: "/", Private: true, Secret: true}
	return p.told.Reply(w, r, status, reader, head, view)
}
