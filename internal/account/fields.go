package account

import (
	"time"

	"waypost/internal/inventory"
)

const day = 24 * time.Hour

// How long things are kept.
var (
	accountsEnd     = inventory.Retention{Rule: inventory.WithAccount}
	flowsEnd        = inventory.Retention{Rule: inventory.AfterMade, For: flowLife}
	sessionsEnd     = inventory.Retention{Rule: inventory.WhileUsed, For: sessionKept, Most: sessionLife, Idle: sessionIdle}
	awaitedEnd      = inventory.Retention{Rule: inventory.UntilShown, For: awaitedKept}
	ratesEnd        = inventory.Retention{Rule: inventory.AfterMade, For: day}
	noticesEnd      = inventory.Retention{Rule: inventory.AfterMade, For: 365 * day}
	guardiansEnd    = inventory.Retention{Rule: inventory.AsGuardian, For: guardianFor}
	teamsEnd        = inventory.Retention{Rule: inventory.WithTeam, For: teamKept}
	invitationsEnd  = inventory.Retention{Rule: inventory.UntilAnswer, For: 30 * day}
	handoversEnd    = inventory.Retention{Rule: inventory.UntilAnswer, For: handoverFor}
	staffEnd        = inventory.Retention{Rule: inventory.WithWork}
	staffDevicesEnd = inventory.Retention{Rule: inventory.AfterMade, For: staffLife}
	looksEnd        = inventory.Retention{Rule: inventory.AfterMade, For: 2 * lookFor}
	logsEnd         = inventory.Retention{Rule: inventory.AfterMade, For: 365 * day}
)

// Who is given an address to send something there.
var (
	posted = []inventory.Party{inventory.MailServer, inventory.TextService}
	mailed = []inventory.Party{inventory.MailServer}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, t := range tables {
		fields = append(fields, t.Fields()...)
	}
	for i, f := range fields {
		switch f.Table + "." + f.Column {
		case "account.age_range":
			fields[i].Kind, fields[i].Purpose, fields[i].Basis = inventory.Age, inventory.ForLaw, inventory.Law
			fallthrough
		case "guardian.contact", "guardian.detail":
			fields[i].Sensitive = true
		}
	}
	return fields
}

var tables = []inventory.Table{
	{
		Field: inventory.Field{Table: "announcement", Whose: inventory.Nobody},
		Plain: [][2]string{
			{"region", "whose members are told"},
			{"version", "the version of the privacy policy that they are told of"},
			{"applies_ms", "from when on it applies"},
			{"reached", "how far that got, by ids"},
		},
	},
	{
		Field: inventory.Field{
			Table: "account", Whose: inventory.Member, Kind: inventory.Profile, Purpose: inventory.ForAccount,
			Basis: inventory.Contract, Source: inventory.Given, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the account, and the region it lives in"},
			{"handle", "finds the account at sign-in by passkey; random"},
		},
		Codes: [][2]string{
			{"state", "whether the account can be used"},
			{"age", "nothing any more: the age range is encrypted"},
		},
		Plain: [][2]string{
			{"state_ms", "since when"},
			{"created_ms", "when the account was made"},
			{"restricted_ms", "since when the member has their data restricted"},
		},
		Sealed: [][2]string{
			{"age_range", "the age range that was declared, because the law protects children"},
			{"nickname", "what the member is called"},
			{"country", "the country or region, which decides where the data lives and what law holds"},
			{"language", "the language of messages"},
			{"company", "the company, when the member gives one"},
			{"picture", "the picture, when the member gives one"},
		},
	},
	{
		Field: inventory.Field{
			Table: "contact", Whose: inventory.Member, Kind: inventory.Contacts, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Given, Retention: accountsEnd, Region: inventory.Home,
			Recipients: posted,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"kind", "e-mail or phone"},
		},
		Plain: [][2]string{
			{"verified_ms", "when the member showed that the address is theirs"},
			{"main", "where messages go"},
		},
		Hashed: [][2]string{
			{"lookup", "finds the account at sign-in without holding the address in the clear"},
		},
		Sealed: [][2]string{
			{"value", "the e-mail address or phone number: signing in, codes and messages"},
		},
	},
	{
		Field: inventory.Field{
			Table: "awaited", Whose: inventory.Member, Kind: inventory.Contacts, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Given, Retention: awaitedEnd, Region: inventory.Home,
			Recipients: posted,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"kind", "e-mail or phone"},
		},
		Plain: [][2]string{
			{"asked_ms", "since when it is waited, so that the address before can object"},
		},
		Sealed: [][2]string{
			{"value", "the e-mail address or phone number that the account is to have"},
		},
	},
	{
		Field: inventory.Field{
			Table: "password", Whose: inventory.Member, Kind: inventory.WaysIn, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Given, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Plain: [][2]string{
			{"set_ms", "when the password was set"},
		},
		Hashed: [][2]string{
			{"phc", "checks the password; it can't be computed back"},
		},
	},
	{
		Field: inventory.Field{
			Table: "passkey", Whose: inventory.Member, Kind: inventory.WaysIn, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Given, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the passkey"},
			{"account_id", "the account"},
		},
		Plain: [][2]string{
			{"backed_up", "whether the passkey is kept by its maker's cloud"},
			{"created_ms", "when it was added"},
			{"used_ms", "when it was last used"},
		},
		Hashed: [][2]string{
			{"lookup", "finds the account at sign-in"},
		},
		Sealed: [][2]string{
			{"credential", "checks the passkey's signature"},
			{"name", "what the member calls it"},
		},
	},
	{
		Field: inventory.Field{
			Table: "totp", Whose: inventory.Member, Kind: inventory.WaysIn, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Own, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Plain: [][2]string{
			{"step", "keeps a code from being used twice"},
			{"created_ms", "when the authenticator app was added"},
			{"confirmed_ms", "when it was shown to work"},
		},
		Sealed: [][2]string{
			{"secret", "checks the authenticator app's codes"},
		},
	},
	{
		Field: inventory.Field{
			Table: "recovery_code", Whose: inventory.Member, Kind: inventory.WaysIn, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Own, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Plain: [][2]string{
			{"created_ms", "when it was made"},
			{"used_ms", "when it was used"},
		},
		Hashed: [][2]string{
			{"hash", "checks a recovery code"},
		},
	},
	{
		Field: inventory.Field{
			Table: "link", Whose: inventory.Member, Kind: inventory.Linked, Purpose: inventory.ForEntry,
			Basis: inventory.Consent, Source: inventory.Linker, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"provider", "the sign-in provider"},
		},
		Plain: [][2]string{
			{"created_ms", "when it was linked"},
			{"used_ms", "when it was last used"},
		},
		Sealed: [][2]string{
			{"nickname", "the nickname that the provider gave, so that the member knows which account it is"},
		},
	},
	{
		Field: inventory.Field{
			Table: "link", Whose: inventory.Member, Kind: inventory.Linked, Purpose: inventory.ForErasure,
			Basis: inventory.Law, Source: inventory.Linker, Retention: accountsEnd, Region: inventory.Home, Recipients: []inventory.Party{inventory.SignIn},
		},
		Sealed: [][2]string{
			{"person", "the member's id at the provider, and the token that takes back what they allowed there: the provider is told by them when the account is erased"},
		},
	},
	{
		Field: inventory.Field{
			Table: "link_key", Whose: inventory.Member, Kind: inventory.Linked, Purpose: inventory.ForEntry,
			Basis: inventory.Consent, Source: inventory.Linker, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"provider", "the sign-in provider"},
		},
		Hashed: [][2]string{
			{"lookup", "finds the account at sign-in; a keyed hash of the member's id at the provider"},
		},
	},
	{
		Field: inventory.Field{
			Table: "session", Whose: inventory.Member, Kind: inventory.Devices, Purpose: inventory.ForEntry,
			Basis: inventory.Legitimate, Source: inventory.Use, Retention: sessionsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the device in the list of devices"},
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"shown", "how the member signed in"},
		},
		Plain: [][2]string{
			{"proved_ms", "when the member last showed who they are"},
			{"created_ms", "when the device was signed in"},
			{"seen_ms", "the day it was last used"},
			{"ends_ms", "when it is signed out"},
			{"revoked_ms", "when it was signed out"},
		},
		Hashed: [][2]string{
			{"token", "recognises the browser"},
			{"device", "tells a device that was here before from a new one"},
		},
		Sealed: [][2]string{
			{"label", "the browser and system, so that the member knows their devices"},
		},
	},
	{
		Field: inventory.Field{
			Table: "flow", Whose: inventory.Visitor, Kind: inventory.Begun, Purpose: inventory.ForEntry,
			Basis: inventory.Contract, Source: inventory.Given, Retention: flowsEnd, Region: inventory.First,
		},
		IDs: [][2]string{
			{"id", "names what was begun"},
			{"account_id", "the account"},
			{"session_id", "the device"},
		},
		Codes: [][2]string{
			{"day", "the day it was begun, whose key encrypts it"},
			{"purpose", "what was begun"},
		},
		Plain: [][2]string{
			{"code_ms", "until when"},
			{"tries", "how many tries are left"},
			{"resends", "how often it was sent again"},
			{"resend_ms", "when it may be sent again"},
			{"ends_ms", "when it is forgotten"},
		},
		Hashed: [][2]string{
			{"token", "recognises the browser"},
			{"code", "checks the code that was sent"},
		},
		Sealed: [][2]string{
			{"state", "what was entered so far"},
		},
	},
	{
		Field: inventory.Field{
			Table: "rate", Whose: inventory.Visitor, Kind: inventory.Counts, Purpose: inventory.ForSafety,
			Basis: inventory.Legitimate, Source: inventory.Use, Retention: ratesEnd, Region: inventory.First,
		},
		Plain: [][2]string{
			{"count", "how often"},
			{"wait_ms", "when the next try is allowed"},
			{"ends_ms", "when counting begins anew"},
		},
		Hashed: [][2]string{
			{"bucket", "what is counted, so that nobody guesses passwords or floods an address; only a keyed hash"},
		},
	},
	{
		Field: inventory.Field{
			Table: "notice", Whose: inventory.Member, Kind: inventory.Changes, Purpose: inventory.ForSafety,
			Basis: inventory.Legitimate, Source: inventory.Use, Retention: noticesEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the notice"},
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"what", "what was changed"},
		},
		Plain: [][2]string{
			{"created_ms", "when it was changed"},
			{"ends_ms", "until when it can be undone"},
			{"undone_ms", "when it was undone"},
		},
		Hashed: [][2]string{
			{"undo", "checks the link that undoes the change"},
		},
		Sealed: [][2]string{
			{"detail", "whom to tell, and about which device"},
			{"before", "the ways in as they stood, so that the change can be undone"},
		},
	},
	{
		Field: inventory.Field{
			Table: "consent", Whose: inventory.Member, Kind: inventory.Consents, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Given, Retention: accountsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the entry"},
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"purpose", "what was agreed to"},
			{"version", "the version of the document"},
			{"how", "where and how"},
		},
		Plain: [][2]string{
			{"given", "whether it was given or taken back"},
			{"at_ms", "when"},
		},
		Ours: [][2]string{
			{"wording", "the words that were shown"},
		},
	},
	{
		Field: inventory.Field{
			Table: "guardian", Whose: inventory.Member, Kind: inventory.Age, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Given, Retention: guardiansEnd, Region: inventory.Home,
			Recipients: mailed,
		},
		IDs: [][2]string{
			{"account_id", "the child's account"},
		},
		Codes: [][2]string{
			{"version", "the version of the terms that the guardian was shown"},
			{"answer", "what the guardian answered"},
		},
		Plain: [][2]string{
			{"asked_ms", "when the guardian was asked"},
			{"ends_ms", "until when an answer is awaited"},
			{"answered_ms", "when the guardian answered"},
		},
		Hashed: [][2]string{
			{"token", "checks the link that the guardian was sent"},
		},
		Sealed: [][2]string{
			{"contact", "the guardian's e-mail address: the law wants a guardian's consent for a child"},
			{"detail", "what the guardian is sent"},
		},
	},
	{
		Field: inventory.Field{
			Table: "team", Whose: inventory.Business, Kind: inventory.Teams, Purpose: inventory.ForTeams,
			Basis: inventory.Contract, Source: inventory.Given, Retention: teamsEnd, Region: inventory.Theirs,
		},
		IDs: [][2]string{
			{"id", "names the business account"},
		},
		Plain: [][2]string{
			{"created_ms", "when it was made"},
			{"closed_ms", "when it was closed"},
		},
		Sealed: [][2]string{
			{"name", "what the business is called"},
		},
	},
	{
		Field: inventory.Field{
			Table: "membership", Whose: inventory.Member, Kind: inventory.Teams, Purpose: inventory.ForTeams,
			Basis: inventory.Contract, Source: inventory.Other, Retention: teamsEnd, Region: inventory.Theirs,
		},
		IDs: [][2]string{
			{"team_id", "the business account"},
			{"account_id", "the account"},
		},
		Codes: [][2]string{
			{"role", "what the member may do there"},
		},
		Plain: [][2]string{
			{"created_ms", "since when"},
		},
	},
	{
		Field: inventory.Field{
			Table: "invitation", Whose: inventory.Recipient, Kind: inventory.Teams, Purpose: inventory.ForTeams,
			Basis: inventory.Legitimate, Source: inventory.Other, Retention: invitationsEnd, Region: inventory.Theirs,
			Recipients: mailed,
		},
		IDs: [][2]string{
			{"id", "names the invitation"},
			{"team_id", "the business account"},
			{"invited_by", "who invited them"},
		},
		Codes: [][2]string{
			{"role", "what they may do there"},
		},
		Plain: [][2]string{
			{"created_ms", "when"},
			{"ends_ms", "until when it can be accepted"},
		},
		Hashed: [][2]string{
			{"lookup", "keeps somebody from being invited twice"},
			{"token", "checks the link that they were sent"},
		},
		Sealed: [][2]string{
			{"contact", "the e-mail address of whoever is invited"},
			{"detail", "what they are sent"},
		},
	},
	{
		Field: inventory.Field{
			Table: "handover", Whose: inventory.Member, Kind: inventory.Teams, Purpose: inventory.ForTeams,
			Basis: inventory.Contract, Source: inventory.Other, Retention: handoversEnd, Region: inventory.Theirs,
		},
		IDs: [][2]string{
			{"team_id", "the business account"},
			{"from_id", "who offers it"},
			{"to_id", "who is to have it"},
		},
		Plain: [][2]string{
			{"keep", "whether the one stays an owner"},
			{"created_ms", "since when"},
			{"ends_ms", "until when it can be taken"},
		},
	},
	{
		Field: inventory.Field{
			Table: "staff", Whose: inventory.Staff, Kind: inventory.Clerks, Purpose: inventory.ForAccount,
			Basis: inventory.Contract, Source: inventory.Other, Retention: staffEnd, Region: inventory.First,
		},
		IDs: [][2]string{
			{"id", "names somebody who works for the installation"},
		},
		Codes: [][2]string{
			{"state", "whether they can sign in"},
		},
		Plain: [][2]string{
			{"token_ms", "until when"},
			{"totp_step", "keeps a code from being used twice"},
			{"created_ms", "since when"},
			{"told_ms", "when they were told that their training lapses"},
		},
		Hashed: [][2]string{
			{"lookup", "finds them at sign-in"},
			{"token", "checks the one-time link"},
			{"phc", "checks the password"},
		},
		Sealed: [][2]string{
			{"name", "what they are called"},
			{"contact", "where they are reached"},
			{"credential", "checks their passkeys"},
			{"totp", "checks their authenticator app"},
		},
	},
	{
		Field: inventory.Field{
			Table: "staff_role", Whose: inventory.Staff, Kind: inventory.Clerks, Purpose: inventory.ForAccount,
			Basis: inventory.Contract, Source: inventory.Other, Retention: staffEnd, Region: inventory.First,
		},
		IDs: [][2]string{
			{"staff_id", "who"},
			{"given_by", "who decided it"},
		},
		Codes: [][2]string{
			{"role", "what they may do"},
		},
		Plain: [][2]string{
			{"created_ms", "when"},
		},
	},
	{
		Field: inventory.Field{
			Table: "staff_session", Whose: inventory.Staff, Kind: inventory.Clerks, Purpose: inventory.ForEntry,
			Basis: inventory.Legitimate, Source: inventory.Use, Retention: staffDevicesEnd, Region: inventory.First,
		},
		IDs: [][2]string{
			{"id", "names the device"},
			{"staff_id", "who"},
		},
		Plain: [][2]string{
			{"proved_ms", "when they last showed who they are"},
			{"created_ms", "when the device was signed in"},
			{"seen_ms", "when it was last used"},
			{"ends_ms", "when it is signed out"},
		},
		Hashed: [][2]string{
			{"token", "recognises the browser"},
		},
		Sealed: [][2]string{
			{"label", "the browser and system"},
		},
	},
	{
		Field: inventory.Field{Table: "hush", Whose: inventory.Nobody},
		Plain: [][2]string{
			{"ref", "the number of a case that law forbids to tell of"},
			{"until_ms", "until when"},
		},
	},
	{
		Field: inventory.Field{
			Table: "access_log", Whose: inventory.Member, Kind: inventory.Looks, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Use, Retention: logsEnd, Region: inventory.Home, Stays: true,
		},
		IDs: [][2]string{
			{"id", "names the entry"},
			{"staff_id", "who looked"},
			{"account_id", "at whose data"},
		},
		Codes: [][2]string{
			{"role", "in which role"},
			{"what", "what was done"},
			{"purpose", "why"},
			{"shown", "which data it showed"},
		},
		Plain: [][2]string{
			{"at_ms", "when"},
		},
	},
	{
		Field: inventory.Field{
			Table: "look", Whose: inventory.Member, Kind: inventory.Looks, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Use, Retention: looksEnd, Region: inventory.Home,
		},
		IDs: [][2]string{
			{"id", "names the look"},
			{"staff_id", "who looks"},
			{"account_id", "at whose data"},
		},
		Codes: [][2]string{
			{"matter", "what sort of case it is for"},
			{"ref", "the case's number"},
			{"shown", "which data it shows"},
			{"proof", "how a caller showed who they are"},
		},
		Plain: [][2]string{
			{"made_ms", "since when"},
			{"ends_ms", "until when"},
			{"sent_ms", "until when the code that was sent can be entered"},
			{"page_ms", "until when the code that the account's page shows can be entered"},
			{"sends", "how often a code was sent"},
			{"tries", "how many tries are left"},
			{"proved_ms", "when a caller showed who they are"},
		},
		Sealed: [][2]string{
			{"sent", "the code that was sent to a caller"},
			{"page", "the code that the account's page shows a caller"},
		},
	},
	{
		Field: inventory.Field{
			Table: "training", Whose: inventory.Staff, Kind: inventory.Clerks, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Given, Retention: staffEnd, Region: inventory.First,
		},
		IDs: [][2]string{
			{"id", "names the entry"},
			{"staff_id", "who"},
		},
		Codes: [][2]string{
			{"version", "the version of the training"},
		},
		Plain: [][2]string{
			{"at_ms", "when"},
		},
		Ours: [][2]string{
			{"wording", "the words that were shown"},
		},
	},
}
