-- +goose Up

-- Until when what is known stays though it may not be wanted, 0 no longer than it is.
ALTER TABLE parcel ADD COLUMN stays_ms BIGINT NOT NULL DEFAULT 0;
