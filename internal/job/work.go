package job

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A worker does the jobs of one listener.
type worker struct {
	river.WorkerDefaults[raw]
	queue    *Queue
	listener listener
}

// Timeout is how long a job may take.
func (w *worker) Timeout(*river.Job[raw]) time.Duration { return w.listener.timeout }

// Work does one job. What went wrong goes to the log; the row keeps only its
// code, because an error's words may repeat what a person wrote.
func (w *worker) Work(ctx context.Context, j *river.Job[raw]) error {
	began := time.Now()
	err := w.try(ctx, j)
	w.queue.metrics.done(w.listener.name, j.JobRow, began, err)
	if err == nil {
		return nil
	}
	if errors.Is(err, db.ErrAway) && w.listener.period == 0 {
		return river.JobSnooze(putOff(time.Since(j.CreatedAt)))
	}
	log := w.queue.options.Log.With("kind", w.listener.name, "job", j.ID, "attempt", j.Attempt, "err", err)
	if last(j.JobRow) {
		log.ErrorContext(ctx, "job failed, given up")
	} else {
		log.WarnContext(ctx, "job failed, will retry")
	}
	return errors.New(code(err))
}

var errPanic = fault.New(fault.Internal, "panic", "The job's listener has a bug.")

func (w *worker) try(ctx context.Context, j *river.Job[raw]) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = errPanic.Because(fmt.Errorf("%v\n%s", what, debug.Stack()))
		}
	}()
	return w.listener.do(ctx, j.Args.body)
}

// last reports whether a job isn't tried again after the attempt that it is at.
func last(j *rivertype.JobRow) bool { return j.Attempt >= j.MaxAttempts }

const (
	putOffLeast = 5 * time.Second
	putOffMost  = 5 * time.Minute
)

// putOff is when a job is looked at again that waits for another database, after it
// has waited so long. That is no attempt: nothing is given up because a region is away.
func putOff(waited time.Duration) time.Duration {
	return min(max(waited/4, putOffLeast), putOffMost)
}

// code is what the row keeps of an error.
func code(err error) string {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return "internal"
}

// retry says when a failed job is tried again: after one or two seconds, then
// twice as long each time, up to a few hours.
type retry struct{}

const (
	retryFirst = 2 * time.Second
	retryMost  = 6 * time.Hour
)

func (retry) NextRetry(j *rivertype.JobRow) time.Time {
	wait := retryMost
	if doublings := max(0, j.Attempt-1); doublings < 14 {
		wait = min(retryFirst<<doublings, retryMost)
	}
	return time.Now().Add(wait/2 + rand.N(wait/2))
}
