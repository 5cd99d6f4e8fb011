package recipient

import (
	"testing"

	"waypost/internal/inventory"
	"waypost/internal/locale"
)

func TestTheLetterCanBeWrittenToEveryServiceInEveryLanguage(t *testing.T) {
	all, err := locale.Load(words, "words")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range locale.Check(all) {
		t.Error(wrong)
	}
	r := &Recipients{words: all, o: Options{URL: "https://track.example", Name: func(To) string { return "X" }}}
	for _, w := range all {
		for _, party := range []inventory.Party{inventory.MailServer, inventory.TextService, inventory.SignIn, inventory.Receivers, inventory.Carriers} {
			r.o.Lang = w.Lang
			if !w.Has("erased.known." + string(party)) {
				t.Errorf("%s: no words for %s", w.Lang, party)
			}
			if _, err := r.letter("eu-1", To{Party: party}, content{Names: []string{"x"}, Secret: "y"}).Message("privacy@x.example", mailKind); err != nil {
				t.Errorf("%s to %s: %v", w.Lang, party, err)
			}
		}
	}
}
