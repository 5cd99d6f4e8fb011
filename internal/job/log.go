package job

import (
	"context"
	"log/slog"
	"strings"
)

// riverLog is the logger that River gets: warnings and errors, but not those
// about failed jobs, which the worker logs in our words.
func (q *Queue) riverLog() *slog.Logger {
	return slog.New(riverHandler{q.options.Log.Handler()})
}

type riverHandler struct{ slog.Handler }

func (h riverHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h riverHandler) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "JobExecutor: Job errored") {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h riverHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return riverHandler{h.Handler.WithAttrs(attrs)}
}

func (h riverHandler) WithGroup(name string) slog.Handler {
	return riverHandler{h.Handler.WithGroup(name)}
}
