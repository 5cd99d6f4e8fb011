package config

import (
	"strings"
	"testing"
	"time"
)

func mailboxOf(more ...string) []string {
	return append([]string{
		"WAYPOST_MAILBOXES__HOME__SERVER=imap.example.org:993", "WAYPOST_MAILBOXES__HOME__USER=parcels",
		"WAYPOST_MAILBOXES__HOME__PASSWORD_FILE=secret", "WAYPOST_MAILBOXES__HOME__OWNER=default-1",
	}, more...)
}

func TestAMailboxHasWhatIsUsual(t *testing.T) {
	for _, tc := range []struct{ server, tls string }{
		{"imap.example.org:993", "implicit"},
		{"imap.example.org:143", "starttls"},
		{"localhost:143", "off"},
		{"127.0.0.1:1143", "off"},
		{"10.0.0.7:143", "starttls"},
	} {
		c, err := load(t, mailboxOf("WAYPOST_MAILBOXES__HOME__SERVER="+tc.server)...)
		if err != nil {
			t.Fatal(err)
		}
		if m := c.Mailboxes["home"]; m.TLS != tc.tls || m.Folder != "INBOX" || m.Every != 5*time.Minute || m.Done != "" {
			t.Errorf("%s: %+v, want %s, INBOX, every 5 minutes", tc.server, m, tc.tls)
		}
	}
}

func TestMistakesInMailboxesAreNamed(t *testing.T) {
	for _, tc := range []struct{ name, setting, want string }{
		{"no port", "SERVER=imap.example.org", "mailboxes.home.server:"},
		{"an unknown encryption", "TLS=ssl", "mailboxes.home.tls:"},
		{"readable over the network", "TLS=off", "mailboxes.home.tls:"},
		{"moved to where it was", "DONE=INBOX", "mailboxes.home.done:"},
		{"too often", "EVERY=5s", "mailboxes.home.every:"},
		{"no user", "USER=", "mailboxes.home.user:"},
	} {
		_, err := load(t, mailboxOf("WAYPOST_MAILBOXES__HOME__"+tc.setting)...)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
	if _, err := load(t, "WAYPOST_MAILBOXES__HOME__FOLDER=INBOX"); err == nil || strings.Count(err.Error(), "is missing") != 4 {
		t.Errorf("a folder only: got %v, want four settings that are missing", err)
	}
	for _, name := range []string{"a-b", "_a", "a__b", strings.Repeat("a", 33)} {
		if _, err := Load("", mailboxOf(), map[string]any{"mailboxes." + name + ".server": "imap.example.org:993"}); err == nil || !strings.Contains(err.Error(), "mailboxes."+name+": its name") {
			t.Errorf("a mailbox named %s: got %v", name, err)
		}
	}
}
