-- +goose Up

-- An address that an account is to have although the one before doesn't agree:
-- a week later, when nobody objected there.
CREATE TABLE awaited (
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	kind       TEXT   NOT NULL, -- mail, phone
	value      BYTES  NOT NULL, -- sealed
	asked_ms   BIGINT NOT NULL,
	PRIMARY KEY (account_id, kind)
);
