-- +goose Up

-- An account whose programs are told of what happens: one row, which counts its
-- events. Whoever draws a number from it holds it until the event is written.
CREATE TABLE webhook_account (
	owner TEXT   NOT NULL PRIMARY KEY, -- member or business account: region, hyphen, UUIDv7
	seq   BIGINT NOT NULL              -- of its newest event, 0 none
);

-- Something that happened to a parcel that an account keeps, with the parcel as
-- it stood then. "Sealed" is encrypted with the owner's key.
CREATE TABLE webhook_event (
	owner     TEXT   NOT NULL,
	seq       BIGINT NOT NULL, -- counts the owner's events from 1, without gaps
	id        TEXT   NOT NULL, -- UUIDv7
	kind      TEXT   NOT NULL, -- updated, stopped, test
	item      TEXT   NOT NULL, -- the registration or saved parcel
	cause     TEXT   NOT NULL, -- of a change the parcel's id, else what makes it happen once
	revision  BIGINT NOT NULL, -- of the parcel's history; 0 but for a change
	source    TEXT   NOT NULL, -- how the parcel came to be kept: api, hand, import …
	stream    TEXT   NOT NULL, -- keyed hash of owner and tracking number: what has the same is delivered in order
	status    TEXT   NOT NULL, -- sub-status
	detail    BYTES  NOT NULL, -- sealed: the parcel without its history, tags, and what the owner says of it
	history   BYTES  NOT NULL, -- sealed: the parcel's history
	made_ms   BIGINT NOT NULL,
	PRIMARY KEY (owner, seq),
	UNIQUE (owner, item, cause, revision)
) IN_ORDER;
CREATE INDEX webhook_event_made ON webhook_event (made_ms);

-- Where an account's programs are told.
CREATE TABLE webhook_endpoint (
	owner      TEXT   NOT NULL,
	id         TEXT   NOT NULL, -- UUIDv7
	detail     BYTES  NOT NULL, -- sealed: name, address, filter, form, how it is signed
	secrets    BYTES  NOT NULL, -- sealed: what it is signed with
	state      TEXT   NOT NULL, -- on, off, gone
	made_ms    BIGINT NOT NULL,
	edition    BIGINT NOT NULL, -- counts its owner's changes
	due_ms     BIGINT NOT NULL, -- when there is something to deliver, 0 nothing
	lease      TEXT   NOT NULL, -- of whoever delivers to it, '' nobody
	lease_ms   BIGINT NOT NULL, -- until when
	failures   BIGINT NOT NULL, -- attempts in a row that failed
	failing_ms BIGINT NOT NULL, -- since when, 0 it doesn't
	opens      BIGINT NOT NULL, -- how often in a row it was left alone
	open_ms    BIGINT NOT NULL, -- until when it is left alone, 0 it isn't
	told_ms    BIGINT NOT NULL, -- when its owner was told that it fails, 0 not since it last worked
	PRIMARY KEY (owner, id)
);
CREATE INDEX webhook_endpoint_due ON webhook_endpoint (due_ms) WHERE due_ms > 0;

-- An event that is to be delivered to an endpoint, and what came of it.
CREATE TABLE webhook_delivery (
	endpoint TEXT   NOT NULL,
	seq      BIGINT NOT NULL, -- the event's
	owner    TEXT   NOT NULL,
	stream   TEXT   NOT NULL, -- the event's
	state    TEXT   NOT NULL, -- waiting, taken, failed
	waits    BIGINT NOT NULL, -- 0 it doesn't, 1 behind an earlier one of its stream, 2 to be tried when it is due
	turn     BIGINT NOT NULL, -- counts its replays
	due_ms   BIGINT NOT NULL, -- when it is tried next
	attempts BIGINT NOT NULL, -- that failed, since it was last made to wait
	at_ms    BIGINT NOT NULL, -- the last attempt, 0 none
	took_ms  BIGINT NOT NULL, -- how long that took
	code     BIGINT NOT NULL, -- the receiver's HTTP status then, 0 none
	problem  TEXT   NOT NULL, -- why there was none
	answer   BYTES  NOT NULL, -- sealed: what was sent beside the body, and how the receiver's answer began
	made_ms  BIGINT NOT NULL, -- the event's
	PRIMARY KEY (endpoint, seq)
) IN_ORDER;
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, due_ms, seq, stream, turn, attempts) WHERE waits = 2; -- all that is asked for
CREATE INDEX webhook_delivery_order ON webhook_delivery (endpoint, stream, seq) WHERE waits > 0;
CREATE INDEX webhook_delivery_behind ON webhook_delivery (endpoint, stream, seq) WHERE waits = 1;
CREATE INDEX webhook_delivery_owner ON webhook_delivery (owner, seq);

-- An attempt that failed.
CREATE TABLE webhook_attempt (
	endpoint TEXT   NOT NULL,
	seq      BIGINT NOT NULL,
	at_ms    BIGINT NOT NULL,
	owner    TEXT   NOT NULL,
	took_ms  BIGINT NOT NULL,
	code     BIGINT NOT NULL,
	problem  TEXT   NOT NULL,
	answer   BYTES  NOT NULL, -- sealed, as in webhook_delivery
	PRIMARY KEY (endpoint, seq, at_ms)
) IN_ORDER;
CREATE INDEX webhook_attempt_owner ON webhook_attempt (owner, seq);
