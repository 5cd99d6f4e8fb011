-- +goose Up

-- A request of an authority, as far as it says nothing of a person: what is
-- counted for everybody to read. It stays when the rest is over.
CREATE TABLE lawful_request (
	ref          TEXT   NOT NULL PRIMARY KEY, -- ours: L-eu-7
	number       BIGINT NOT NULL UNIQUE,      -- counts those of a database
	region       TEXT   NOT NULL,             -- whose people it asks about
	kind         TEXT   NOT NULL,             -- on what sort of ground
	country      TEXT   NOT NULL,             -- the authority's, ISO 3166-1 alpha-2
	state        TEXT   NOT NULL,
	ground       TEXT   NOT NULL,             -- why it was refused, '' it wasn't
	narrowed     BOOLEAN NOT NULL,            -- less is given than was asked for
	people       BIGINT NOT NULL,             -- of how many something was given
	revision     BIGINT NOT NULL,             -- counts changes, so that who approves has seen the last
	received_ms  BIGINT NOT NULL,
	deadline_ms  BIGINT NOT NULL,             -- 0 none
	gag_until_ms BIGINT NOT NULL,             -- law forbids to tell the person until then; 0 it doesn't
	from_ms      BIGINT NOT NULL,             -- the time that is asked about; 0 not said yet
	to_ms        BIGINT NOT NULL,
	decided_ms   BIGINT NOT NULL,             -- approved or refused; 0 not yet
	given_ms     BIGINT NOT NULL,             -- 0 nothing was given
	closed_ms    BIGINT NOT NULL              -- 0 it is open
);
CREATE INDEX lawful_request_closed ON lawful_request (closed_ms);

-- Its words. "Sealed" is encrypted with a key of the request's own.
CREATE TABLE lawful_words (
	ref     TEXT  NOT NULL,
	part    TEXT  NOT NULL, -- detail: who asks and why; whom: whom it asks about; about: what for, and what of it is given
	key     TEXT  NOT NULL, -- names the request's key: region, hyphen, UUIDv7
	content BYTES NOT NULL, -- sealed: JSON
	PRIMARY KEY (ref, part)
);

-- Whom it is about.
CREATE TABLE lawful_subject (
	ref      TEXT   NOT NULL,
	owner    TEXT   NOT NULL, -- member or business account: region, hyphen, UUIDv7
	added_ms BIGINT NOT NULL,
	hold     TEXT   NOT NULL, -- that keeps their data by an order to preserve, '' none
	told_ms  BIGINT NOT NULL, -- when they were told; 0 not yet
	PRIMARY KEY (ref, owner)
);
CREATE INDEX lawful_subject_owner ON lawful_subject (owner);

-- What was done about it, by whom. Rows are only added.
CREATE TABLE lawful_step (
	id     TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	ref    TEXT   NOT NULL,
	by_id  TEXT   NOT NULL, -- one of the staff, '' the program
	what   TEXT   NOT NULL,
	detail TEXT   NOT NULL, -- names of fields, and how many there were: JSON; '' nothing to say
	at_ms  BIGINT NOT NULL
);
CREATE INDEX lawful_step_ref ON lawful_step (ref, id);

-- What is given, until it is fetched: encrypted for the authority.
CREATE TABLE lawful_file (
	ref        TEXT   NOT NULL PRIMARY KEY,
	key        TEXT   NOT NULL, -- names the request's key
	for_id     TEXT   NOT NULL, -- who may fetch it: who approved
	content    BYTES  NOT NULL, -- sealed: an age file; empty once it was fetched or is over
	hash       TEXT   NOT NULL, -- of the age file: SHA-256, hexadecimal
	made_ms    BIGINT NOT NULL,
	ends_ms    BIGINT NOT NULL, -- until when it can be fetched
	fetched_ms BIGINT NOT NULL  -- 0 it wasn't
);
