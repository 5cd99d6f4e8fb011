-- +goose Up

-- The parcel's number is unique with a mark from now on, and SQLite can't change
-- what is unique. To drop a table is to delete its rows, and with them what
-- refers to them; so those that do are made anew as well.
CREATE TABLE parcel_new (
	id         TEXT   NOT NULL PRIMARY KEY,
	number     TEXT   NOT NULL,
	carrier    TEXT   NOT NULL,
	mark       TEXT   NOT NULL DEFAULT '', -- stands for what is known besides the number: a keyed hash, '' nothing
	generation BIGINT NOT NULL,
	found      TEXT   NOT NULL,
	choice     TEXT   NOT NULL,
	edition    BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	wanted_ms  BIGINT NOT NULL,
	kept_ms    BIGINT NOT NULL,
	UNIQUE (number, carrier, mark, generation)
);
INSERT INTO parcel_new (id, number, carrier, generation, found, choice, edition, created_ms, wanted_ms, kept_ms)
	SELECT id, number, carrier, generation, found, choice, edition, created_ms, wanted_ms, kept_ms FROM parcel;

CREATE TABLE ask_new (
	parcel_id   TEXT    NOT NULL REFERENCES parcel_new (id) ON DELETE CASCADE,
	source      TEXT    NOT NULL,
	carrier     TEXT    NOT NULL,
	number      TEXT    NOT NULL,
	account     TEXT    NOT NULL,
	role        TEXT    NOT NULL,
	rank        BIGINT  NOT NULL,
	state       TEXT    NOT NULL,
	visitor     BOOLEAN NOT NULL,
	due_ms      BIGINT  NOT NULL,
	lease       TEXT    NOT NULL,
	claimed_ms  BIGINT  NOT NULL,
	asked_ms    BIGINT  NOT NULL,
	answered_ms BIGINT  NOT NULL,
	failures    BIGINT  NOT NULL,
	problem     TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	digest      TEXT    NOT NULL DEFAULT '',
	pushed_ms   BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (parcel_id, source, carrier, number)
) IN_ORDER;
INSERT INTO ask_new (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
		lease, claimed_ms, asked_ms, answered_ms, failures, problem, reason, digest, pushed_ms)
	SELECT parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
		lease, claimed_ms, asked_ms, answered_ms, failures, problem, reason, digest, pushed_ms FROM ask;

CREATE TABLE history_new (
	parcel_id TEXT   NOT NULL PRIMARY KEY REFERENCES parcel_new (id) ON DELETE CASCADE,
	revision  BIGINT NOT NULL,
	bytes     BYTES  NOT NULL
);
INSERT INTO history_new (parcel_id, revision, bytes) SELECT parcel_id, revision, bytes FROM history;

DROP TABLE ask;
DROP TABLE history;
DROP TABLE parcel;
ALTER TABLE parcel_new RENAME TO parcel;
ALTER TABLE ask_new RENAME TO ask;
ALTER TABLE history_new RENAME TO history;
CREATE INDEX parcel_wanted ON parcel (wanted_ms);
CREATE INDEX ask_due ON ask (account, visitor, due_ms) WHERE due_ms > 0;
