package inventory

import "time"

// A Retention is how long a field is kept. The job that deletes it and the words
// that tell of it are both made from this one value.
type Retention struct {
	Rule Rule
	For  time.Duration // how long after what the rule names; 0 where it ends with that
	Most time.Duration // how long the time before that is at most; 0 where nothing bounds it
	Idle time.Duration // the same when it isn't used
}

// A Rule names from when the time of a retention counts.
type Rule string

// Rules.
const (
	WithAccount Rule = "account"   // while the account exists
	WithTeam    Rule = "team"      // while the business account exists, and For after it was closed
	WithWork    Rule = "work"      // while somebody works for the installation
	UntilGone   Rule = "gone"      // until its owner deletes it, and For after that, or the account ends
	UntilErased Rule = "erased"    // until the owner's data is erased
	ForGood     Rule = "good"      // for good, as the proof of an erasure
	AfterMade   Rule = "made"      // For after it was made
	AfterEnd    Rule = "ended"     // For after it ended
	AfterUsed   Rule = "used"      // For after it was last used
	WhileUsed   Rule = "session"   // until signed out, Most at most and Idle when unused, and For after that
	UntilAnswer Rule = "answer"    // until it is answered, For at most
	UntilShown  Rule = "shown"     // until its owner shows that it is theirs, For at most
	AsGuardian  Rule = "guardian"  // while the account exists; For when nobody answers
	UntilSwept  Rule = "swept"     // For, and up to Most more until it is swept
	Unwanted    Rule = "unwanted"  // For after the last person stopped wanting to know
	Unwatched   Rule = "unwatched" // until nobody watches the parcel any more
	AfterClosed Rule = "closed"    // For after the matter was closed
	Silent      Rule = "silent"    // For after it last came
	WhileHeld   Rule = "held"      // while data has to stay for law, and For after that
)

// Rules are all of them.
var Rules = []Rule{
	WithAccount, WithTeam, WithWork, UntilGone, UntilErased, ForGood, AfterMade, AfterEnd, AfterUsed, WhileUsed,
	UntilAnswer, UntilShown, AsGuardian, UntilSwept, Unwanted, Unwatched, AfterClosed, Silent, WhileHeld,
}

// IsZero reports whether nothing is said: a row of nobody's that lives on.
func (r Retention) IsZero() bool { return r == Retention{} }

// Before is the time before which something has been kept as long as it may, by
// the time from which its rule counts.
func (r Retention) Before(now time.Time) time.Time { return now.Add(-r.For) }
