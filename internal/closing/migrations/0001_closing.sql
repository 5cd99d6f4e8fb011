-- +goose Up

-- That the business ends, or is handed over: the operator's words, about nobody.
CREATE TABLE closing (
	id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
	kind         TEXT    NOT NULL,
	to_whom      TEXT    NOT NULL, -- '' nobody: it ends
	contact      TEXT    NOT NULL, -- who answers questions
	changes      TEXT    NOT NULL, -- what changes, '' not said
	consent      BOOLEAN NOT NULL, -- only those go over who agree
	declared_ms  BIGINT  NOT NULL,
	ends_ms      BIGINT  NOT NULL,
	ending_ms    BIGINT  NOT NULL, -- since when it can't be taken back, 0 it can
	cancelled_ms BIGINT  NOT NULL, -- 0 it wasn't
	done_ms      BIGINT  NOT NULL  -- 0 it isn't
);
