-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION hold_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'what was done to a hold is never changed';
END $$;
-- +goose StatementEnd

CREATE TRIGGER hold_entry_stays BEFORE UPDATE ON hold_entry FOR EACH ROW EXECUTE FUNCTION hold_entry_stays();
