-- +goose Up

-- Since when the owner's data is restricted: kept, shown to them, and used for
-- nothing else; 0 it isn't.
ALTER TABLE account ADD COLUMN restricted_ms BIGINT NOT NULL DEFAULT 0;

-- All whose data is, which are few.
CREATE INDEX account_restricted ON account (id) WHERE restricted_ms > 0;
