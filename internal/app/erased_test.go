package app

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/copies"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/message"
	"waypost/internal/once"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/request"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// secrets are what somebody who uses everything writes, none of which may stand
// anywhere as it is.
var secrets = []string{
	"mia.heron@mail.example", "mia.awaited@mail.example", "A kettle for grandmother", "Left of the green door", "Heronry order 77",
	"Lina Reed, 4 Heron Quay", "lina.reed@mail.example", "Heronry shop key", "Heronry endpoint", "Heronry & daughters", "eleven grey lighthouses",
	"Heronry view", "Heronry import", "A dispute about a heron", "Which herons do you hold?",
}

const anIncidents = "of an incident: of those alone whom one concerned"

const anAuthoritys = "of an authority's request: it is sealed with a key of its own, and stays for law"

// unused are the tables of people's of which a grown member who uses everything
// has no row in their account.
var unused = map[string]string{
	"guardian": "a child's", "invitation": "a business account's, sealed with its key", "handover": "a business account's",
	"staff": "of those who work here", "staff_session": "of those who work here", "staff_role": "of those who work here", "training": "of those who work here", "team": "a business account's, sealed with its key",
	"rate": "nobody can tell whose", "tally": "nobody can tell whose", "flow": "sealed with the key of its day",
	"webhook_attempt": "of a delivery that was tried again; its place is webhook_delivery's",
	"erasure":         "there while somebody is erased", "erasure_notice": "there from then on, sealed with a key of its own until a service confirmed",
	"closing_told": "of a business that ends or is handed over", "closing_choice": "of a business that ends or is handed over",
	"incident_person": anIncidents, "incident_try": anIncidents, "incident_hand": "of those who work here",
	"lawful_words": anAuthoritys, "lawful_subject": anAuthoritys, "lawful_step": anAuthoritys, "lawful_file": anAuthoritys,
}

// empty are sealed fields of such rows in which nothing stands.
var empty = map[string]string{
	"request.request.contact":         "of who has no account",
	"request.request_event.text":      "nobody has answered yet",
	"webhook.webhook_delivery.answer": "nobody answered: the endpoint keeps what it is told to be looked at",
}

// heron is a member who uses everything there is.
func heron(t *testing.T, s *server) person {
	t.Helper()
	ctx := t.Context()
	g := &gate{t: t, s: s, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	p := newMember(t, s, secrets[0])
	who, store := p.Account.Subject(), g.store(p)
	done := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	done(store.SetPassword(ctx, p.Session, secrets[10], somewhere()))
	elsewhere := somewhere()
	elsewhere.Agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	flow := must(s.people.members.SendCode(ctx, g.main(p), somewhere()))(t)
	must(s.people.members.Enter(ctx, flow, codeOf(t, s, flow), elsewhere))(t)
	company := secrets[9]
	done(store.Edit(ctx, p.Account, account.Edit{Company: &company}))
	var picture bytes.Buffer
	done(png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 9, 9))))
	done(store.SetPicture(ctx, p.Account, &picture))
	app := must(store.AddApp(ctx, p.Session))(t)
	done(store.ConfirmApp(ctx, p.Session, appCode(t, app.Secret), somewhere()))
	must(store.MakeRecoveryCodes(ctx, p.Session, somewhere()))(t)
	g.passkey(p)
	done(store.AwaitContact(ctx, p.Session, account.Contact{Kind: account.Mail, Value: secrets[1]}, somewhere()))
	code := s.people.members.Offers()[0].Provider
	address, begun, err := s.people.members.BeginLink(ctx, p.Session, code, somewhere())
	done(err)
	done(s.people.members.Link(ctx, p.Session, g.returned(code, address, begun, "sim-2"), account.Terms{Version: "1", Wording: "I agree.", How: "test"}, somewhere()))
	must(s.people.members.Teams().New(ctx, p.Session, secrets[9]))(t)
	staff := s.people.members.Staff()
	must(staff.Find(ctx, account.Console(), string(p.Account), account.Why{Matter: account.ForTicket, Ref: "T-1"}))(t)
	clerk := must(staff.Session(ctx, g.clerk(account.Support)))(t)
	call := must(staff.Find(ctx, clerk, string(p.Account), account.Why{Matter: account.ForCall, Ref: "T-2"}))(t)
	done(staff.SendCall(ctx, clerk, call.Look))
	must(store.CallCode(ctx, p.Account))(t)

	watches := must(s.watches.Of(who))(t)
	saved := must(watches.Save(ctx, who,
		watch.New{Number: "1Z4A7B2C0364182055", Words: watch.Words{Name: secrets[2], Note: secrets[3], Tags: []string{"heronry"}, Order: secrets[4]}},
		watch.New{Number: "RR409172635CA"}))(t)
	must(watches.SaveView(ctx, who, watch.View{Name: secrets[11], Query: watch.Query{Text: "heron"}}))(t)
	must(watches.Import(ctx, who, watch.File{Content: []byte("number,name\n620114829377105846120395," + secrets[12] + "\n")}))(t)
	must(watches.Apply(ctx, who, watch.Change{Do: watch.Archive}, saved[1].ID))(t)
	must(watches.Register(ctx, who, watch.Registering{Number: "1Z4A7B2C0364182055", Details: watch.Details{
		Tag: "shop-1", Email: secrets[6], Remark: secrets[5],
	}}))(t)

	quotas := must(s.people.quotas.Of(who))(t)
	made := must(quotas.Make(ctx, who, quota.Settings{Name: secrets[7], Scopes: quota.Scopes}, true))(t)
	must(quotas.Rotate(ctx, who, made.ID, time.Hour))(t)
	done(quotas.SetPlan(ctx, who, quota.Plan{Total: 1000, Monthly: true, Daily: 50}))
	done(s.people.regions[0].DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := quotas.Draw(ctx, tx, who, []quota.Line{{ID: "a", Matter: quota.Registration}})
		return err
	}))
	_, _, err = s.requests.Do(ctx, p.Account.Region(), once.Request{Owner: who, Name: "heronry", Asked: "once"},
		func(once.Answer) bool { return true }, func() (once.Answer, error) { return once.Answer{Status: 200, Body: []byte(secrets[5])}, nil })
	done(err)
	hooks := must(s.hooks.Of(who))(t)
	endpoint := must(hooks.Create(ctx, who, webhook.Settings{Name: secrets[8], Inspect: true}))(t)
	must(hooks.Try(ctx, who, endpoint.ID))(t)

	found := must(s.store.Find(ctx, parcel.Key{Number: "1Z4A7B2C0364182055"}))(t)
	changed := parcel.Changed{Parcel: found[0].ID, Revision: found[0].Revision + 2, From: status.InTransitOther, To: status.OutForDeliveryOther}
	done(s.messages.ParcelChanged(ctx, changed))
	done(s.messages.AlertsDue(ctx, message.AlertsDue{Owner: who}))
	done(must(s.messages.Of(p.Account))(t).Change(ctx, who, func(*message.Settings) {}))

	id := must(s.people.holds.Set(ctx, "", hold.Hold{Of: who, Ground: hold.Claim, Ref: "C-1", Reason: secrets[13], Review: time.Now().Add(time.Hour)}))(t)
	done(s.people.holds.Lift(ctx, "", id, secrets[13]))
	must(s.dataRequests.Raise(ctx, p.Account, request.Wish{Kind: request.Access, Lang: "en", Text: secrets[14]}))(t)
	kept := must(s.copies.Of(who))(t)
	done(kept.Ask(ctx, who, "en"))
	var asked copies.Asked
	done(s.people.regions[0].DB.Read(ctx, func(tx *db.Tx) error {
		asked.Owner = who
		return tx.QueryRowContext(ctx, `SELECT id FROM copy_asked WHERE owner = $1`, string(who)).Scan(&asked.ID)
	}))
	done(s.copyAsked(ctx, asked))
	return p
}

// A scanner runs tools/scan, which shares no code with the program.
type scanner struct {
	t         *testing.T
	program   string
	inventory string
	folder    string
}

func newScanner(t *testing.T) scanner {
	t.Helper()
	s := scanner{t: t, folder: t.TempDir()}
	s.program, s.inventory = filepath.Join(s.folder, "scan"), filepath.Join(s.folder, "inventory.json")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.program, "../../tools/scan").CombinedOutput()
	if err != nil {
		t.Fatalf("build tools/scan: %v\n%s", err, built)
	}
	code, out, errs := run(t, "", "admin", "inventory", "--json")
	if code != exitOK {
		t.Fatal(errs)
	}
	s.write("inventory.json", out)
	return s
}

func (s scanner) write(name, text string) string {
	s.t.Helper()
	file := filepath.Join(s.folder, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

// scan runs it, and returns what it ended with: 0, or 3 when it found something, or
// nothing where something was to be read.
func (s scanner) scan(into any, args ...string) int {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.program, args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() == 1) {
		s.t.Fatalf("scan %s: %v %s", strings.Join(args, " "), err, &said)
	}
	if err := json.Unmarshal(out, into); err != nil {
		s.t.Fatalf("scan %s prints %s: %v", args[0], out, err)
	}
	return cmd.ProcessState.ExitCode()
}

// A stood is where a word was found.
type stood struct{ Where, Word, How string }

func (s scanner) finds(words string, where ...string) (all []stood) {
	s.t.Helper()
	s.scan(&all, append([]string{"finds", "--words", words}, where...)...)
	return all
}

// reads are how many values of each field open.
func (s scanner) reads(who inventory.Subject, args ...string) map[string]int {
	s.t.Helper()
	var got struct {
		Fields []struct {
			Field  string
			Opened int
		}
	}
	s.scan(&got, append([]string{"reads", "--inventory", s.inventory, "--subject", string(who)}, args...)...)
	all := map[string]int{}
	for _, f := range got.Fields {
		all[f.Field] += f.Opened
	}
	return all
}

// hashes are the look-up hashes of everybody whose a row says in a column, as
// lines for the scan: those that a member is found by, and what checks their ways in.
func hashes(t *testing.T, s *server, who inventory.Subject) string {
	t.Helper()
	var lines []string
	err := s.people.regions[0].DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, r := range s.rooms() {
			fields := r.Fields()
			for _, f := range fields {
				owner := slices.IndexFunc(fields, func(o inventory.Field) bool {
					return o.Table == f.Table && (o.Column == "owner" || o.Column == "account_id")
				})
				if f.Protection != inventory.Hashed || owner < 0 || f.Table == "flow" {
					continue
				}
				cells, err := db.Rows(t.Context(), tx, func(row *sql.Rows) (cell []byte, err error) { return cell, row.Scan(&cell) },
					`SELECT `+f.Column+` FROM `+f.Table+` WHERE `+fields[owner].Column+` = $1`, string(who))
				if err != nil {
					return fmt.Errorf("%s.%s: %w", f.Table, f.Column, err)
				}
				for _, c := range cells {
					if len(c) >= 16 {
						lines = append(lines, "hex:"+hex.EncodeToString(c))
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n") + "\n"
}

// Delete a member who used everything: before, a program that shares nothing with
// this one reads every field of theirs by the keys, and finds none of what they
// wrote as it is anywhere; afterwards it reads none, whatever it is given, and their
// look-up hashes are gone from what is live and from what is restored.
func TestNothingOfAnErasedMemberCanBeRead(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		ctx := t.Context()
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close() //nolint:errcheck // it is read by its name
		cfg := settings(t, map[string]any{"demo": true, "url": "http://localhost", "database.parcels": address})
		running, stop := context.WithCancel(context.Background())
		defer stop()
		s, err := newServer(running, cfg, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		if err != nil {
			t.Fatal(err)
		}
		beside(t, s)
		var work sync.WaitGroup
		for _, queue := range s.people.queues {
			work.Go(func() {
				if err := queue.Run(running); err != nil {
					t.Error(err)
				}
			})
		}
		p := heron(t, s)
		who, region := p.Account.Subject(), s.people.regions[0]
		scan := newScanner(t)
		words, hashed := scan.write("words", strings.Join(secrets, "\n")+"\n"), scan.write("hashes", hashes(t, s, who))

		backup := filepath.Join(t.TempDir(), "backup")
		if code, _, errs := run(t, "", "admin", "backup", backup); code != exitOK {
			t.Fatal(errs)
		}
		copied := "sqlite:" + filepath.Join(backup, "parcels.sqlite")
		live := []string{s.cfg.Data, log.Name()}
		if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
			live = append(live, filepath.Dir(file))
		} else {
			live, copied = append(live, address), "dump:"+filepath.Join(backup, "parcels.postgres")
		}
		keys := []string{"--keys", cfg.Keys["default"].File, "--store", string(cfg.Keys["default"].Store)}

		held := must(s.rights.Held(ctx, who))(t)
		said := map[string]bool{}
		for _, from := range []string{address, copied} {
			got := scan.reads(who, append(keys, "--data", from)...)
			for _, r := range s.rooms() {
				for _, f := range r.Fields() {
					if f.Whose == inventory.Nobody || unused[f.Table] != "" {
						continue
					}
					place := r.name + "." + f.Table + "." + f.Column
					if len(held.Rooms[r.name][f.Table]) == 0 {
						if said[f.Table] {
							continue
						}
						said[f.Table] = true
						t.Errorf("who uses everything has no row in %s: have heron use it, or say in unused why not", f.Table)
					} else if f.Protection == inventory.Sealed && got[place] == 0 && empty[place] == "" {
						t.Errorf("%s isn't read in %s, though the keys are there", place, from)
					}
				}
			}
		}
		if stood := scan.finds(words, append(live, backup, copied)...); len(stood) > 0 {
			t.Errorf("what she wrote stands as it is: %+v", stood)
		}
		if stood := scan.finds(hashed, copied); len(stood) == 0 {
			t.Error("her hashes aren't found where they are")
		}
		var overdue []any
		scan.scan(&overdue, "old", "--inventory", scan.inventory, "--data", address, "--data", copied)
		if len(overdue) > 0 {
			t.Errorf("older than it may be: %v", overdue)
		}

		must(s.people.members.Stores()[0].Leave(ctx, p.Session, "", somewhere()))(t)
		if _, err := region.DB.Exec(ctx, `UPDATE account SET state_ms = $1 WHERE id = $2`, time.Now().AddDate(0, 0, -10).UnixMilli(), string(p.Account)); err != nil {
			t.Fatal(err)
		}
		if err := s.eraseLeaving(ctx, s.people.members.Stores()[0]); err != nil {
			t.Fatal(err)
		}
		soon(t, "a moment in which nobody reads", func() (bool, bool) {
			err := region.DB.Scrub(ctx)
			return true, fault.KindOf(err) != fault.Unavailable
		})
		if at := must(region.Vault.Destroyed(ctx, who))(t); at.IsZero() {
			t.Error("her key is still there")
		}
		if got := scan.reads(who, append(keys, "--data", address, "--data", copied)...); len(got) > 0 {
			t.Errorf("after the erasure %v are read", got)
		}
		if stood := scan.finds(hashed, live...); len(stood) > 0 {
			t.Errorf("after the erasure her hashes stand in %+v", stood)
		}
		stop()
		work.Wait()
		s.close()

		lost(t, address)
		if code, out, errs := run(t, "", "admin", "restore", backup); code != exitOK {
			t.Fatal(out, errs)
		}
		if stood := scan.finds(hashed, live...); len(stood) > 0 {
			t.Errorf("after a restore her hashes stand in %+v", stood)
		}
		if got := scan.reads(who, append(keys, "--data", address)...); len(got) > 0 {
			t.Errorf("after a restore %v are read", got)
		}
	})
}
