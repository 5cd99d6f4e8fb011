package app

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/watch"
)

// startIMAP runs a real IMAP server on this machine, with one mail in its INBOX.
func startIMAP(t *testing.T, user, password, mail string) (addr string, inbox *imapmemserver.User) {
	t.Helper()
	inbox = imapmemserver.NewUser(user, password)
	if err := inbox.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := inbox.Append("INBOX", mailSource{strings.NewReader(mail)}, &imap.AppendOptions{Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	accounts := imapmemserver.New()
	accounts.AddUser(inbox)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return accounts.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelInfo),
	})
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String(), inbox
}

type mailSource struct{ *strings.Reader }

func (s mailSource) Size() int64 { return int64(s.Len()) }

func TestAMailboxesParcelsAreItsOwners(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		const number = "1Z4A7B2C0364182055"
		addr, inbox := startIMAP(t, "parcels", "open sesame",
			"From: UPS <pkginfo@ups.com>\r\nSubject: Your parcel\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\n\r\nNumber "+number+" is out.\r\n")
		secret := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(secret, []byte("open sesame\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := settings(t, map[string]any{"database.parcels": address})
		first, err := newServer(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		mara := newMember(t, first, "mara@example.org").Account
		first.close()

		cfg.Mailboxes = map[string]config.Mailbox{"home": {
			Server: addr, TLS: "off", User: "parcels", PasswordFile: secret, Folder: "INBOX", Owner: string(mara), Every: time.Minute,
		}}
		s, err := newServer(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		deliver(t, s)
		saved := soon(t, "the parcel of the mail", func() (watch.Watch, bool) {
			list, err := s.watches.Stores()[0].List(t.Context(), mara.Subject(), watch.Query{})
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Watches) == 0 {
				return watch.Watch{}, false
			}
			return list.Watches[0], true
		})
		if saved.Number != number || saved.Source != watch.ByMail {
			t.Errorf("saved %+v, want %s by mail", saved, number)
		}
		soon(t, "the mail marked as read", func() (bool, bool) {
			is, err := inbox.Status("INBOX", &imap.StatusOptions{NumUnseen: true})
			if err != nil {
				t.Fatal(err)
			}
			return true, *is.NumUnseen == 0
		})
	})
}

func TestAMailboxOfNobodyStopsTheStart(t *testing.T) {
	t.Parallel()
	cfg := settings(t, map[string]any{})
	cfg.Mailboxes = map[string]config.Mailbox{"home": {Server: "127.0.0.1:1", TLS: "off", Owner: "mars-1", Every: time.Minute}}
	if _, err := newServer(t.Context(), cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(fault.Text(err), "mailboxes.home.owner") {
		t.Errorf("got %v, want the setting that is wrong", err)
	}
}
