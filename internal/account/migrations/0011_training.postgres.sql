-- +goose Up

-- Who took the training is only added to; its rows go with whose they are.
-- +goose StatementBegin
CREATE FUNCTION training_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'entries of the training are never changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER training_stays BEFORE UPDATE ON training FOR EACH ROW EXECUTE FUNCTION training_stays();
