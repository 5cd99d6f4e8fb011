-- +goose Up

-- How many they were when that was last published: see package figure.
ALTER TABLE memory ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
