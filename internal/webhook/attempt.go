package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"waypost/internal/db"
	"waypost/internal/outbound"
)

// A Problem is why an attempt got no answer that takes the event.
type Problem string

// Problems.
const (
	NoProblem   Problem = ""
	TimedOut    Problem = "timeout"     // no answer within the time that one has
	NoName      Problem = "name"        // its host's name leads nowhere
	Inside      Problem = "private"     // its host is no part of the public internet
	Refused     Problem = "connection"  // nobody is there, or the connection broke
	Untrusted   Problem = "certificate" // its certificate can't be trusted, or it speaks no TLS
	Redirected  Problem = "redirect"    // it sends elsewhere, where nobody follows
	Declined    Problem = "status"      // it answered with another status than 2xx
	Unwriteable Problem = "unwriteable" // the event couldn't be written; the operator's log says more
)

// An outcome is what came of an attempt.
type outcome struct {
	*delivery
	at      time.Time
	took    time.Duration
	code    int
	problem Problem
	answer  Answer
	skipped bool  // it wasn't begun
	lost    error // why its event couldn't be read
}

func (o outcome) taken() bool { return o.problem == NoProblem }

// calls makes attempts until there are no more.
func (d *drain) calls() {
	for v := range d.todo {
		d.ahead.Add(-1)
		if !d.begin.Load() || db.Ms(time.Now()) > d.deadline.Load() {
			d.ended.put(outcome{delivery: v, skipped: true})
			continue
		}
		o := d.attempt(v)
		if o.taken() {
			d.failed.Store(0)
		} else if d.failed.Add(1) >= breakAfter {
			d.begin.Store(false) // until it is written what that means
		}
		d.ended.put(o)
	}
}

// attempt sends an event.
func (d *drain) attempt(v *delivery) outcome {
	ctx := context.Background() // bounded by the client's timeout
	o := outcome{delivery: v, at: time.Now().UTC()}
	sent, err := d.write(v, o.at)
	if err != nil {
		d.all.log.ErrorContext(ctx, "event can't be written", "endpoint", d.ID, "seq", v.seq, "err", err)
		o.problem = Unwriteable
		return o
	}
	o.answer = sent.noted()
	if d.endpoint.Inspect {
		o.code = http.StatusOK
		return o
	}
	answer, err := d.send(ctx, sent)
	o.took = time.Since(o.at)
	o.code, o.problem = answer.Status, problemOf(answer.Status, err)
	o.answer.hear(answer)
	d.all.metrics.attempts.WithLabelValues(string(o.problem)).Observe(o.took.Seconds())
	return o
}

// write writes an event as the endpoint wants it, signed.
func (d *drain) write(v *delivery, now time.Time) (request, error) {
	m := v.message
	if m == nil {
		e, err := v.event.open(d.sealer)
		if err != nil {
			return request{}, err
		}
		if m, err = d.all.o.Write(d.endpoint.Form, e); err != nil {
			return request{}, err
		}
	}
	return d.signer.compose(v.event.Event, m, now), nil
}

func (d *drain) send(ctx context.Context, sent request) (outbound.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint.URL, bytes.NewReader(sent.body))
	if err != nil {
		return outbound.Answer{}, err
	}
	r.Header = sent.header
	return d.all.client.Do(ctx, r)
}

// problemOf says why an answer doesn't take an event.
func problemOf(code int, err error) Problem {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var plain tls.RecordHeaderError
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil && code >= 200 && code < 300:
		return NoProblem
	case err == nil && code >= 300 && code < 400:
		return Redirected
	case err == nil:
		return Declined
	case errors.Is(err, outbound.ErrPrivate):
		return Inside
	case errors.As(err, &name):
		return NoName
	case errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &plain):
		return Untrusted
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) || errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	}
	return Refused
}
