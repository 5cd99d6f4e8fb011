-- +goose Up

-- What an owner's programs call with. "Sealed" is encrypted with the owner's key.
CREATE TABLE api_key (
	owner      TEXT    NOT NULL, -- member or business account: region, hyphen, UUIDv7
	id         TEXT    NOT NULL, -- UUIDv7
	detail     BYTES   NOT NULL, -- sealed: its name, and from where it may be used
	scopes     TEXT    NOT NULL, -- read, write, realtime, with commas between
	signs      BOOLEAN NOT NULL, -- its secrets are kept so that something can be signed with them
	created_ms BIGINT  NOT NULL,
	revoked_ms BIGINT  NOT NULL, -- 0 it isn't
	PRIMARY KEY (owner, id)
);
CREATE INDEX api_key_revoked ON api_key (revoked_ms);

-- The secrets of a key: one, and after a rotation those that overlap it.
CREATE TABLE api_secret (
	hash       TEXT   NOT NULL PRIMARY KEY, -- keyed hash
	owner      TEXT   NOT NULL,
	key_id     TEXT   NOT NULL,
	id         TEXT   NOT NULL, -- UUIDv7
	last       BYTES  NOT NULL, -- sealed: its last four characters
	copy       BYTES  NOT NULL, -- sealed: the secret itself where the key signs, else empty
	created_ms BIGINT NOT NULL,
	ends_ms    BIGINT NOT NULL, -- 0 never
	used_ms    BIGINT NOT NULL, -- last call, roughly; 0 never
	FOREIGN KEY (owner, key_id) REFERENCES api_key (owner, id) ON DELETE CASCADE
);
CREATE INDEX api_secret_key ON api_secret (owner, key_id);
CREATE INDEX api_secret_ends ON api_secret (ends_ms);

-- What an owner may draw and has drawn. One row, which everybody who draws for
-- the owner waits for.
CREATE TABLE quota_account (
	owner      TEXT    NOT NULL PRIMARY KEY,
	planned    BOOLEAN NOT NULL, -- the three that follow were set for this owner
	total      BIGINT  NOT NULL, -- -1 unlimited
	monthly    BOOLEAN NOT NULL, -- total is for each month, else for ever
	daily      BIGINT  NOT NULL, -- 0 no cap
	used       BIGINT  NOT NULL, -- ever
	month_ms   BIGINT  NOT NULL, -- when the month began, UTC
	month_used BIGINT  NOT NULL, -- in that month
	day_ms     BIGINT  NOT NULL, -- when the day began, UTC
	day_used   BIGINT  NOT NULL  -- on that day
);

-- The ledger: what was drawn, each line once.
CREATE TABLE quota_line (
	owner      TEXT   NOT NULL,
	id         TEXT   NOT NULL, -- the drawer's
	matter     TEXT   NOT NULL, -- registration, translation, realtime, instant
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (owner, id, matter)
) IN_ORDER;
CREATE INDEX quota_line_created ON quota_line (created_ms);

-- The same by day, kept for longer.
CREATE TABLE quota_day (
	owner  TEXT   NOT NULL,
	day_ms BIGINT NOT NULL, -- when it began, UTC
	matter TEXT   NOT NULL,
	amount BIGINT NOT NULL, -- drawn that day
	used   BIGINT NOT NULL, -- ever, of all matters, when the last of it was drawn
	PRIMARY KEY (owner, day_ms, matter)
) IN_ORDER;
CREATE INDEX quota_day_began ON quota_day (day_ms);
