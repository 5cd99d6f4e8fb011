package parcel

import (
	"context"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/job"
	"waypost/internal/status"
)

// Jobs is where those are told who want to hear of changes. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// Changed says that a parcel's history, or the carrier that it is taken for, is
// no longer what it was: once for each such change, in the transaction that
// writes it. From and To are the same when its status is.
type Changed struct {
	Parcel   ID         `json:"parcel"`
	Revision int64      `json:"revision"` // of the history that has the change
	From     status.Sub `json:"from"`
	To       status.Sub `json:"to"`
}

// Kind names the event.
func (Changed) Kind() string { return "parcel.changed" }

// Tell has changes told to those who listen at jobs, which are those of the
// store's database. It is called before anything is recorded; without it nobody
// is told.
func (s *Store) Tell(jobs Jobs) { s.jobs = jobs }

// note remembers that the row has changed. Several outcomes of one batch are
// one change.
func (r *row) note(from, to status.Sub) {
	if r.news == nil {
		r.news = &Changed{Parcel: r.ID, From: from}
	}
	r.news.Revision, r.news.To = r.Revision, to
}

// tell tells what has changed of the rows, in the transaction that writes it.
func (s *Store) tell(ctx context.Context, tx *db.Tx, rows []*row) error {
	if s.jobs == nil {
		return nil
	}
	var news []job.Args
	for _, r := range rows {
		if r.news != nil {
			news = append(news, *r.news)
		}
	}
	if len(news) == 0 {
		return nil
	}
	if err := s.jobs.Add(ctx, tx, news...); err != nil {
		return fmt.Errorf("tell changes: %w", err)
	}
	return nil
}
