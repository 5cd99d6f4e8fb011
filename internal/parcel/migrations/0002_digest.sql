-- +goose Up

-- Of the answer that was taken in last, '' none.
ALTER TABLE ask ADD COLUMN digest TEXT NOT NULL DEFAULT '';
