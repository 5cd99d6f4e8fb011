package ui

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"waypost/internal/fault"
)

// How a stream behaves.
const (
	heartbeat   = 20 * time.Second // proxies close what is silent for longer
	gather      = 100 * time.Millisecond
	streamFor   = 30 * time.Minute // then the browser comes back by itself
	writeWithin = 15 * time.Second
)

var errStreams = fault.New(fault.Unavailable, "streams", "Too many live pages are open.")

// Streams are the live pages of a door: no more at the same time than there
// are places, and all of them end on Close. They are safe for concurrent use.
type Streams struct {
	places  chan struct{}
	closed  chan struct{}
	closing sync.Once
}

// NewStreams makes places for live pages; 0 means 1024.
func NewStreams(most int) *Streams {
	if most == 0 {
		most = 1024
	}
	return &Streams{places: make(chan struct{}, most), closed: make(chan struct{})}
}

// Close ends the live pages; browsers come back when they can.
func (s *Streams) Close() { s.closing.Do(func() { close(s.closed) }) }

// A Stream is one live page: server-sent events.
type Stream struct {
	all  *Streams
	w    http.ResponseWriter
	beat *time.Ticker
}

// Serve answers with a stream that run writes to, until run returns, the reader
// leaves, half an hour is over or Close. It fails before the first byte when
// every place is taken.
func (s *Streams) Serve(w http.ResponseWriter, r *http.Request, run func(ctx context.Context, st *Stream)) error {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		return errStreams
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it back
	w.WriteHeader(http.StatusOK)
	st := &Stream{all: s, w: w, beat: time.NewTicker(heartbeat)}
	defer st.beat.Stop()
	if st.Write("retry: 3000\n\n") {
		run(ctx, st)
	}
	return nil
}

// Write sends text, and reports whether the reader is still there.
func (st *Stream) Write(text string) bool {
	control := http.NewResponseController(st.w)
	if err := control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := st.w.Write([]byte(text)); err != nil {
		return false
	}
	return control.Flush() == nil
}

// Wait waits for a nudge, takes those that come together as one, and reports
// whether there was any; false says that the stream is over.
func (st *Stream) Wait(ctx context.Context, nudges <-chan string) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-st.all.closed:
			return false
		case <-st.beat.C:
			if !st.Write(":\n\n") {
				return false
			}
		case _, open := <-nudges:
			if open {
				settle(ctx, nudges)
			}
			return open
		}
	}
}

func settle(ctx context.Context, nudges <-chan string) {
	quiet := time.NewTimer(gather)
	defer quiet.Stop()
	for {
		select {
		case <-nudges:
		case <-quiet.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
