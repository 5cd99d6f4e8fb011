package account

import "waypost/internal/inventory"

// How long things are kept, as people read it.
const (
	accountsEnd  = "while the account exists"
	flowsEnd     = "15 minutes"
	sessionsEnd  = "180 days, 30 when unused, or until signed out; then 7 days more"
	awaitedEnd   = "37 days, or until the address is given"
	noticesEnd   = "1 year"
	guardiansEnd = "while the account exists; 7 days when nobody answers"
	teamsEnd     = "while the business account exists, and 30 days after it was closed"
	staffEnd     = "while they work for the installation"
	logsEnd      = "1 year"
)

// A declaration is a table's columns with what they have in common.
type declaration struct {
	table     string
	whose     inventory.Whose
	basis     inventory.Basis
	retention string
	open      [][2]string // column and purpose
	sealed    [][2]string // the same, encrypted with the key of whose it is
}

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	var fields []inventory.Field
	for _, d := range declarations {
		for _, c := range d.open {
			fields = append(fields, d.field(c, false))
		}
		for _, c := range d.sealed {
			fields = append(fields, d.field(c, true))
		}
	}
	return fields
}

func (d declaration) field(c [2]string, sealed bool) inventory.Field {
	return inventory.Field{
		Table: d.table, Column: c[0], Purpose: c[1], Whose: d.whose,
		Basis: d.basis, Retention: d.retention, Sealed: sealed,
		Sensitive: d.table == "guardian" || c[0] == "age",
	}
}

var declarations = []declaration{
	{"account", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"id", "names the account, and the region it lives in"},
		{"state", "whether the account can be used"},
		{"state_ms", "since when"},
		{"age", "the age range that was declared, because the law protects children"},
		{"handle", "finds the account at sign-in by passkey; random"},
		{"created_ms", "when the account was made"},
	}, [][2]string{
		{"nickname", "what the member is called"},
		{"country", "the country or region, which decides where the data lives and what law holds"},
		{"language", "the language of messages"},
		{"company", "the company, when the member gives one"},
		{"picture", "the picture, when the member gives one"},
	}},
	{"contact", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"kind", "e-mail or phone"},
		{"lookup", "finds the account at sign-in without holding the address in the clear"},
		{"verified_ms", "when the member showed that the address is theirs"},
		{"main", "where messages go"},
	}, [][2]string{
		{"value", "the e-mail address or phone number: signing in, codes and messages"},
	}},
	{"awaited", inventory.Member, inventory.Contract, awaitedEnd, [][2]string{
		{"account_id", "the account"},
		{"kind", "e-mail or phone"},
		{"asked_ms", "since when it is waited, so that the address before can object"},
	}, [][2]string{
		{"value", "the e-mail address or phone number that the account is to have"},
	}},
	{"password", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"phc", "checks the password; it can't be computed back"},
		{"set_ms", "when the password was set"},
	}, nil},
	{"passkey", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"id", "names the passkey"},
		{"account_id", "the account"},
		{"lookup", "finds the account at sign-in"},
		{"backed_up", "whether the passkey is kept by its maker's cloud"},
		{"created_ms", "when it was added"},
		{"used_ms", "when it was last used"},
	}, [][2]string{
		{"credential", "checks the passkey's signature"},
		{"name", "what the member calls it"},
	}},
	{"totp", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"step", "keeps a code from being used twice"},
		{"created_ms", "when the authenticator app was added"},
		{"confirmed_ms", "when it was shown to work"},
	}, [][2]string{
		{"secret", "checks the authenticator app's codes"},
	}},
	{"recovery_code", inventory.Member, inventory.Contract, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"hash", "checks a recovery code"},
		{"created_ms", "when it was made"},
		{"used_ms", "when it was used"},
	}, nil},
	{"link", inventory.Member, inventory.Consent, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"provider", "the sign-in provider"},
		{"created_ms", "when it was linked"},
		{"used_ms", "when it was last used"},
	}, [][2]string{
		{"nickname", "the nickname that the provider gave, so that the member knows which account it is"},
	}},
	{"link_key", inventory.Member, inventory.Consent, accountsEnd, [][2]string{
		{"account_id", "the account"},
		{"provider", "the sign-in provider"},
		{"lookup", "finds the account at sign-in; a keyed hash of the member's id at the provider"},
	}, nil},
	{"session", inventory.Member, inventory.Legitimate, sessionsEnd, [][2]string{
		{"id", "names the device in the list of devices"},
		{"account_id", "the account"},
		{"token", "recognises the browser"},
		{"device", "tells a device that was here before from a new one"},
		{"shown", "how the member signed in"},
		{"proved_ms", "when the member last showed who they are"},
		{"created_ms", "when the device was signed in"},
		{"seen_ms", "the day it was last used"},
		{"ends_ms", "when it is signed out"},
		{"revoked_ms", "when it was signed out"},
	}, [][2]string{
		{"label", "the browser and system, so that the member knows their devices"},
	}},
	{"flow", inventory.Member, inventory.Contract, flowsEnd, [][2]string{
		{"id", "names what was begun"},
		{"day", "the day it was begun, whose key encrypts it"},
		{"token", "recognises the browser"},
		{"purpose", "what was begun"},
		{"account_id", "the account"},
		{"session_id", "the device"},
		{"code", "checks the code that was sent"},
		{"code_ms", "until when"},
		{"tries", "how many tries are left"},
		{"resends", "how often it was sent again"},
		{"resend_ms", "when it may be sent again"},
		{"ends_ms", "when it is forgotten"},
	}, [][2]string{
		{"state", "what was entered so far"},
	}},
	{"rate", inventory.Member, inventory.Legitimate, "1 day", [][2]string{
		{"bucket", "what is counted, so that nobody guesses passwords or floods an address; only a keyed hash"},
		{"count", "how often"},
		{"wait_ms", "when the next try is allowed"},
		{"ends_ms", "when counting begins anew"},
	}, nil},
	{"notice", inventory.Member, inventory.Legitimate, noticesEnd, [][2]string{
		{"id", "names the notice"},
		{"account_id", "the account"},
		{"what", "what was changed"},
		{"undo", "checks the link that undoes the change"},
		{"created_ms", "when it was changed"},
		{"ends_ms", "until when it can be undone"},
		{"undone_ms", "when it was undone"},
	}, [][2]string{
		{"detail", "whom to tell, and about which device"},
		{"before", "the ways in as they stood, so that the change can be undone"},
	}},
	{"consent", inventory.Member, inventory.Law, accountsEnd, [][2]string{
		{"id", "names the entry"},
		{"account_id", "the account"},
		{"purpose", "what was agreed to"},
		{"version", "the version of the document"},
		{"wording", "the words that were shown"},
		{"given", "whether it was given or taken back"},
		{"how", "where and how"},
		{"at_ms", "when"},
	}, nil},
	{"guardian", inventory.Member, inventory.Law, guardiansEnd, [][2]string{
		{"account_id", "the child's account"},
		{"token", "checks the link that the guardian was sent"},
		{"version", "the version of the terms that the guardian was shown"},
		{"asked_ms", "when the guardian was asked"},
		{"ends_ms", "until when an answer is awaited"},
		{"answered_ms", "when the guardian answered"},
		{"answer", "what the guardian answered"},
	}, [][2]string{
		{"contact", "the guardian's e-mail address: the law wants a guardian's consent for a child"},
		{"detail", "what the guardian is sent"},
	}},
	{"team", inventory.Business, inventory.Contract, teamsEnd, [][2]string{
		{"id", "names the business account"},
		{"created_ms", "when it was made"},
		{"closed_ms", "when it was closed"},
	}, [][2]string{
		{"name", "what the business is called"},
	}},
	{"membership", inventory.Member, inventory.Contract, teamsEnd, [][2]string{
		{"team_id", "the business account"},
		{"account_id", "the account"},
		{"role", "what the member may do there"},
		{"created_ms", "since when"},
	}, nil},
	{"invitation", inventory.Recipient, inventory.Legitimate, "until it is answered, at most 30 days", [][2]string{
		{"id", "names the invitation"},
		{"team_id", "the business account"},
		{"lookup", "keeps somebody from being invited twice"},
		{"role", "what they may do there"},
		{"token", "checks the link that they were sent"},
		{"invited_by", "who invited them"},
		{"created_ms", "when"},
		{"ends_ms", "until when it can be accepted"},
	}, [][2]string{
		{"contact", "the e-mail address of whoever is invited"},
		{"detail", "what they are sent"},
	}},
	{"handover", inventory.Member, inventory.Contract, "until it is answered, at most 7 days", [][2]string{
		{"team_id", "the business account"},
		{"from_id", "who offers it"},
		{"to_id", "who is to have it"},
		{"keep", "whether the one stays an owner"},
		{"created_ms", "since when"},
		{"ends_ms", "until when it can be taken"},
	}, nil},
	{"staff", inventory.Member, inventory.Contract, staffEnd, [][2]string{
		{"id", "names somebody who works for the installation"},
		{"state", "whether they can sign in"},
		{"lookup", "finds them at sign-in"},
		{"token", "checks the one-time link"},
		{"token_ms", "until when"},
		{"totp_step", "keeps a code from being used twice"},
		{"phc", "checks the password"},
		{"created_ms", "since when"},
	}, [][2]string{
		{"name", "what they are called"},
		{"contact", "where they are reached"},
		{"credential", "checks their passkeys"},
		{"totp", "checks their authenticator app"},
	}},
	{"staff_role", inventory.Member, inventory.Contract, staffEnd, [][2]string{
		{"staff_id", "who"},
		{"role", "what they may do"},
		{"given_by", "who decided it"},
		{"created_ms", "when"},
	}, nil},
	{"staff_session", inventory.Member, inventory.Legitimate, "12 hours", [][2]string{
		{"id", "names the device"},
		{"staff_id", "who"},
		{"token", "recognises the browser"},
		{"proved_ms", "when they last showed who they are"},
		{"created_ms", "when the device was signed in"},
		{"seen_ms", "when it was last used"},
		{"ends_ms", "when it is signed out"},
	}, [][2]string{
		{"label", "the browser and system"},
	}},
	{"access_log", inventory.Member, inventory.Law, logsEnd, [][2]string{
		{"id", "names the entry"},
		{"staff_id", "who looked"},
		{"role", "in which role"},
		{"account_id", "at whose data"},
		{"what", "what was done"},
		{"purpose", "why"},
		{"at_ms", "when"},
	}, nil},
}
