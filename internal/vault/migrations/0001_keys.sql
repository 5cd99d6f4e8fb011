-- +goose Up

-- The store's own secret, made once; whether it opens tells if the regional key is the right one.
CREATE TABLE root_key (
	one      BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
	regional TEXT   NOT NULL, -- the regional key that wraps it
	wrapped  BYTES  NOT NULL
);

-- A subject's data key, or that there was one. Rows stand in the order they
-- came, so that SQLite never leaves a copy of one behind in splitting a page.
CREATE TABLE subject_key (
	name         TEXT   NOT NULL PRIMARY KEY, -- keyed hash of the subject
	regional     TEXT   NOT NULL,             -- the regional key that wraps it, '' once destroyed
	wrapped      BYTES  NOT NULL,             -- empty once destroyed
	destroyed_ms BIGINT NOT NULL              -- 0 it lives
);
