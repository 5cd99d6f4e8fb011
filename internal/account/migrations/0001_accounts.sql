-- +goose Up

-- A member: one person's account. "Sealed" is encrypted with the key of the
-- person whose account it is.
CREATE TABLE account (
	id             TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	state          TEXT   NOT NULL,             -- waiting, active, deactivated, locked
	state_ms       BIGINT NOT NULL,             -- since when
	age            TEXT   NOT NULL,             -- as declared: grown, supervised, child
	nickname       BYTES  NOT NULL,             -- sealed, as are the next three
	country        BYTES  NOT NULL,
	language       BYTES  NOT NULL,
	company        BYTES  NOT NULL,
	picture        BYTES  NOT NULL,             -- sealed PNG, empty none
	handle         BYTES  NOT NULL UNIQUE,      -- random: what passkeys know the account by
	created_ms     BIGINT NOT NULL
);

-- An address at which a member is reached, and by which they sign in.
CREATE TABLE contact (
	account_id  TEXT    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	kind        TEXT    NOT NULL, -- mail, phone
	value       BYTES   NOT NULL, -- sealed
	lookup      TEXT    NOT NULL, -- keyed hash
	verified_ms BIGINT  NOT NULL,
	main        BOOLEAN NOT NULL, -- where messages go
	PRIMARY KEY (account_id, kind),
	UNIQUE (kind, lookup)
);

CREATE TABLE password (
	account_id TEXT   NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	phc        TEXT   NOT NULL, -- argon2id with its parameters
	set_ms     BIGINT NOT NULL
);

CREATE TABLE passkey (
	id         TEXT    NOT NULL PRIMARY KEY,
	account_id TEXT    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	lookup     TEXT    NOT NULL UNIQUE, -- keyed hash of the credential's id
	credential BYTES   NOT NULL,        -- sealed
	name       BYTES   NOT NULL,        -- sealed
	backed_up  BOOLEAN NOT NULL,
	created_ms BIGINT  NOT NULL,
	used_ms    BIGINT  NOT NULL         -- 0 never
);
CREATE INDEX passkey_account ON passkey (account_id);

-- An authenticator app. One per account.
CREATE TABLE totp (
	account_id   TEXT   NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	secret       BYTES  NOT NULL, -- sealed
	step         BIGINT NOT NULL, -- the last one that was used, so that none is used twice
	created_ms   BIGINT NOT NULL,
	confirmed_ms BIGINT NOT NULL  -- 0 not yet: asks for nothing
);

CREATE TABLE recovery_code (
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	hash       TEXT   NOT NULL, -- keyed
	created_ms BIGINT NOT NULL,
	used_ms    BIGINT NOT NULL, -- 0 not yet
	PRIMARY KEY (account_id, hash)
);

-- An account at a sign-in provider.
CREATE TABLE link (
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	provider   TEXT   NOT NULL,
	nickname   BYTES  NOT NULL, -- sealed: what the provider calls them
	created_ms BIGINT NOT NULL,
	used_ms    BIGINT NOT NULL, -- 0 never
	PRIMARY KEY (account_id, provider)
);

-- What a provider knows a linked account by: any of these finds it.
CREATE TABLE link_key (
	account_id TEXT NOT NULL,
	provider   TEXT NOT NULL,
	lookup     TEXT NOT NULL, -- keyed hash of the provider's id of the person
	PRIMARY KEY (provider, lookup),
	FOREIGN KEY (account_id, provider) REFERENCES link (account_id, provider) ON DELETE CASCADE
);
CREATE INDEX link_key_account ON link_key (account_id, provider);

-- A device that is signed in.
CREATE TABLE session (
	id         TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	token      BYTES  NOT NULL UNIQUE, -- hash
	device     TEXT   NOT NULL,        -- keyed hash of what the browser is known by
	label      BYTES  NOT NULL,        -- sealed: browser and system, in words
	shown      TEXT   NOT NULL,        -- which factors were shown when, JSON
	proved_ms  BIGINT NOT NULL,        -- when all that was asked for had been shown
	created_ms BIGINT NOT NULL,
	seen_ms    BIGINT NOT NULL,        -- to the day
	ends_ms    BIGINT NOT NULL,
	revoked_ms BIGINT NOT NULL         -- 0 not revoked
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_ends ON session (ends_ms);

-- Something begun and not finished: a sign-up, a sign-in, a reset, a change.
CREATE TABLE flow (
	id         TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	day        TEXT   NOT NULL, -- when it was begun, 2026-03-02: that day's key seals it
	token      BYTES  NOT NULL UNIQUE, -- hash of what the browser carries
	purpose    TEXT   NOT NULL,
	account_id TEXT   NOT NULL, -- whose, '' nobody's yet
	session_id TEXT   NOT NULL, -- in which it was begun, '' outside
	state      BYTES  NOT NULL, -- sealed
	code       TEXT   NOT NULL, -- keyed hash, '' none is awaited
	code_ms    BIGINT NOT NULL, -- until when the code can be entered
	tries      BIGINT NOT NULL, -- left
	resends    BIGINT NOT NULL, -- made
	resend_ms  BIGINT NOT NULL, -- from when on another may be sent
	ends_ms    BIGINT NOT NULL
);
CREATE INDEX flow_ends ON flow (ends_ms);

-- How often something was tried. Shared by all replicas.
CREATE TABLE rate (
	bucket  TEXT   NOT NULL PRIMARY KEY, -- keyed hash of what is counted
	count   BIGINT NOT NULL,
	wait_ms BIGINT NOT NULL, -- not before
	ends_ms BIGINT NOT NULL  -- when the count begins anew
) BUSY;
CREATE INDEX rate_ends ON rate (ends_ms);

-- A change of somebody's ways in, told to its owner, who can undo it.
CREATE TABLE notice (
	id         TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	what       TEXT   NOT NULL,
	detail     BYTES  NOT NULL, -- sealed: whom to tell, and what
	before     BYTES  NOT NULL, -- sealed: the ways in as they stood; empty when nothing can be undone
	undo       BYTES  NOT NULL, -- hash of the token, empty when nothing can be undone
	created_ms BIGINT NOT NULL,
	ends_ms    BIGINT NOT NULL, -- until when it can be undone
	undone_ms  BIGINT NOT NULL  -- 0 not undone
);
CREATE INDEX notice_account ON notice (account_id, created_ms);
CREATE INDEX notice_undo ON notice (undo);

-- What somebody agreed to or took back. Rows are added and never changed.
CREATE TABLE consent (
	id         TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
	account_id TEXT    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	purpose    TEXT    NOT NULL,
	version    TEXT    NOT NULL, -- of the document
	wording    TEXT    NOT NULL, -- as it was shown, or its name in the document
	given      BOOLEAN NOT NULL, -- false: taken back
	how        TEXT    NOT NULL, -- where and how
	at_ms      BIGINT  NOT NULL
);
CREATE INDEX consent_account ON consent (account_id, purpose, at_ms);

-- Who answers for a child.
CREATE TABLE guardian (
	account_id  TEXT   NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	contact     BYTES  NOT NULL, -- sealed with the child's key
	token       BYTES  NOT NULL UNIQUE, -- hash of what the guardian was sent
	detail      BYTES  NOT NULL, -- sealed: what to send
	version     TEXT   NOT NULL, -- of the terms that were shown
	asked_ms    BIGINT NOT NULL,
	ends_ms     BIGINT NOT NULL, -- until when an answer is awaited
	answered_ms BIGINT NOT NULL, -- 0 not yet
	answer      TEXT   NOT NULL  -- yes, '' none
);

-- A business account, whose key seals what is its own.
CREATE TABLE team (
	id         TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	name       BYTES  NOT NULL, -- sealed with the team's key
	created_ms BIGINT NOT NULL,
	closed_ms  BIGINT NOT NULL  -- 0 open
);

CREATE TABLE membership (
	team_id    TEXT   NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	account_id TEXT   NOT NULL, -- may live in another region
	role       TEXT   NOT NULL, -- owner, admin, member, viewer, billing
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (team_id, account_id)
);
CREATE INDEX membership_account ON membership (account_id);

CREATE TABLE invitation (
	id          TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	team_id     TEXT   NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	contact     BYTES  NOT NULL, -- sealed with the team's key
	lookup      TEXT   NOT NULL, -- keyed hash
	role        TEXT   NOT NULL,
	token       BYTES  NOT NULL UNIQUE, -- hash
	detail      BYTES  NOT NULL, -- sealed with the team's key: what to send
	invited_by  TEXT   NOT NULL, -- account
	created_ms  BIGINT NOT NULL,
	ends_ms     BIGINT NOT NULL,
	answered_ms BIGINT NOT NULL, -- 0 not yet
	answer      TEXT   NOT NULL, -- accepted, declined, revoked, '' none
	UNIQUE (team_id, lookup)
);

-- Somebody who works for the installation. No member.
CREATE TABLE staff (
	id         TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7; the key's subject
	state      TEXT   NOT NULL, -- invited, active, locked
	name       BYTES  NOT NULL, -- sealed
	contact    BYTES  NOT NULL, -- sealed
	lookup     TEXT   NOT NULL UNIQUE, -- keyed hash
	token      BYTES  NOT NULL, -- hash of the one-time link, empty when used
	token_ms   BIGINT NOT NULL, -- until when
	credential BYTES  NOT NULL, -- sealed: passkeys
	totp       BYTES  NOT NULL, -- sealed
	totp_step  BIGINT NOT NULL,
	phc        TEXT   NOT NULL,
	created_ms BIGINT NOT NULL
);

CREATE TABLE staff_role (
	staff_id   TEXT   NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
	role       TEXT   NOT NULL,
	given_by   TEXT   NOT NULL,
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (staff_id, role)
);

CREATE TABLE staff_session (
	id         TEXT   NOT NULL PRIMARY KEY,
	staff_id   TEXT   NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
	token      BYTES  NOT NULL UNIQUE,
	label      BYTES  NOT NULL, -- sealed
	proved_ms  BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	seen_ms    BIGINT NOT NULL,
	ends_ms    BIGINT NOT NULL
);

-- Each look of staff at a person's data.
CREATE TABLE access_log (
	id         TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	staff_id   TEXT   NOT NULL,
	account_id TEXT   NOT NULL, -- '' nobody was found
	what       TEXT   NOT NULL, -- found, read, locked, unlocked, signed out …
	purpose    TEXT   NOT NULL,
	at_ms      BIGINT NOT NULL
);
CREATE INDEX access_log_account ON access_log (account_id, at_ms);
CREATE INDEX access_log_at ON access_log (at_ms);
