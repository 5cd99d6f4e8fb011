-- +goose Up

-- Who was told what of a declaration: once each.
CREATE TABLE closing_told (
	owner   TEXT   NOT NULL, -- member
	closing TEXT   NOT NULL,
	step    TEXT   NOT NULL,
	told_ms BIGINT NOT NULL,
	PRIMARY KEY (owner, closing, step)
);

-- What somebody says to their data being handed over.
CREATE TABLE closing_choice (
	owner   TEXT   NOT NULL,
	closing TEXT   NOT NULL,
	choice  TEXT   NOT NULL,
	at_ms   BIGINT NOT NULL,
	PRIMARY KEY (owner, closing)
);
