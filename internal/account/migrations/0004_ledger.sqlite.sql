-- +goose Up

-- The ledger is only added to; its rows go with the account.
-- +goose StatementBegin
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent BEGIN
	SELECT RAISE(ABORT, 'entries of the ledger are never changed');
END;
-- +goose StatementEnd
