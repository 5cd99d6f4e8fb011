package job

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"waypost/internal/fault"
)

// A listener is somebody whom an event is told.
type listener struct {
	event   string // "" for periodic work
	name    string // the kind of its jobs
	timeout time.Duration
	period  time.Duration // 0 for a listener of an event
	do      func(ctx context.Context, args []byte) error
}

// atOnce is how many jobs of one listener run at the same time in one process.
const atOnce = 8

// longer is how many times longer than a listener periodic work may take.
const longer = 10

// names are a room and what it does, each in words of small letters.
var names = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*\.[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

var errArguments = fault.New(fault.Internal, "job_arguments", "This release can't read the job's arguments.")

// On has fn told every event of T's kind, as the listener name: its room and
// what happened ("webhook.parcel_changed"). The name is stored with each job,
// so it stays. fn is tried again when it fails, and may be told twice; it gets
// a context that ends with the queue's timeout. What a process adds goes to
// the listeners that the process itself has, so all processes list all of them,
// before the first Add and before Run. It panics on a name that can't be one.
func On[T Args](q *Queue, name string, fn func(ctx context.Context, args T) error) {
	var zero T
	q.listen(listener{
		event: zero.Kind(), name: name, timeout: q.options.Timeout,
		do: func(ctx context.Context, encoded []byte) error {
			var args T
			if json.Unmarshal(encoded, &args) != nil {
				return errArguments // the cause would repeat their values
			}
			return fn(ctx, args)
		},
	})
}

// Every has fn run once per period on one of the processes that share the
// database, never twice at the same time unless one was taken for dead. It also
// runs after a start, so that a long period is kept by processes that live
// shorter. It may take ten times as long as a listener.
// A failure is not retried before the next period.
func (q *Queue) Every(name string, period time.Duration, fn func(ctx context.Context) error) {
	q.listen(listener{
		name: name, timeout: longer * q.options.Timeout, period: period,
		do: func(ctx context.Context, _ []byte) error { return fn(ctx) },
	})
}

func (q *Queue) listen(l listener) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !names.MatchString(l.name) || len(l.name) > 64 {
		panic(fmt.Sprintf("job: %q can't be a listener's name", l.name))
	}
	if slices.ContainsFunc(q.listeners, func(other listener) bool { return other.name == l.name }) {
		panic(fmt.Sprintf("job: there are two listeners %q", l.name))
	}
	q.listeners = append(q.listeners, l)
}

// all returns the listeners so far.
func (q *Queue) all() []listener {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return slices.Clone(q.listeners)
}

// told returns the listeners of an event.
func (q *Queue) told(event string) []listener {
	return slices.DeleteFunc(q.all(), func(l listener) bool { return l.period > 0 || l.event != event })
}

// queue is the listener's queue in River, whose names have no dots. Each has
// its own: a slow one keeps only itself waiting, and a release leaves the jobs
// of listeners that it doesn't know to the one that does.
func (l listener) queue() string { return strings.ReplaceAll(l.name, ".", "-") }
