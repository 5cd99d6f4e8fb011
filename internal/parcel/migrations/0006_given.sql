-- +goose Up

-- What a parcel's carriers demand besides its number. A row is there only while
-- the parcel is wanted.
CREATE TABLE given (
	parcel_id TEXT  NOT NULL PRIMARY KEY REFERENCES parcel (id) ON DELETE CASCADE,
	sealed    BYTES NOT NULL -- with the installation's key
);
