-- +goose Up

-- Who took the training is only added to; its rows go with whose they are.
-- +goose StatementBegin
CREATE TRIGGER training_stays BEFORE UPDATE ON training BEGIN
	SELECT RAISE(ABORT, 'entries of the training are never changed');
END;
-- +goose StatementEnd
