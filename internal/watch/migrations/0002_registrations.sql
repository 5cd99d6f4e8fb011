-- +goose Up

-- A parcel that a program of the owner's has registered by the API. Other than a
-- watch it has a carrier of its own, ends by itself, and costs something.
CREATE TABLE registration (
	owner       TEXT    NOT NULL, -- member or business account: region, hyphen, UUIDv7
	id          TEXT    NOT NULL, -- UUIDv7
	carrier     TEXT    NOT NULL, -- that it is registered with
	final       TEXT    NOT NULL, -- the last mile's carrier, '' none was named
	watched_id  TEXT    NOT NULL REFERENCES watched (id),
	details     BYTES   NOT NULL, -- sealed: what the program said of it
	created_ms  BIGINT  NOT NULL,
	begun_ms    BIGINT  NOT NULL, -- since when it is tracked: registered, or restarted
	stopped_ms  BIGINT  NOT NULL, -- 0 it is tracked
	why         TEXT    NOT NULL, -- it was stopped: expired, by_request, invalid_carrier; '' it wasn't
	due_ms      BIGINT  NOT NULL, -- when to see whether it is to be stopped; of a stopped one, when to delete it
	changes     BIGINT  NOT NULL, -- of its carrier
	retracked   BOOLEAN NOT NULL,
	pushed_ms   BIGINT  NOT NULL, -- when it was last told of, 0 never
	push_status TEXT    NOT NULL, -- what came of that: success, failure; '' never told of
	push_code   BIGINT  NOT NULL, -- the receiver's HTTP status, 0 none
	PRIMARY KEY (owner, id),
	UNIQUE (owner, watched_id, carrier)
) IN_ORDER;
CREATE INDEX registration_watched ON registration (watched_id, owner, id);
CREATE INDEX registration_due ON registration (due_ms);
