-- +goose Up

-- What somebody of the staff looks at, for a while and for a case, and the codes
-- by which a caller shows who they are.
CREATE TABLE look (
	id         TEXT   NOT NULL PRIMARY KEY, -- region, hyphen, UUIDv7
	staff_id   TEXT   NOT NULL, -- '' at the console
	account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	matter     TEXT   NOT NULL,
	ref        TEXT   NOT NULL, -- the case's number
	shown      TEXT   NOT NULL, -- powers to read, with spaces between; '' nothing yet
	made_ms    BIGINT NOT NULL,
	ends_ms    BIGINT NOT NULL,
	sent       BYTES  NOT NULL, -- sealed code that was sent to the account's address, empty none
	sent_ms    BIGINT NOT NULL, -- until when it can be entered
	page       BYTES  NOT NULL, -- sealed code that the account's own page shows, empty none
	page_ms    BIGINT NOT NULL, -- until when it can be entered
	sends      BIGINT NOT NULL, -- made
	tries      BIGINT NOT NULL, -- left
	proved_ms  BIGINT NOT NULL, -- when the caller showed who they are, 0 not yet
	proof      TEXT   NOT NULL  -- sent, page, '' none
);
CREATE INDEX look_account ON look (account_id);
CREATE INDEX look_ends ON look (ends_ms);

-- What of an account a look showed: powers to read, with spaces between.
ALTER TABLE access_log ADD COLUMN shown TEXT NOT NULL DEFAULT '';
CREATE INDEX access_log_staff ON access_log (staff_id, role, at_ms);

-- When somebody of the staff took the training in security and privacy. Rows are
-- added and never changed.
CREATE TABLE training (
	id       TEXT   NOT NULL PRIMARY KEY, -- UUIDv7
	staff_id TEXT   NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
	version  TEXT   NOT NULL, -- of its text
	wording  TEXT   NOT NULL, -- as it was shown
	at_ms    BIGINT NOT NULL
);
CREATE INDEX training_staff ON training (staff_id, version, at_ms);

-- When somebody of the staff was told that their training lapses.
ALTER TABLE staff ADD COLUMN told_ms BIGINT NOT NULL DEFAULT 0;
