package app

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"waypost/internal/mailtest"
)

// soon waits until find finds what it looks for.
func soon[T any](t *testing.T, what string, find func() (T, bool)) T {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if found, ok := find(); ok {
			return found
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
	t.Fatalf("there never was %s", what)
	panic("not reached")
}

// deliver runs the queues until the test ends, so that messages leave.
func deliver(t *testing.T, s *server) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	for _, queue := range s.people.queues {
		work.Go(func() {
			if err := queue.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		work.Wait()
	})
}

// mailed is what a demonstration mails that a pattern matches.
func mailed(t *testing.T, s *server, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern)
	return soon(t, "a letter with "+pattern, func() (string, bool) {
		for _, m := range s.senders.outbox.Messages() {
			if m.Mail != nil && match.MatchString(m.Mail.Text) {
				return match.FindString(m.Mail.Text), true
			}
		}
		return "", false
	})
}

// codeFor waits for a code that is mailed to an address.
func codeFor(t *testing.T, post *mailtest.Sink, address string) string {
	t.Helper()
	return soon(t, "a code for "+address, func() (string, bool) {
		for _, m := range post.Mails() {
			if code := regexp.MustCompile(`\b\d{6}\b`).FindString(textOf(t, m)); m.To == address && code != "" {
				return code, true
			}
		}
		return "", false
	})
}

// textOf is the plain text of an e-mail.
func textOf(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	r := must(mail.CreateReader(bytes.NewReader(m.Raw)))(t)
	for {
		part, err := r.NextPart()
		if err != nil {
			t.Fatalf("an e-mail without text: %v", err)
		}
		if h, ok := part.Header.(*mail.InlineHeader); ok && strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
			return string(must(io.ReadAll(part.Body))(t))
		}
	}
}
