-- +goose Up

-- The parcel's number is unique with a mark from now on, and SQLite can't change
-- what is unique. What refers to the rows is made anew with them.
CREATE TABLE watched_new (
	id         TEXT   NOT NULL PRIMARY KEY,
	parcel_id  TEXT   NOT NULL,
	number     TEXT   NOT NULL,
	carrier    TEXT   NOT NULL,
	mark       TEXT   NOT NULL DEFAULT '', -- of what is known besides the number, '' nothing
	generation BIGINT NOT NULL,
	wanted_ms  BIGINT NOT NULL,
	found      TEXT   NOT NULL,
	status     TEXT   NOT NULL,
	since_ms   BIGINT NOT NULL,
	event_ms   BIGINT NOT NULL,
	stale_ms   BIGINT NOT NULL,
	eta        TEXT   NOT NULL,
	eta_ms     BIGINT NOT NULL,
	settled_ms BIGINT NOT NULL,
	revision   BIGINT NOT NULL,
	read_ms    BIGINT NOT NULL,
	UNIQUE (number, carrier, mark, generation)
);
INSERT INTO watched_new (id, parcel_id, number, carrier, generation, wanted_ms, found, status, since_ms, event_ms, stale_ms, eta, eta_ms, settled_ms, revision, read_ms)
	SELECT id, parcel_id, number, carrier, generation, wanted_ms, found, status, since_ms, event_ms, stale_ms, eta, eta_ms, settled_ms, revision, read_ms FROM watched;

CREATE TABLE watch_new (
	owner       TEXT   NOT NULL,
	id          TEXT   NOT NULL,
	watched_id  TEXT   NOT NULL REFERENCES watched_new (id),
	source      TEXT   NOT NULL,
	words       BYTES  NOT NULL,
	alerts      TEXT   NOT NULL,
	archived_ms BIGINT NOT NULL,
	created_ms  BIGINT NOT NULL,
	edition     BIGINT NOT NULL,
	PRIMARY KEY (owner, id),
	UNIQUE (owner, watched_id)
) IN_ORDER;
INSERT INTO watch_new (owner, id, watched_id, source, words, alerts, archived_ms, created_ms, edition)
	SELECT owner, id, watched_id, source, words, alerts, archived_ms, created_ms, edition FROM watch;

CREATE TABLE registration_new (
	owner       TEXT    NOT NULL,
	id          TEXT    NOT NULL,
	carrier     TEXT    NOT NULL,
	final       TEXT    NOT NULL,
	watched_id  TEXT    NOT NULL REFERENCES watched_new (id),
	details     BYTES   NOT NULL,
	created_ms  BIGINT  NOT NULL,
	begun_ms    BIGINT  NOT NULL,
	stopped_ms  BIGINT  NOT NULL,
	why         TEXT    NOT NULL,
	due_ms      BIGINT  NOT NULL,
	changes     BIGINT  NOT NULL,
	retracked   BOOLEAN NOT NULL,
	pushed_ms   BIGINT  NOT NULL,
	push_status TEXT    NOT NULL,
	push_code   BIGINT  NOT NULL,
	PRIMARY KEY (owner, id),
	UNIQUE (owner, watched_id, carrier)
) IN_ORDER;
INSERT INTO registration_new (owner, id, carrier, final, watched_id, details, created_ms, begun_ms, stopped_ms, why, due_ms, changes, retracked, pushed_ms, push_status, push_code)
	SELECT owner, id, carrier, final, watched_id, details, created_ms, begun_ms, stopped_ms, why, due_ms, changes, retracked, pushed_ms, push_status, push_code FROM registration;

DROP TABLE watch;
DROP TABLE registration;
DROP TABLE watched;
ALTER TABLE watched_new RENAME TO watched;
ALTER TABLE watch_new RENAME TO watch;
ALTER TABLE registration_new RENAME TO registration;
CREATE INDEX watched_parcel ON watched (parcel_id);
CREATE INDEX watched_read ON watched (read_ms);
CREATE INDEX watch_shelf ON watch (owner, archived_ms);
CREATE INDEX watch_watched ON watch (watched_id, owner);
CREATE INDEX registration_watched ON registration (watched_id, owner, id);
CREATE INDEX registration_due ON registration (due_ms);
