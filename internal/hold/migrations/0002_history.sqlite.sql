-- +goose Up

-- +goose StatementBegin
CREATE TRIGGER hold_entry_stays BEFORE UPDATE ON hold_entry BEGIN
	SELECT RAISE(ABORT, 'what was done to a hold is never changed');
END;
-- +goose StatementEnd
