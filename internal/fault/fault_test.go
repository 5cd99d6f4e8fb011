package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

var errGone = New(NotFound, "thing_not_found", "There is no thing %q.")

func TestAnErrorKeepsItsIdentityThroughWrapping(t *testing.T) {
	err := fmt.Errorf("get thing: %w", errGone.With("x").Because(io.EOF))
	for _, tc := range []struct {
		what string
		ok   bool
	}{
		{"it is the declared one", errors.Is(err, errGone)},
		{"its cause is found", errors.Is(err, io.EOF)},
		{"its kind is found", KindOf(err) == NotFound},
		{"its words are found", Text(err) == `There is no thing "x".`},
		{"it is no other one", !errors.Is(err, New(NotFound, "other", ""))},
		{"the declared one is untouched", errGone.Text == "There is no thing %q." && errGone.Unwrap() == nil},
	} {
		if !tc.ok {
			t.Errorf("not so: %s (%v)", tc.what, err)
		}
	}
}

func TestAnUnclassifiedErrorGivesNothingAway(t *testing.T) {
	err := errors.New("dial tcp 10.0.0.7: refused")
	if KindOf(err) != Internal {
		t.Errorf("kind %v, want Internal", KindOf(err))
	}
	if got := Text(err); got != "Something went wrong on our side. Please try again." {
		t.Errorf("Text = %q", got)
	}
}
