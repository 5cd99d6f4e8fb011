-- +goose Up

-- A key for tests works with test numbers alone.
ALTER TABLE api_key ADD COLUMN test BOOLEAN NOT NULL DEFAULT FALSE;
