package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"waypost/internal/db"
)

const (
	pollEvery   = 5 * time.Second       // how soon a job is seen that no nudge told of: a retry, or one put off
	pollSoonest = 10 * time.Millisecond // nudges that come sooner are one
	stopTime    = 10 * time.Second      // what running jobs are given to end by themselves
	startSpread = time.Minute           // over which periodic work is spread at most
	keepDone    = time.Hour             // done jobs, to look at
	keepGivenUp = 14 * 24 * time.Hour   // jobs given up
)

// Run does jobs, as soon as the database can be reached, until ctx ends, lets those that run end by themselves for a
// while, and then ends their contexts; what ended that way is tried again.
func (q *Queue) Run(ctx context.Context) error {
	if len(q.all()) == 0 {
		<-ctx.Done()
		return nil
	}
	client, err := q.working()
	if err != nil {
		return err
	}
	for {
		if q.db.Await(ctx) != nil {
			return nil // it ended before the database could be reached
		}
		err := q.db.Told(ctx, client.Start(context.WithoutCancel(ctx)))
		if err == nil {
			break
		}
		if !errors.Is(err, db.ErrAway) {
			return fmt.Errorf("start jobs: %w", err)
		}
		q.options.Log.WarnContext(ctx, "jobs can't be started, will try again", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
	}
	<-ctx.Done()
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if client.Stop(patient) == nil {
		return nil
	}
	return client.StopAndCancel(context.WithoutCancel(ctx))
}

// working returns a client that does the listeners' jobs.
func (q *Queue) working() (*river.Client[*sql.Tx], error) {
	workers, queues := river.NewWorkers(), map[string]river.QueueConfig{}
	var periodic []*river.PeriodicJob
	for _, l := range q.all() {
		// The kinds are values, so the workers can't be found by type.
		river.AddWorkerArgs(workers, raw{kind: l.name}, &worker{queue: q, listener: l})
		queues[l.queue()] = river.QueueConfig{MaxWorkers: atOnce}
		if l.period > 0 {
			periodic = append(periodic, l.periodic())
		}
	}
	return river.NewClient(q.driver, &river.Config{
		Queues: queues, Workers: workers, PeriodicJobs: periodic,
		FetchPollInterval: pollEvery, FetchCooldown: pollSoonest,
		JobTimeout: q.options.Timeout, RescueStuckJobsAfter: 2 * q.options.Timeout,
		MaxAttempts: attempts, RetryPolicy: retry{},
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepGivenUp, DiscardedJobRetentionPeriod: keepGivenUp,
		Logger: q.riverLog(), Test: q.clock(),
	})
}

// periodic is the listener's work as River's leader adds it: at its start and
// once per period, unless the last isn't done.
func (l listener) periodic() *river.PeriodicJob {
	add := func() (river.JobArgs, *river.InsertOpts) {
		return raw{kind: l.name, body: []byte("{}")}, &river.InsertOpts{
			Queue: l.queue(), MaxAttempts: 1,
			ScheduledAt: time.Now().Add(rand.N(min(l.period/10+1, startSpread))),
			UniqueOpts:  river.UniqueOpts{ByState: unfinished},
		}
	}
	return river.NewPeriodicJob(river.PeriodicInterval(l.period), add, &river.PeriodicJobOpts{RunOnStart: true})
}
