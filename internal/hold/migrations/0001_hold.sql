-- +goose Up

-- Somebody's data that has to stay though its time is over. "Sealed" is encrypted
-- with the key of whose it is.
CREATE TABLE hold (
	id        TEXT    NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	owner     TEXT    NOT NULL,             -- member or business account: region, hyphen, UUIDv7
	ground    TEXT    NOT NULL,             -- claim, order, silent_order
	told      BOOLEAN NOT NULL,             -- whether its owner may know of it
	detail    BYTES   NOT NULL,             -- sealed: number on record, and the reason
	review_ms BIGINT  NOT NULL,             -- when somebody is to look whether it is still needed
	set_ms    BIGINT  NOT NULL,
	lifted_ms BIGINT  NOT NULL              -- 0 in force
);
CREATE INDEX hold_owner ON hold (owner);
CREATE INDEX hold_lifted ON hold (lifted_ms);

-- What was done to a hold. Rows are added and never changed, and go with it.
CREATE TABLE hold_entry (
	id        TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
	hold_id   TEXT    NOT NULL REFERENCES hold (id) ON DELETE CASCADE,
	owner     TEXT    NOT NULL,
	told      BOOLEAN NOT NULL, -- as its hold's
	what      TEXT    NOT NULL, -- set, reviewed, lifted
	clerk     TEXT    NOT NULL, -- one of the staff, '' at the console
	words     BYTES   NOT NULL, -- sealed: why
	review_ms BIGINT  NOT NULL, -- until when it then was to be reviewed, 0 lifted
	at_ms     BIGINT  NOT NULL
);
CREATE INDEX hold_entry_hold ON hold_entry (hold_id, at_ms);
CREATE INDEX hold_entry_owner ON hold_entry (owner);
