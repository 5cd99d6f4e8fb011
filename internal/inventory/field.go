package inventory

import (
	"slices"
	"strings"
)

// A Field is the declaration of one column. Of what is nobody's only Table,
// Column, What and Whose are said, and Retention where it ends.
type Field struct {
	Table, Column string
	What          string // what it is, in a few words
	Whose         Whose
	Kind          Kind
	Purpose       Purpose
	Basis         Basis
	Source        Source
	Retention     Retention
	Region        Region
	Protection    Protection
	Stays         bool    // when its owner's data is erased: law wants it kept, and it points to nobody any more
	Sensitive     bool    // stands out where the policy names it
	Recipients    []Party // who can get it outside; none: nobody
}

// Bare reports whether it is a random name, a time or a count, which says
// nothing by itself.
func (f Field) Bare() bool { return f.Protection == Plain || f.Protection == ID }

// Instant reports whether it holds a time, in Unix milliseconds. All columns whose
// names end so do, but one: it holds how long something took.
func (f Field) Instant() bool { return strings.HasSuffix(f.Column, "_ms") && f.Column != "took_ms" }

// deadlines are columns of times that lie ahead, or bound what is to be done.
var deadlines = []string{
	"applies_ms", "code_ms", "deadline_ms", "due_ms", "ends_ms", "eta_ms", "floor_at_ms", "gag_until_ms", "late_ms", "lease_ms", "open_ms", "page_ms", "resend_ms",
	"review_ms", "sent_ms", "stale_ms", "token_ms", "until_ms", "wait_ms", "wanted_ms", "window_ms",
}

// Happened reports whether it holds a time at which something was done: no end
// that is still to come.
func (f Field) Happened() bool { return f.Instant() && !slices.Contains(deadlines, f.Column) }

// A Table is columns that have the rest of their declaration in common. Each is
// its name and what it is, by its protection; of what is nobody's all are Plain.
type Table struct {
	Field
	Plain, IDs, Codes, Ours, Hashed, Sealed [][2]string
}

// Fields are the declarations of the columns.
func (t Table) Fields() []Field {
	var all []Field
	for _, group := range []struct {
		protection Protection
		columns    [][2]string
	}{{ID, t.IDs}, {Code, t.Codes}, {Plain, t.Plain}, {Ours, t.Ours}, {Hashed, t.Hashed}, {Sealed, t.Sealed}} {
		for _, c := range group.columns {
			f := t.Field
			f.Column, f.What, f.Protection = c[0], c[1], group.protection
			all = append(all, f)
		}
	}
	return all
}

// A Whose says whose data a field holds.
type Whose string

// Whose a field can be.
const (
	Nobody    Whose = "nobody"    // about no person: a parcel's, a carrier's, the program's own
	Visitor   Whose = "visitor"   // somebody who looks at pages, with or without an account
	Member    Whose = "member"    // somebody with an account
	Recipient Whose = "recipient" // somebody whom a member or merchant names: a buyer, a receiver
	Staff     Whose = "staff"     // somebody who works for the installation
	Business  Whose = "business"  // a company's, as far as it says nothing of a person
)

// A Kind is a kind of data, as the policy lists them.
type Kind string

// Kinds of data.
const (
	Profile   Kind = "profile"   // what a member is called, and where they live
	Contacts  Kind = "contacts"  // e-mail address, phone number
	WaysIn    Kind = "ways_in"   // passwords, passkeys, authenticator apps
	Linked    Kind = "linked"    // accounts at services that one can sign in with
	Devices   Kind = "devices"   // where somebody is signed in
	Begun     Kind = "begun"     // what somebody began on a page and hasn't finished
	Counts    Kind = "counts"    // how often something was tried
	Changes   Kind = "changes"   // what of an account was changed
	Consents  Kind = "consents"  // what was agreed to and taken back
	Age       Kind = "age"       // age range and guardian
	Teams     Kind = "teams"     // business accounts and who belongs to them
	Clerks    Kind = "clerks"    // those who work for the installation
	Looks     Kind = "looks"     // who of them looked at whose data
	Holds     Kind = "holds"     // what has to stay for law, and why
	Parcels   Kind = "parcels"   // which parcels somebody keeps, and what they say of them
	Alerts    Kind = "alerts"    // which news somebody wants, and got
	Programs  Kind = "programs"  // the keys that somebody's programs call with, and what these drew
	Incidents Kind = "incidents" // which incidents concerned somebody, and how they were told
	Lawful    Kind = "lawful"    // what authorities asked for, and got
	Requests  Kind = "requests"  // what people asked about their data, and what they were answered
	Erasures  Kind = "erasures"  // which services were told of erasures
	Keys      Kind = "keys"      // what the rest is encrypted with
)

// A Purpose is what a field is held for.
type Purpose string

// Purposes.
const (
	ForAccount  Purpose = "account"  // to run the account that somebody asked for
	ForEntry    Purpose = "entry"    // to let its owner in and nobody else
	ForTracking Purpose = "tracking" // to keep somebody's parcels in view
	ForMessages Purpose = "messages" // to tell somebody what they want to know
	ForPrograms Purpose = "programs" // to let somebody's own programs in, as far as they may
	ForTeams    Purpose = "teams"    // to let several people work on the same parcels
	ForSafety   Purpose = "safety"   // to keep abuse away from everybody
	ForLaw      Purpose = "law"      // to do what law asks, and to be able to show it
	ForErasure  Purpose = "erasure"  // to encrypt, and to erase for good
)

// A Basis is the lawful ground for holding a person's field.
type Basis string

// The grounds. NoBasis is for what is nobody's.
const (
	NoBasis    Basis = ""
	Contract   Basis = "contract"
	Consent    Basis = "consent"
	Law        Basis = "law"
	Legitimate Basis = "legitimate_interest"
)

// A Source is where a person's field comes from.
type Source string

// Sources.
const (
	Given  Source = "given"    // the person gives it
	Use    Source = "use"      // it comes about by using the site
	Linker Source = "provider" // a service that the person signs in with
	Other  Source = "other"    // another member or one of the staff gives it
	Own    Source = "own"      // the program makes it: ids, times, keys
)

// A Region says in which regions' databases a person's field lies.
type Region string

// Region rules.
const (
	Home   Region = "home"   // in that of the person's country alone
	First  Region = "first"  // in the installation's first one: it isn't known yet whose it is
	Theirs Region = "theirs" // in that of the business account's founder
)

// A Protection is how a column is kept from being read.
type Protection string

// Protections. Numbers, times, and yes or no may be Plain. A text of a person's
// is one of the others.
const (
	Plain  Protection = "plain"  // in the clear
	ID     Protection = "id"     // in the clear: a random name, or that of a row elsewhere
	Code   Protection = "code"   // in the clear: a word of a closed set, or several
	Ours   Protection = "ours"   // in the clear: words of the program's own, the same for everybody
	Sealed Protection = "sealed" // encrypted with the key of whose it is
	Hashed Protection = "hashed" // a hash, keyed or slow, that nothing can be read from
)

// A Party is somebody outside who can get fields.
type Party string

// Parties.
const (
	MailServer  Party = "mail"      // hands on e-mail
	TextService Party = "sms"       // hands on text messages
	Receivers   Party = "receivers" // programs of the member's own, at addresses that they named
	SignIn      Party = "provider"  // a service that the member signs in with
	Carriers    Party = "carriers"  // are asked about a parcel, and told what they demand besides its number
)
