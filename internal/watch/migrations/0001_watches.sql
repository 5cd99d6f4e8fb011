-- +goose Up

-- A parcel that somebody of this region watches, and how it stood when that was
-- last looked at: the parcel itself may be in another database. One row,
-- however many watch it.
CREATE TABLE watched (
	id         TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	parcel_id  TEXT   NOT NULL,             -- another one when the parcel had gone and was wanted again
	number     TEXT   NOT NULL,
	carrier    TEXT   NOT NULL,             -- that it is asked for, '' if it is to be found
	generation BIGINT NOT NULL,
	wanted_ms  BIGINT NOT NULL,             -- the parcel was told to be wanted until then
	found      TEXT   NOT NULL,             -- the carrier that knows it, '' none
	status     TEXT   NOT NULL,             -- sub-status
	since_ms   BIGINT NOT NULL,             -- in its main status, 0 unknown
	event_ms   BIGINT NOT NULL,             -- of the newest event, 0 none
	stale_ms   BIGINT NOT NULL,             -- from then on it has been silent for too long, 0 never
	eta        TEXT   NOT NULL,             -- the carrier's delivery date as it prints it, '' none
	eta_ms     BIGINT NOT NULL,             -- the same as an instant, 0 unknown
	settled_ms BIGINT NOT NULL,             -- since when nothing more is expected, 0 something is
	revision   BIGINT NOT NULL,             -- of the history
	read_ms    BIGINT NOT NULL,             -- when the parcel was last looked at
	UNIQUE (number, carrier, generation)
);
CREATE INDEX watched_parcel ON watched (parcel_id);
CREATE INDEX watched_read ON watched (read_ms);

-- One subject's interest in a parcel. "Sealed" is encrypted with the owner's key.
CREATE TABLE watch (
	owner       TEXT   NOT NULL, -- member or business account: region, hyphen, UUIDv7
	id          TEXT   NOT NULL, -- UUIDv7
	watched_id  TEXT   NOT NULL REFERENCES watched (id),
	source      TEXT   NOT NULL, -- hand, import, taken, api, shop
	words       BYTES  NOT NULL, -- sealed: name, note, tags, order reference
	alerts      TEXT   NOT NULL, -- main statuses with commas between, '-' none, '' the owner's default
	archived_ms BIGINT NOT NULL, -- 0 not archived
	created_ms  BIGINT NOT NULL,
	edition     BIGINT NOT NULL, -- counts its changes
	PRIMARY KEY (owner, id),
	UNIQUE (owner, watched_id)
) IN_ORDER;
CREATE INDEX watch_shelf ON watch (owner, archived_ms);
CREATE INDEX watch_watched ON watch (watched_id, owner);

-- What a change is taken back with, for some minutes.
CREATE TABLE watch_undo (
	owner   TEXT   NOT NULL,
	id      TEXT   NOT NULL, -- UUIDv7
	before  BYTES  NOT NULL, -- sealed: the watches as they were
	ends_ms BIGINT NOT NULL,
	PRIMARY KEY (owner, id)
);
CREATE INDEX watch_undo_ends ON watch_undo (ends_ms);

-- A search or filter that its owner gave a name.
CREATE TABLE watch_view (
	owner      TEXT   NOT NULL,
	id         TEXT   NOT NULL, -- UUIDv7
	detail     BYTES  NOT NULL, -- sealed: name and query
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (owner, id)
);

-- A file or text that is to be imported, between the preview and the yes.
CREATE TABLE watch_import (
	owner    TEXT   NOT NULL,
	id       TEXT   NOT NULL, -- UUIDv7
	content  BYTES  NOT NULL, -- sealed: its cells, and how they were read
	preview  BYTES  NOT NULL, -- sealed: what each line will become
	revision BIGINT NOT NULL, -- counts its previews
	ends_ms  BIGINT NOT NULL,
	PRIMARY KEY (owner, id)
);
CREATE INDEX watch_import_ends ON watch_import (ends_ms);
