package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"waypost/internal/db"
	"waypost/internal/live"
)

// A driver is River's for the database, with two differences. It hears of new
// jobs from our broker (after the commit; on PostgreSQL from every machine), so
// that River needn't poll often nor hold a connection. And it leaves alone what
// other releases' listeners were doing when their process died, which River
// would throw away.
type driver struct {
	riverdriver.Driver[*sql.Tx]
	queue *Queue
}

func newDriver(q *Queue) *driver {
	if q.db.Dialect() == db.SQLite {
		return &driver{riversqlite.New(q.db.Writer()), q}
	}
	return &driver{riverdatabasesql.New(q.db.Writer()), q}
}

func (*driver) SupportsListener() bool     { return true }
func (*driver) SupportsListenNotify() bool { return false } // Add tells the broker itself

func (d *driver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &nudges{queue: d.queue}
}

func (d *driver) GetExecutor() riverdriver.Executor {
	return executor{d.Driver.GetExecutor(), d.queue}
}

// An executor runs River's statements.
type executor struct {
	riverdriver.Executor
	queue *Queue
}

// JobGetStuck returns the jobs whose process counts as dead.
func (e executor) JobGetStuck(ctx context.Context, p *riverdriver.JobGetStuckParams) ([]*rivertype.JobRow, error) {
	known := e.queue.all()
	stuck, err := e.Executor.JobGetStuck(ctx, p)
	return slices.DeleteFunc(stuck, func(j *rivertype.JobRow) bool {
		return !slices.ContainsFunc(known, func(l listener) bool { return l.name == j.Kind })
	}), err
}

// topicPrefix is what the topics of queues begin with.
const topicPrefix = "job:"

// topic is what says that a queue has got jobs.
func topic(queue string) string { return topicPrefix + queue }

// nudges are the broker's topics as River's notifications.
type nudges struct {
	queue   *Queue
	topics  []string
	heard   *live.Subscription
	pending []string // topics heard and not yet passed on
}

// Connect subscribes to the topics of all queues.
func (n *nudges) Connect(context.Context) error {
	n.topics = nil
	for _, l := range n.queue.all() {
		n.topics = append(n.topics, topic(l.queue()))
	}
	n.heard = n.queue.db.Live().Subscribe(n.topics...)
	return nil
}

// Close ends the subscription.
func (n *nudges) Close(context.Context) error {
	n.heard.Close()
	return nil
}

// insertTopic is River's word for "there are new jobs".
const insertTopic = "river_insert"

// WaitForNotification returns the next nudge.
func (n *nudges) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	if len(n.pending) == 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case topic, open := <-n.heard.C:
			switch {
			case !open:
				return nil, errors.New("the subscription was closed")
			case topic == live.Resync:
				n.pending = n.topics
			default:
				n.pending = []string{topic}
			}
		}
	}
	queue := strings.TrimPrefix(n.pending[0], topicPrefix)
	n.pending = n.pending[1:]
	return &riverdriver.Notification{Topic: insertTopic, Payload: fmt.Sprintf(`{"queue":%q}`, queue)}, nil
}

func (*nudges) Listen(context.Context, string) error   { return nil }
func (*nudges) Unlisten(context.Context, string) error { return nil }
func (*nudges) Ping(context.Context) error             { return nil }
func (*nudges) Schema() string                         { return "" }
func (*nudges) SetAfterConnectExec(string)             {}
