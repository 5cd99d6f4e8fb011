-- +goose Up

-- With which carriers numbers that look alike were found.
CREATE TABLE memory (
	likeness    TEXT   NOT NULL, -- where letters (@) and digits (#) stand, perhaps the first characters
	country     TEXT   NOT NULL, -- ISO 3166-1 alpha-2 where the parcels were, '' wherever
	carrier     TEXT   NOT NULL,
	thousandths BIGINT NOT NULL, -- of numbers, as of counted_ms: they fade
	counted_ms  BIGINT NOT NULL,
	PRIMARY KEY (likeness, country, carrier)
);
