-- +goose Up

-- Children's accounts that a guardian refused and that aren't erased yet: there are
-- next to none.
CREATE INDEX guardian_refused ON guardian (account_id) WHERE answer = 'no';
