-- +goose Up

-- How often something happened to an account in an hour.
CREATE TABLE health_hour (
	account TEXT   NOT NULL,
	hour_ms BIGINT NOT NULL, -- when the hour began
	what    TEXT   NOT NULL, -- an outcome, or how long a call took
	n       BIGINT NOT NULL,
	last_ms BIGINT NOT NULL, -- when it last did
	PRIMARY KEY (account, hour_ms, what)
);
CREATE INDEX health_hour_over ON health_hour (hour_ms);

-- What is known of how a source's answers are built.
CREATE TABLE health_path (
	source    TEXT    NOT NULL,
	kind      TEXT    NOT NULL, -- of answers: '' with a history, 'missing' without
	path      TEXT    NOT NULL, -- '' is the answer itself
	forms     BIGINT  NOT NULL, -- what stood there, as bits
	met       BIGINT  NOT NULL, -- answers in which all had it that could
	chances   BIGINT  NOT NULL, -- answers in which something could have it
	used      BOOLEAN NOT NULL, -- the source's reading names it
	first_ms  BIGINT  NOT NULL, -- 0: it was shipped with the source
	last_ms   BIGINT  NOT NULL, -- to a day
	change    TEXT    NOT NULL, -- new, gone, retyped, back; '' none
	change_ms BIGINT  NOT NULL,
	PRIMARY KEY (source, kind, path)
);
