-- +goose Up

-- What stands for the values that are known of a parcel besides its number, and
-- makes it one of its own: a keyed hash, '' none.
ALTER TABLE parcel ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE parcel DROP CONSTRAINT parcel_number_carrier_generation_key;
ALTER TABLE parcel ADD CONSTRAINT parcel_number_carrier_mark_generation_key UNIQUE (number, carrier, mark, generation);
