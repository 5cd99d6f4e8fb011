-- +goose Up

-- Somebody who is being erased: from before anything is deleted until all is.
CREATE TABLE erasure (
	subject  TEXT   NOT NULL PRIMARY KEY, -- member or business account
	region   TEXT   NOT NULL,
	begun_ms BIGINT NOT NULL
);

-- A service outside that got data of somebody who was erased, and whether it was
-- told and has confirmed. "Sealed" is encrypted with a key of the notice's own,
-- which is destroyed when it is confirmed.
CREATE TABLE erasure_notice (
	id           TEXT    NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7; the key's subject
	region       TEXT    NOT NULL,
	subject      TEXT    NOT NULL, -- whose erasure it waits for, '' it is done
	party        TEXT    NOT NULL, -- mail, sms, provider, receivers, carriers
	which        TEXT    NOT NULL, -- of those: a provider's or source's code; '' there is one
	way          TEXT    NOT NULL, -- call, mail, hand
	content      BYTES   NOT NULL, -- sealed: by what it knows them, and what its interface wants
	hash         TEXT    NOT NULL, -- keyed, of what the letter's link ends with
	made_ms      BIGINT  NOT NULL,
	due_ms       BIGINT  NOT NULL, -- when it is told next; 0 it isn't
	tries        BIGINT  NOT NULL, -- that failed since it was last told
	problem      TEXT    NOT NULL, -- why the last one did, '' it didn't
	letters      BIGINT  NOT NULL, -- that were sent
	told_ms      BIGINT  NOT NULL, -- when it was last told, 0 never
	escalated_ms BIGINT  NOT NULL, -- since when the staff are to see to it, 0 not
	confirmed_ms BIGINT  NOT NULL, -- 0 not
	how          TEXT    NOT NULL, -- call, link, staff, restored; '' not
	clerk        TEXT    NOT NULL, -- who of the staff
	ref          TEXT    NOT NULL, -- where the staff have the confirmation on record
	keyed        BOOLEAN NOT NULL  -- its key is still there
);
CREATE INDEX erasure_notice_due ON erasure_notice (region, due_ms) WHERE due_ms > 0;
CREATE INDEX erasure_notice_open ON erasure_notice (region, made_ms) WHERE confirmed_ms = 0;
CREATE INDEX erasure_notice_subject ON erasure_notice (subject) WHERE subject <> '';
CREATE INDEX erasure_notice_keyed ON erasure_notice (region, confirmed_ms) WHERE keyed;
CREATE INDEX erasure_notice_made ON erasure_notice (made_ms);
