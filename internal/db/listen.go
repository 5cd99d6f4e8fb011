package db

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"waypost/internal/live"
)

const (
	listenAgainSoonest = 100 * time.Millisecond
	listenAgainLatest  = 10 * time.Second
	listenCheck        = 30 * time.Second // silence after which the connection is asked whether it still lives
)

// channel is where the topics of a schema are told, so that two Wayposts in
// one database don't hear each other.
func channel(schema string) string { return "waypost_" + schema }

// listen passes the server's notifications on to broker, over a connection of
// its own, until the function it returns is called. After a connection was lost
// nobody knows what was missed, so everybody is told to read again.
func listen(ctx context.Context, config *pgx.ConnConfig, channel string, broker *live.Broker, log *slog.Logger) (stop func(), err error) {
	conn, err := listenOn(ctx, config, channel)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			err := pass(ctx, conn, broker)
			conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it is given up anyway
			if ctx.Err() != nil {
				return
			}
			log.Warn("listening for changes was interrupted, will reconnect", "err", err)
			if conn = listenAgain(ctx, config, channel); conn == nil {
				return
			}
			broker.Publish(live.Resync)
		}
	}()
	return func() { cancel(); <-done }, nil
}

func listenOn(ctx context.Context, config *pgx.ConnConfig, channel string) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		conn.Close(ctx) //nolint:errcheck // the first error says more
		return nil, err
	}
	return conn, nil
}

// listenAgain connects, however long that takes; nil when ctx ended.
func listenAgain(ctx context.Context, config *pgx.ConnConfig, channel string) *pgx.Conn {
	for wait := listenAgainSoonest; ; wait = min(2*wait, listenAgainLatest) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
		if conn, err := listenOn(ctx, config, channel); err == nil {
			return conn
		}
	}
}

// pass publishes what conn hears until it fails or ctx ends.
func pass(ctx context.Context, conn *pgx.Conn, broker *live.Broker) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, listenCheck)
		n, err := conn.WaitForNotification(quiet)
		late := quiet.Err() != nil
		cancel()
		switch {
		case err == nil:
			broker.Publish(n.Payload)
		case ctx.Err() != nil:
			return ctx.Err()
		case late && !conn.IsClosed():
			if err := ping(ctx, conn); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	return conn.Ping(ctx)
}
