-- +goose Up

-- The age range, sealed. The column age is empty from then on: the program moves
-- what stands there when it starts.
ALTER TABLE account ADD COLUMN age_range BYTES NOT NULL DEFAULT '';
