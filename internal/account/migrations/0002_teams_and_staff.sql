-- +goose Up

-- An owner offers a business account to somebody who belongs to it.
CREATE TABLE handover (
	team_id    TEXT    NOT NULL PRIMARY KEY REFERENCES team (id) ON DELETE CASCADE,
	from_id    TEXT    NOT NULL, -- account
	to_id      TEXT    NOT NULL, -- account
	keep       BOOLEAN NOT NULL, -- whoever offers it stays an owner
	created_ms BIGINT  NOT NULL,
	ends_ms    BIGINT  NOT NULL
);

-- An answered invitation is deleted, so there is no answer to keep.
ALTER TABLE invitation DROP COLUMN answered_ms;
ALTER TABLE invitation DROP COLUMN answer;

-- In which role somebody looked, as it was then.
ALTER TABLE access_log ADD COLUMN role TEXT NOT NULL DEFAULT '';
