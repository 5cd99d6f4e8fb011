-- +goose Up

-- A number that a source was told to send news of, or is to be told.
CREATE TABLE subscription (
	account  TEXT   NOT NULL,
	carrier  TEXT   NOT NULL, -- on whose behalf
	number   TEXT   NOT NULL,
	state    TEXT   NOT NULL,
	remote   TEXT   NOT NULL, -- the source's own id of it, '' none
	until_ms BIGINT NOT NULL, -- when it lapses, 0 it doesn't
	due_ms   BIGINT NOT NULL, -- when it is looked at next, or its lease ends
	lease    TEXT   NOT NULL, -- of whoever sees to it just now, '' nobody
	failures BIGINT NOT NULL,
	problem  TEXT   NOT NULL,
	reason   TEXT   NOT NULL,
	PRIMARY KEY (account, carrier, number)
);
CREATE INDEX subscription_due ON subscription (account, due_ms);
