package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	emersion "github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"waypost/internal/fault"
	"waypost/internal/mailtest"
)

// sender makes one that writes to a sink.
func sender(t *testing.T, sink *mailtest.Sink, o Options) *SMTP {
	t.Helper()
	o.Server, o.RootCAs = sink.Addr, sink.Roots
	if o.From == "" {
		o.From = "Waypost Zürich <post@track.example>"
	}
	s, err := New(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func link(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// read parses a message with a library that did not make it.
func read(t *testing.T, raw []byte) (header emersion.Header, parts map[string]string) {
	t.Helper()
	r, err := emersion.CreateReader(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	parts = map[string]string{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return r.Header, parts
		}
		if err != nil && !message.IsUnknownCharset(err) {
			t.Fatal(err)
		}
		kind, _, err := part.Header.(*emersion.InlineHeader).ContentType()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		parts[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestAMessageArrivesWhole(t *testing.T) {
	for _, tc := range []struct {
		name      string
		sink      mailtest.Options
		options   Options
		encrypted bool
	}{
		{"plain, to a server on this machine", mailtest.Options{}, Options{TLS: Off}, false},
		{"signed in with PLAIN after STARTTLS, which is the default", mailtest.Options{STARTTLS: true, User: "post", Password: "open"}, Options{User: "post", Password: "open"}, true},
		{"signed in with LOGIN after STARTTLS", mailtest.Options{STARTTLS: true, User: "post", Password: "open", Mechanism: "LOGIN"}, Options{User: "post", Password: "open"}, true},
		{"encrypted from the first byte", mailtest.Options{TLS: true, User: "post", Password: "open"}, Options{TLS: Implicit, User: "post", Password: "open"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sink := mailtest.Start(t, tc.sink)
			m := Message{
				To: "mara@example.org", Subject: "Ihr Paket ist da — 您的包裹已到 — وصل طردك", Lang: "de-CH", Kind: Alert, ID: "0199-abc",
				Text: "Grüße.\n.\n..zwei Punkte\n您的包裹已到\n", HTML: "<p>Grüße " + strings.Repeat("lang ", 400) + "</p>",
				Unsubscribe: link(t, "https://track.example/u/"+strings.Repeat("t0ken", 20)),
			}
			if err := sender(t, sink, tc.options).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			mails := sink.Mails()
			if len(mails) != 1 {
				t.Fatalf("%d mails, want 1", len(mails))
			}
			got := mails[0]
			if got.From != "post@track.example" || got.To != m.To || got.Encrypted != tc.encrypted || got.User != tc.options.User || got.Hello != "track.example" {
				t.Errorf("envelope %q to %q, encrypted %v, by %q, hello %q", got.From, got.To, got.Encrypted, got.User, got.Hello)
			}
			header, parts := read(t, got.Raw)
			if subject, err := header.Subject(); err != nil || subject != m.Subject {
				t.Errorf("subject %q, %v", subject, err)
			}
			if parts["text/plain"] != m.Text || parts["text/html"] != m.HTML {
				t.Errorf("parts %q", parts)
			}
			for name, want := range map[string]string{
				"Message-Id": "<0199-abc@track.example>", "Content-Language": "de-CH", "Auto-Submitted": "auto-generated",
				"List-Unsubscribe": "<" + m.Unsubscribe.String() + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
				"To": "<mara@example.org>", "User-Agent": "", "X-Mailer": "", "Bcc": "",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if from, err := header.AddressList("From"); err != nil || len(from) != 1 || from[0].Name != "Waypost Zürich" || from[0].Address != "post@track.example" {
				t.Errorf("from %v, %v", from, err)
			}
			for line := range strings.SplitSeq(string(got.Raw), "\r\n") {
				if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
					t.Errorf("a line of %d bytes, or with a bare line break: %q", len(line), line)
				}
			}
		})
	}
}

func TestARepeatIsTheSameMessage(t *testing.T) {
	sink := mailtest.Start(t, mailtest.Options{})
	s := sender(t, sink, Options{TLS: Off})
	for _, id := range []string{"job-1", "job-1", "", ""} {
		if err := s.Send(t.Context(), Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Notice, ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, m := range sink.Mails() {
		header, _ := read(t, m.Raw)
		ids = append(ids, header.Get("Message-Id"))
	}
	if len(ids) != 4 || ids[0] != ids[1] || ids[1] == ids[2] || ids[2] == ids[3] {
		t.Errorf("message ids %q", ids)
	}
}

func TestOneClickNeedsHTTPS(t *testing.T) {
	sink := mailtest.Start(t, mailtest.Options{})
	m := Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Alert, Unsubscribe: link(t, "http://track.example/u/1")}
	if err := sender(t, sink, Options{TLS: Off}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	header, _ := read(t, sink.Mails()[0].Raw)
	if header.Get("List-Unsubscribe") != "<http://track.example/u/1>" || header.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("%q, %q", header.Get("List-Unsubscribe"), header.Get("List-Unsubscribe-Post"))
	}
}

func TestNothingFromOutsideBecomesAHeader(t *testing.T) {
	sink := mailtest.Start(t, mailtest.Options{})
	s := sender(t, sink, Options{TLS: Off, From: "\"Way\tpost\" <post@track.example>"})
	plain := Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Code}
	for _, tc := range []struct {
		name   string
		change func(*Message)
		sent   bool
	}{
		{"a subject with another header", func(m *Message) { m.Subject = "s\r\nBcc: eve@example.org" }, true},
		{"a subject with a bare line feed and a NUL", func(m *Message) { m.Subject = "s\nBcc: eve@example.org\x00" }, true},
		{"a subject with Unicode line ends", func(m *Message) { m.Subject = "s\u2028Bcc: eve@example.org\u0085x" }, true},
		{"a subject that ends the headers", func(m *Message) { m.Subject = "s\r\n\r\n<h1>spam</h1>" }, true},
		{"a text that ends the message", func(m *Message) { m.Text = "t\r\n.\r\nMAIL FROM:<eve@example.org>\r\n" }, true},
		{"an address with another header", func(m *Message) { m.To = "mara@example.org\r\nBcc: eve@example.org" }, false},
		{"an address with another recipient", func(m *Message) { m.To = "mara@example.org, eve@example.org" }, false},
		{"an address that ends the command", func(m *Message) { m.To = "mara@example.org>\r\nRCPT TO:<eve@example.org" }, false},
		{"an id with a line break", func(m *Message) { m.ID = "1\r\nBcc: eve@example.org" }, false},
		{"a language with a line break", func(m *Message) { m.Lang = "de\r\nBcc: eve@example.org" }, false},
		{"an address to unsubscribe of another kind", func(m *Message) { m.Unsubscribe = &url.URL{Scheme: "javascript", Host: "x", Path: "\r\nBcc: eve"} }, false},
		{"an address to unsubscribe with a line break", func(m *Message) {
			m.Unsubscribe = &url.URL{Scheme: "https", Host: "track.example", Path: "/u\r\nBcc: eve@example.org"}
		}, true},
		{"an address to unsubscribe with a line break in its query", func(m *Message) {
			m.Unsubscribe = &url.URL{Scheme: "https", Host: "track.example", RawQuery: "a\r\nBcc: eve@example.org"}
		}, false},
		{"an address to unsubscribe with a line break in its host", func(m *Message) {
			m.Unsubscribe = &url.URL{Scheme: "https", Host: "track.example\r\nBcc: eve@example.org"}
		}, true},
		{"an address to unsubscribe that ends early", func(m *Message) {
			m.Unsubscribe = &url.URL{Scheme: "https", Host: "track.example", RawQuery: "a>, <https://evil.example"}
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := plain
			tc.change(&m)
			before := len(sink.Mails())
			err := s.Send(t.Context(), m)
			if !tc.sent {
				if fault.KindOf(err) != fault.Invalid {
					t.Errorf("got %v, want it refused", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			mails := sink.Mails()[before:]
			if len(mails) != 1 || mails[0].To != "mara@example.org" {
				t.Fatalf("%d mails arrived", len(mails))
			}
			header, parts := read(t, mails[0].Raw)
			if header.Has("Bcc") || header.Has("Mail") || len(parts) != 1 || header.Len() != standardHeaders(m) {
				t.Errorf("%d headers, %d parts:\n%s", header.Len(), len(parts), mails[0].Raw)
			}
		})
	}
}

// standardHeaders is how many headers a message of one part has.
func standardHeaders(m Message) int {
	if m.Unsubscribe != nil {
		return 12
	}
	return 10
}

func TestTheServersAnswerDecides(t *testing.T) {
	answer := func(step string, code int, status smtp.EnhancedCode) mailtest.Options {
		return mailtest.Options{Answer: func(at, given string) error {
			if at != step {
				return nil
			}
			return &smtp.SMTPError{Code: code, EnhancedCode: status, Message: "<" + given + "> is not welcome"}
		}}
	}
	for _, tc := range []struct {
		name string
		sink mailtest.Options
		kind fault.Kind
		want error
	}{
		{"no such mailbox", answer("RCPT", 550, smtp.EnhancedCode{5, 1, 1}), fault.Invalid, ErrRefused},
		{"no such mailbox, without a status", answer("RCPT", 550, smtp.NoEnhancedCode), fault.Invalid, ErrRefused},
		{"mailbox is full", answer("RCPT", 452, smtp.EnhancedCode{4, 2, 2}), fault.Limited, errLimited},
		{"greylisted", answer("RCPT", 451, smtp.EnhancedCode{4, 7, 1}), fault.Limited, errLimited},
		{"mailbox is busy", answer("RCPT", 450, smtp.EnhancedCode{4, 2, 1}), fault.Unavailable, errDeferred},
		{"relaying is closed, which is no fault of the address", answer("RCPT", 554, smtp.EnhancedCode{5, 7, 1}), fault.Unavailable, errSetup},
		{"the sender is refused", answer("MAIL", 550, smtp.EnhancedCode{5, 7, 1}), fault.Unavailable, errSetup},
		{"the server goes down", answer("MAIL", 421, smtp.EnhancedCode{4, 3, 2}), fault.Unavailable, errDeferred},
		{"the content is refused", answer("DATA", 554, smtp.EnhancedCode{5, 6, 0}), fault.Invalid, errRejected},
		{"the content later", answer("DATA", 451, smtp.EnhancedCode{4, 3, 0}), fault.Unavailable, errDeferred},
		{"sign-in is needed and nobody said so", mailtest.Options{User: "post", Password: "open"}, fault.Unavailable, errSetup},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sink := mailtest.Start(t, tc.sink)
			err := sender(t, sink, Options{TLS: Off}).Send(t.Context(), Message{To: "mara@example.org", Subject: "Your code", Text: "123456", Kind: Code})
			if fault.KindOf(err) != tc.kind || !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			for _, secret := range []string{"mara", "example.org", "welcome", "123456"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(fault.Text(err), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
			if len(sink.Mails()) != 0 {
				t.Error("and yet it arrived")
			}
		})
	}
}

func TestASetUpThatIsNotSafeSendsNothing(t *testing.T) {
	for _, tc := range []struct {
		name string
		sink mailtest.Options
		o    Options
		want error
	}{
		{"a server without STARTTLS", mailtest.Options{}, Options{}, errUnreachable},
		{"a certificate that nobody vouches for", mailtest.Options{STARTTLS: true}, Options{}, errUnreachable},
		{"the same, encrypted from the first byte", mailtest.Options{TLS: true}, Options{TLS: Implicit}, errUnreachable},
		{"a wrong password", mailtest.Options{STARTTLS: true, User: "post", Password: "open"}, Options{User: "post", Password: "shut"}, errSetup},
		{"a server that knows no sign-in", mailtest.Options{STARTTLS: true}, Options{User: "post", Password: "open"}, errUnreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sink := mailtest.Start(t, tc.sink)
			if strings.Contains(tc.name, "password") || strings.Contains(tc.name, "sign-in") {
				tc.o.RootCAs = sink.Roots
			}
			tc.o.Server, tc.o.From = sink.Addr, "post@track.example"
			s, err := New(tc.o, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Send(t.Context(), Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Code})
			if !errors.Is(err, tc.want) || strings.Contains(err.Error(), "shut") {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if len(sink.Mails()) != 0 {
				t.Error("it was sent")
			}
		})
	}
}

func TestAServerThatHangsHoldsNobodyUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, tc := range []struct {
		name   string
		by     func() (context.Context, context.CancelFunc, time.Duration)
		reason error
	}{
		{"by the sender's own patience", func() (context.Context, context.CancelFunc, time.Duration) {
			return t.Context(), func() {}, 100 * time.Millisecond
		}, context.DeadlineExceeded},
		{"by the caller's deadline", func() (context.Context, context.CancelFunc, time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			return ctx, cancel, time.Hour
		}, context.DeadlineExceeded},
		{"by the caller's going away", func() (context.Context, context.CancelFunc, time.Duration) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel, time.Hour
		}, context.Canceled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel, patience := tc.by()
			defer cancel()
			s, err := New(Options{From: "post@track.example", Server: listener.Addr().String(), TLS: Off, Timeout: patience}, nil)
			if err != nil {
				t.Fatal(err)
			}
			started := time.Now()
			err = s.Send(ctx, Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Code})
			if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, tc.reason) {
				t.Errorf("got %v, want %v", err, tc.reason)
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestAMessageHasBounds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Message)
	}{
		{"a text too large", func(m *Message) { m.Text = strings.Repeat("x", maxText+1) }},
		{"HTML too large", func(m *Message) { m.HTML = strings.Repeat("x", maxHTML+1) }},
		{"a subject too long", func(m *Message) { m.Subject = strings.Repeat("x", maxSubject+1) }},
		{"no subject but spaces", func(m *Message) { m.Subject = " \t " }},
		{"no text", func(m *Message) { m.Text = "" }},
		{"an unknown kind", func(m *Message) { m.Kind = "mara" }},
		{"an id too long", func(m *Message) { m.ID = strings.Repeat("x", maxID+1) }},
		{"an address to unsubscribe too long", func(m *Message) {
			m.Unsubscribe = &url.URL{Scheme: "https", Host: "track.example", Path: strings.Repeat("x", maxLink)}
		}},
	} {
		m := Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: Code}
		tc.change(&m)
		if _, err := m.Checked(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}
