-- +goose Up

-- A request about somebody's data. "Sealed" is encrypted with the key of the
-- owner: the member who asks, else a subject made for this request.
CREATE TABLE request (
	id          TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	region      TEXT   NOT NULL,             -- regions can share a database
	number      TEXT   NOT NULL UNIQUE,      -- by which people and staff call it
	origin      TEXT   NOT NULL UNIQUE,      -- what made it, so that a repeat makes no other
	owner       TEXT   NOT NULL,
	kind        TEXT   NOT NULL,
	person      TEXT   NOT NULL,             -- who asks: member, buyer, receiver …
	way         TEXT   NOT NULL,             -- how it came: page, mail, letter, phone
	reach       TEXT   NOT NULL,             -- where answers go: account, mail, phone, post
	state       TEXT   NOT NULL,
	lang        TEXT   NOT NULL,             -- of letters, BCP 47
	contact     BYTES  NOT NULL,             -- sealed; empty: the account's
	lookup      TEXT   NOT NULL,             -- keyed hash of it; '' of post and accounts
	text        BYTES  NOT NULL,             -- sealed: what they ask
	token       BYTES  NOT NULL,             -- sealed: what the link to its page ends with
	hash        TEXT   NOT NULL,             -- keyed hash of it
	clerk       TEXT   NOT NULL,             -- who of the staff works on it; '' nobody
	proof       TEXT   NOT NULL,             -- how it was shown who they are; '' not yet
	ground      TEXT   NOT NULL,             -- of a refusal
	received_ms BIGINT NOT NULL,
	verified_ms BIGINT NOT NULL,
	asked_ms    BIGINT NOT NULL,             -- since when it waits for the person; 0 it doesn't
	waited      BIGINT NOT NULL,             -- working days that it waited before
	due_ms      BIGINT NOT NULL,
	late_ms     BIGINT NOT NULL,
	ended_ms    BIGINT NOT NULL              -- 0 it is open
);
CREATE INDEX request_owner ON request (owner);
CREATE INDEX request_hash ON request (hash);
CREATE INDEX request_lookup ON request (lookup) WHERE lookup <> '';
CREATE INDEX request_open ON request (region, due_ms) WHERE ended_ms = 0;
CREATE INDEX request_ended ON request (region, ended_ms) WHERE ended_ms > 0;

-- What happened to it, oldest first. It is only added to.
CREATE TABLE request_event (
	id         TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	request_id TEXT   NOT NULL REFERENCES request (id) ON DELETE CASCADE,
	owner      TEXT   NOT NULL,
	step       TEXT   NOT NULL,
	clerk      TEXT   NOT NULL,             -- whose step it was: one of the staff, 'console'; '' the person or the program
	given      TEXT   NOT NULL,             -- to whom of the staff it was given
	text       BYTES  NOT NULL,             -- sealed
	at_ms      BIGINT NOT NULL
);
CREATE INDEX request_event_of ON request_event (request_id, id);
-- +goose StatementBegin
CREATE TRIGGER request_event_stays BEFORE UPDATE ON request_event BEGIN
	SELECT RAISE(ABORT, 'what happened to a request is never changed');
END;
-- +goose StatementEnd

-- Letters that a step makes necessary. Their words are made anew from the step.
CREATE TABLE request_letter (
	event_id   TEXT   NOT NULL PRIMARY KEY,
	request_id TEXT   NOT NULL REFERENCES request (id) ON DELETE CASCADE,
	owner      TEXT   NOT NULL,
	state      TEXT   NOT NULL, -- due, sent, failed, print, printed
	done_ms    BIGINT NOT NULL
);
CREATE INDEX request_letter_of ON request_letter (request_id);

-- What stays of a request as proof, without who asked or what was said.
CREATE TABLE request_proof (
	number      TEXT   NOT NULL PRIMARY KEY,
	kind        TEXT   NOT NULL,
	way         TEXT   NOT NULL,
	state       TEXT   NOT NULL,
	ground      TEXT   NOT NULL,
	received_ms BIGINT NOT NULL,
	ended_ms    BIGINT NOT NULL
);
CREATE INDEX request_proof_ended ON request_proof (ended_ms);
