-- +goose Up

-- Of what is known of the parcel besides its number, '' nothing: with it the
-- parcel is one of its own.
ALTER TABLE watched ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE watched DROP CONSTRAINT watched_number_carrier_generation_key;
ALTER TABLE watched ADD CONSTRAINT watched_number_carrier_mark_generation_key UNIQUE (number, carrier, mark, generation);
