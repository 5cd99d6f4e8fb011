-- +goose Up

-- When the source last told of the parcel without being asked, 0 never.
ALTER TABLE ask ADD COLUMN pushed_ms BIGINT NOT NULL DEFAULT 0;
