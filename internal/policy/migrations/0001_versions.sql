-- +goose Up

-- What was published. Rows are added and never changed.
CREATE TABLE policy_version (
	number       BIGINT NOT NULL PRIMARY KEY, -- from 1 on
	published_ms BIGINT NOT NULL,
	applies_ms   BIGINT NOT NULL,
	documents    TEXT   NOT NULL, -- JSON: the policy in each language
	reach        TEXT   NOT NULL, -- JSON: how far it goes
	lessens      TEXT   NOT NULL  -- JSON: in which ways it goes farther than the one before
);
