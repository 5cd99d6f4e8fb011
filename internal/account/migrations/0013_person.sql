-- +goose Up

-- What a provider knows somebody by and what takes back what they allowed there:
-- sealed, for telling the provider when the account is erased. Links from before
-- get it at the next sign-in.
ALTER TABLE link ADD COLUMN person BYTES NOT NULL DEFAULT '';
