-- +goose Up

-- A number, at a carrier, this time.
CREATE TABLE parcel (
	id         TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	number     TEXT   NOT NULL,
	carrier    TEXT   NOT NULL,             -- that it was asked for, '' if it was to be found
	generation BIGINT NOT NULL,
	found      TEXT   NOT NULL,             -- the carrier that knows it, '' while none does
	choice     TEXT   NOT NULL,
	edition    BIGINT NOT NULL,             -- counts what was decided about it and its asks
	created_ms BIGINT NOT NULL,
	wanted_ms  BIGINT NOT NULL,             -- by anybody until then
	kept_ms    BIGINT NOT NULL,             -- by somebody who is no visitor until then, 0 never
	UNIQUE (number, carrier, generation)
);
CREATE INDEX parcel_wanted ON parcel (wanted_ms);

-- A source to be asked about a parcel.
CREATE TABLE ask (
	parcel_id   TEXT    NOT NULL REFERENCES parcel (id) ON DELETE CASCADE,
	source      TEXT    NOT NULL,
	carrier     TEXT    NOT NULL,
	number      TEXT    NOT NULL,
	account     TEXT    NOT NULL,
	role        TEXT    NOT NULL,
	rank        BIGINT  NOT NULL,
	state       TEXT    NOT NULL,
	visitor     BOOLEAN NOT NULL, -- only visitors want it
	due_ms      BIGINT  NOT NULL, -- when it is asked next, or its lease ends; 0 it isn't
	lease       TEXT    NOT NULL, -- of whoever asks just now, '' nobody
	claimed_ms  BIGINT  NOT NULL, -- since when the lease is held, 0 it isn't
	asked_ms    BIGINT  NOT NULL,
	answered_ms BIGINT  NOT NULL,
	failures    BIGINT  NOT NULL,
	problem     TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	PRIMARY KEY (parcel_id, source, carrier, number)
) IN_ORDER BUSY;
CREATE INDEX ask_due ON ask (account, visitor, due_ms) WHERE due_ms > 0;

-- All that is known of a parcel's way, as one value.
CREATE TABLE history (
	parcel_id TEXT   NOT NULL PRIMARY KEY REFERENCES parcel (id) ON DELETE CASCADE,
	revision  BIGINT NOT NULL,
	bytes     BYTES  NOT NULL
);

-- What all replicas together may ask of an account, and whether it answers.
CREATE TABLE source_account (
	account          TEXT   NOT NULL PRIMARY KEY,
	window_ms        BIGINT NOT NULL, -- when the budget's window began, 0 it never did
	calls            BIGINT NOT NULL, -- in the window
	visits           BIGINT NOT NULL, -- calls of these for visitors
	open_ms          BIGINT NOT NULL, -- left alone until then
	trips            BIGINT NOT NULL, -- in a row
	floor_kept_ms    BIGINT NOT NULL, -- no ask of those who keep parcels is due before this
	floor_visitor_ms BIGINT NOT NULL, -- nor one of visitors
	floor_at_ms      BIGINT NOT NULL  -- when both were last looked for from the beginning
) BUSY;
