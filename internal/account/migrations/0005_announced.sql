-- +goose Up

-- A version of the privacy policy that members are told of, and how far that got.
CREATE TABLE announcement (
	region     TEXT   NOT NULL,
	version    BIGINT NOT NULL,
	applies_ms BIGINT NOT NULL,
	reached    TEXT   NOT NULL, -- the last account whose owner is told, by id; '' none yet
	PRIMARY KEY (region, version)
);
