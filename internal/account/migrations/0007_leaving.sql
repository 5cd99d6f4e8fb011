-- +goose Up

-- Accounts whose owners want them erased: few of all.
CREATE INDEX account_leaving ON account (state_ms) WHERE state IN ('leaving', 'erasing');
