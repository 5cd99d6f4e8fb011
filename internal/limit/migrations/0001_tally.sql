-- +goose Up

-- How much of a limit was used in a window. The bucket is a keyed hash.
CREATE TABLE tally (
	bucket  TEXT   NOT NULL PRIMARY KEY,
	count   BIGINT NOT NULL,
	ends_ms BIGINT NOT NULL
);
CREATE INDEX tally_ends ON tally (ends_ms);
