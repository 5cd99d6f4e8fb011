-- +goose Up

-- The ledger is only added to; its rows go with the account.
-- +goose StatementBegin
CREATE FUNCTION consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'entries of the ledger are never changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION consent_stays();
