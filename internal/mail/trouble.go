package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"

	"waypost/internal/fault"
)

var (
	errUnreachable = fault.New(fault.Unavailable, "mail_unreachable", "The mail server can't be reached just now.")
	errDeferred    = fault.New(fault.Unavailable, "mail_deferred", "The mail server can't take this message just now.")
	errLimited     = fault.New(fault.Limited, "mail_limited", "The mail server wants messages more slowly.")
	errSetup       = fault.New(fault.Unavailable, "mail_setup", "The mail server does not accept this installation. Its operator finds the reason in the log.")
)

// enhanced is a status of RFC 3463 at the start of a server's answer.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// trouble turns what happened at a step into a fault. The server's words are
// left out, because most servers repeat the address in them.
func trouble(ctx context.Context, step string, err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return errUnreachable.Because(fmt.Errorf("%s: %w", step, err))
	}
	status := enhanced.FindString(answer.Msg)
	cause := fmt.Errorf("%s: answered %s", step, strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, status)))
	return kindOf(step, answer.Code, status).Because(cause)
}

// kindOf decides what an answer means. What an operator can mend (a sender or
// a login that is refused, a relay that is closed) is worth another try later;
// only an address that does not exist is ErrRefused.
func kindOf(step string, code int, status string) *fault.Error {
	policy := strings.HasPrefix(status, "5.7.")
	switch {
	case code == 452 || strings.HasPrefix(status, "4.7."):
		return errLimited
	case code < 500:
		return errDeferred
	case step == "RCPT" && code != 530 && !policy:
		return ErrRefused
	case step == "message" || step == "DATA":
		return errRejected
	}
	return errSetup
}
