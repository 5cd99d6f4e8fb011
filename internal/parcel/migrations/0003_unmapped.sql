-- +goose Up

-- Codes that carriers sent and their files don't have; where there was no code,
-- the words stand for it.
CREATE TABLE unmapped (
    source   TEXT NOT NULL,
    code     TEXT NOT NULL,
    phrase   TEXT NOT NULL, -- '' beside a code
    words    TEXT NOT NULL,
    means    TEXT NOT NULL,
    answers  BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    last_ms  BIGINT NOT NULL,
    PRIMARY KEY (source, code, phrase)
);
