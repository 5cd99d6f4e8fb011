-- +goose Up

-- A copy of all that is held of somebody, until they fetch it. "Sealed" is
-- encrypted with the owner's key.
CREATE TABLE copy_asked (
	owner    TEXT   NOT NULL PRIMARY KEY, -- member: region, hyphen, UUIDv7
	id       TEXT   NOT NULL,             -- UUIDv7; another one when it is asked for again
	lang     TEXT   NOT NULL,             -- of its page, BCP 47
	secret   BYTES  NOT NULL,             -- sealed: what the letter's link ends with
	hash     TEXT   NOT NULL,             -- keyed hash of it
	content  BYTES  NOT NULL,             -- sealed: the ZIP; empty until it is made
	asked_ms BIGINT NOT NULL,
	made_ms  BIGINT NOT NULL              -- 0 not made yet
);
CREATE INDEX copy_asked_when ON copy_asked (asked_ms);
