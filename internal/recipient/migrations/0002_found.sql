-- +goose Up

-- What is open of an erasure is found without reading all.
CREATE INDEX erasure_notice_subject ON erasure_notice (subject);
