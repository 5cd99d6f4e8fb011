package recipient

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"waypost/internal/db"
	"waypost/internal/locale"
	"waypost/internal/mail"
)

const mailKind = mail.Notice

// letter is what a service is written.
func (r *Recipients) letter(id string, to To, c content) mail.Letter {
	w := locale.Choose(r.words, r.o.Lang)
	site := r.o.URL
	if u, err := url.Parse(r.o.URL); err == nil && u.Host != "" {
		site = u.Host
	}
	return mail.Letter{
		Lang: w.Lang, Dir: w.Dir, Title: w.Say("erased.title", "site", site),
		Paragraphs: []string{
			w.Say("erased.lead", "site", site, "who", r.Called(to, w.Lang)),
			w.Say("erased.known."+string(to.Party), "site", site),
			strings.Join(c.Names, ", "),
			w.Say("erased.please"),
		},
		Button: mail.Button{Text: w.Say("erased.confirm"), URL: r.o.URL + "/told/" + id + "/" + c.Secret},
		Small:  []string{w.Say("erased.number", "id", id), w.Say("erased.law")},
	}
}

// Waits fails with ErrOver unless there is a notice of that id that is open. It opens
// nothing that is sealed.
func (s *Store) Waits(ctx context.Context, id string) error {
	n := 0
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM erasure_notice WHERE id = $1 AND region = $2 AND confirmed_ms = 0 AND subject = ''`, id, s.Name).Scan(&n)
	})
	if err != nil {
		return fmt.Errorf("notice %s: %w", id, err)
	}
	if n == 0 {
		return ErrOver
	}
	return nil
}

// Letter is the letter of an open notice, for the staff to send it by another way;
// ErrOver when there is none.
func (s *Store) Letter(ctx context.Context, id string) (mail.Letter, error) {
	c, to, _, err := s.read(ctx, id)
	if err != nil {
		return mail.Letter{}, err
	}
	return s.all.letter(id, to, c), nil
}
