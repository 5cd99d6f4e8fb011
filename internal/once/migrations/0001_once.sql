-- +goose Up

-- Requests that their programs may repeat, and what was answered. "Sealed" is
-- encrypted with the owner's key.
CREATE TABLE once_request (
	owner    TEXT   NOT NULL, -- member or business account: region, hyphen, UUIDv7
	hash     TEXT   NOT NULL, -- keyed hash of the name that the program gave the request
	request  TEXT   NOT NULL, -- keyed hash of what it asked for
	lease    TEXT   NOT NULL, -- who is at it, '' it is done
	status   BIGINT NOT NULL, -- of the answer, 0 while somebody is at it
	answer   BYTES  NOT NULL, -- sealed; empty while somebody is at it
	ends_ms  BIGINT NOT NULL, -- of the lease, or of the keeping
	PRIMARY KEY (owner, hash)
);
CREATE INDEX once_request_ends ON once_request (ends_ms);
