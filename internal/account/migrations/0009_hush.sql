-- +goose Up

-- Cases of which those whom they are about aren't to read yet: law forbids to tell
-- them. What of the log is for such a case is left out of what they are shown.
CREATE TABLE hush (
	ref      TEXT   NOT NULL PRIMARY KEY, -- the case's number
	until_ms BIGINT NOT NULL
);
