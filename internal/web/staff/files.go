package staff

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/fault"
	"waypost/internal/status"
	"waypost/internal/web/ui"
)

const (
	// maxUpload bounds a file that is brought by the page, in bytes; larger ones come
	// by a folder or the command.
	maxUpload = 1 << 20

	// maxUploadForm bounds the form with such a file, which the preview spells in
	// base64.
	maxUploadForm = 2 << 20

	mostShown = 100 // parcels of a preview, and slips
)

var (
	errNoFile      = fault.New(fault.Invalid, "staff_no_file", "Choose a file.")
	errFileTooLong = fault.New(fault.Invalid, "staff_file_too_long", "The file is larger than 1 MiB. Take it in by the account's folder, or by the command waypost carrier take.")
	errNoFileOf    = fault.New(fault.Invalid, "staff_file_of", "Choose whose file it is.")
	errFileNone    = fault.New(fault.Invalid, "staff_file_none", "The source's file can't read this. Is it the right account?")
)

// Files takes in files of what carriers sent.
type Files interface {
	// Accounts are those that such files can be of, in order.
	Accounts() []carrier.AccountCode
	// Look says what a file would bring, and Take takes it in. Both fail with a
	// *fault.Error of kind Invalid where the file is none of the account's.
	Look(ctx context.Context, of carrier.AccountCode, content []byte) (FileLook, error)
	Take(ctx context.Context, of carrier.AccountCode, content []byte) (FileTaken, error)
}

// A FileLook is what a file would bring.
type FileLook struct {
	Reports []carrier.Report
	Wanted  map[string]bool // numbers that somebody wants to know of
	Slips   []engine.Slip   // what is of no use
}

// A FileTaken is what a file brought, in numbers.
type FileTaken struct{ Parcels, Known, Changed, Slips int }

type filesView struct {
	Wrong, Done string
	Accounts    []choice
	Look        *lookView
}

// A lookView is what a file would bring.
type lookView struct {
	Account, Content string
	Lead             string
	Rows             []reportRow
	Slips            []string
	More, MoreSlips  int // that aren't shown
	Takes            bool
}

// A reportRow is a parcel of a file.
type reportRow struct {
	Number, Events, Status, When, Words string
	Wanted                              bool
}

// serveFiles serves GET /staff/files.
func (p *Pages) serveFiles(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.TakeFiles); err != nil {
		return err
	}
	return p.filesPage(w, r, http.StatusOK, filesView{})
}

func (p *Pages) filesPage(w http.ResponseWriter, r *http.Request, status int, view filesView) error {
	reader := p.kit.Reader(r)
	for _, code := range p.files.Accounts() {
		view.Accounts = append(view.Accounts, choice{string(code), string(code), text(r, "account") == string(code)})
	}
	return p.upload.Reply(w, r, status, reader, titled(reader.Say("files.title"), "/staff/files"), view)
}

// bringFile serves POST /staff/files: account, and either file, which is looked at,
// or content with act=take, which is taken in.
func (p *Pages) bringFile(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.TakeFiles); err != nil {
		return err
	}
	view, err := p.brought(r, c)
	if err == nil {
		return p.filesPage(w, r, http.StatusOK, view)
	}
	return again(p.kit.Reader(r), err, func(status int, wrong string) error {
		return p.filesPage(w, r, status, filesView{Wrong: wrong})
	})
}

func (p *Pages) brought(r *http.Request, c account.Clerk) (filesView, error) {
	content, err := uploaded(r)
	if err != nil {
		return filesView{}, err
	}
	of := carrier.AccountCode(text(r, "account"))
	if !slices.Contains(p.files.Accounts(), of) {
		return filesView{}, errNoFileOf
	}
	reader := p.kit.Reader(r)
	if text(r, "act") != "take" {
		look, err := p.files.Look(r.Context(), of, content)
		if err != nil {
			return filesView{}, ofFile(err)
		}
		return filesView{Look: newLookView(reader, of, content, look)}, nil
	}
	took, err := p.files.Take(r.Context(), of, content)
	if err != nil {
		return filesView{}, ofFile(err)
	}
	p.log.Info("file of events taken in by staff", "clerk", c.ID, "account", of, "parcels", took.Parcels, "known", took.Known, "changed", took.Changed, "slips", took.Slips)
	return filesView{Done: reader.Say("files.taken", "n", took.Parcels, "known", took.Known, "changed", took.Changed)}, nil
}

// ofFile says of an error in words of this page that the file is none.
func ofFile(err error) error {
	if fault.KindOf(err) == fault.Invalid {
		return errFileNone.Because(err)
	}
	return err
}

// uploaded is the file of a form: as it was chosen, or as the preview has kept it.
func uploaded(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(maxUploadForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, errFileTooLong
		}
		return nil, errNoFile
	}
	var content []byte
	if file, _, err := r.FormFile("file"); err == nil {
		defer file.Close()
		if content, err = io.ReadAll(io.LimitReader(file, maxUpload+1)); err != nil {
			return nil, errNoFile
		}
	} else if content, err = base64.StdEncoding.DecodeString(text(r, "content")); err != nil {
		return nil, errNoFile
	}
	switch {
	case len(content) == 0:
		return nil, errNoFile
	case len(content) > maxUpload:
		return nil, errFileTooLong
	}
	return content, nil
}

func newLookView(reader ui.Reader, of carrier.AccountCode, content []byte, look FileLook) *lookView {
	view := &lookView{Account: string(of), Content: base64.StdEncoding.EncodeToString(content), Takes: len(look.Reports) > 0}
	wanted := 0
	for i := range look.Reports {
		row := newReportRow(reader, &look.Reports[i], look.Wanted)
		if row.Wanted {
			wanted++
		}
		if len(view.Rows) < mostShown {
			view.Rows = append(view.Rows, row)
		}
	}
	view.More = len(look.Reports) - len(view.Rows)
	view.Lead = reader.Say("files.look_lead", "n", len(look.Reports), "wanted", wanted, "slips", len(look.Slips))
	for _, slip := range look.Slips[:min(len(look.Slips), mostShown)] {
		view.Slips = append(view.Slips, slipWords(reader, slip))
	}
	view.MoreSlips = len(look.Slips) - len(view.Slips)
	return view
}

func newReportRow(reader ui.Reader, r *carrier.Report, wanted map[string]bool) reportRow {
	row := reportRow{Number: r.Number, Wanted: wanted[r.Number], Events: reader.Say("files.events", "n", len(r.Events)), Status: reader.Say("files.no_status")}
	if n := len(r.Events); n > 0 {
		newest := r.Events[n-1]
		row.When, row.Words = newest.Time.ISO(), newest.Words
	}
	if sub := engine.StatusOf(*r); sub.Known() && sub.Main() != status.NotFound {
		row.Status = reader.Say("status." + string(sub))
	}
	return row
}

// slipWords are where in a file something is of no use, and what.
func slipWords(reader ui.Reader, s engine.Slip) string {
	var parts []string
	if s.Line > 0 {
		parts = append(parts, reader.Say("files.line", "n", s.Line))
	}
	if s.Number != "" {
		parts = append(parts, s.Number)
	}
	return strings.Join(append(parts, s.Text), " · ")
}
