package app

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/mail"
	"waypost/internal/mailtest"
	"waypost/internal/sms"
)

var (
	letter = mail.Message{To: "mara@example.org", Subject: "s", Text: "t", Kind: mail.Code}
	text   = sms.Message{To: "+41790000001", Text: "482913", Kind: sms.Code}
)

func TestConfiguredMessagesLeave(t *testing.T) {
	t.Parallel()
	sink := mailtest.Start(t, mailtest.Options{User: "post", Password: "open"})
	var body string
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = r.Header.Get("X-Key") + string(b)
	}))
	defer gateway.Close()
	cfg, err := config.Load("", []string{
		"WAYPOST_MAIL__SMTP=" + sink.Addr, "WAYPOST_MAIL__FROM=Waypost <post@track.example>", "WAYPOST_MAIL__USER=post", "WAYPOST_MAIL__PASSWORD=open",
		"WAYPOST_SMS__PROVIDER=generic", "WAYPOST_SMS__GENERIC__URL=" + gateway.URL, "WAYPOST_SMS__GENERIC__HEADERS__X_KEY=k", `WAYPOST_SMS__GENERIC__BODY={"{to}":"{text}"}`,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSenders(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.mail.Send(t.Context(), letter), s.sms.Send(t.Context(), text)); err != nil {
		t.Fatal(err)
	}
	if len(sink.Mails()) != 1 || body != `k{"+41790000001":"482913"}` || s.outbox != nil {
		t.Errorf("%d mails, gateway got %q", len(sink.Mails()), body)
	}
}

func TestInADemoNothingLeaves(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Demo, cfg.Mail.SMTP, cfg.Mail.From = true, "127.0.0.1:1", "post@track.example"
	s, err := newSenders(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.mail.Send(t.Context(), letter), s.sms.Send(t.Context(), text)); err != nil {
		t.Fatal(err)
	}
	if sent := s.outbox.Messages(); len(sent) != 2 || sent[0].SMS == nil || sent[1].Mail == nil {
		t.Errorf("outbox %+v", sent)
	}
}

func TestWhatIsNotConfiguredSaysWhatToSet(t *testing.T) {
	t.Parallel()
	s, err := newSenders(config.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.mail.Send(t.Context(), letter); !strings.Contains(fault.Text(err), "mail.smtp") {
		t.Errorf("e-mail: %v", err)
	}
	if err := s.sms.Send(t.Context(), text); !strings.Contains(fault.Text(err), "sms.provider") {
		t.Errorf("text message: %v", err)
	}
}

func TestWhatCantBeUsedStopsTheStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Mail = config.Mail{SMTP: "localhost:25", From: "post@localhost"}
	if _, err := newSenders(cfg, nil); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Text(err), "mail.from") {
		t.Errorf("a sender without a domain: %v", err)
	}
	cfg.Mail = config.Mail{SMTP: "localhost:25", From: "post@track.example", DKIM: config.DKIM{Domain: "track.example", Selector: "way", KeyFile: file}}
	if _, err := newSenders(cfg, nil); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Text(err), file) {
		t.Errorf("got %v", err)
	}
}
