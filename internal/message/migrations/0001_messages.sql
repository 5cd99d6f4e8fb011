-- +goose Up

-- Which alerts a member wants, and when. "Sealed" is encrypted with their key.
CREATE TABLE alert_settings (
	owner      TEXT   NOT NULL PRIMARY KEY, -- member: region, hyphen, UUIDv7
	detail     BYTES  NOT NULL,             -- sealed: statuses, channels, quiet hours, zone
	changed_ms BIGINT NOT NULL
);

-- One change of one parcel that its watcher may want to hear of. The row makes
-- it one message, however often the job that writes it is repeated.
CREATE TABLE alert (
	owner      TEXT   NOT NULL,
	watch_id   TEXT   NOT NULL,
	parcel_id  TEXT   NOT NULL,
	revision   BIGINT NOT NULL, -- of the parcel's history
	status     TEXT   NOT NULL, -- sub-status that the parcel came into
	created_ms BIGINT NOT NULL,
	due_ms     BIGINT NOT NULL, -- not looked at before: quiet hours, a pause, another try, or somebody sends it just now
	message    TEXT   NOT NULL, -- that it is sent in, '' none yet
	done_ms    BIGINT NOT NULL, -- when it was sent, or needed not be; 0 not yet
	outcome    TEXT   NOT NULL, -- what came of it, '' nothing yet
	PRIMARY KEY (owner, watch_id, parcel_id, revision)
) IN_ORDER;
CREATE INDEX alert_open ON alert (owner, due_ms) WHERE done_ms = 0;
CREATE INDEX alert_created ON alert (created_ms);

-- What a link to unsubscribe stands for.
CREATE TABLE refusal (
	owner     TEXT   NOT NULL,
	watch_id  TEXT   NOT NULL, -- '' of a message about several parcels
	salt      TEXT   NOT NULL, -- makes the link's token, together with a key
	token     BYTES  NOT NULL, -- SHA-256 of the token
	used_ms   BIGINT NOT NULL, -- when it last went out
	PRIMARY KEY (owner, watch_id)
);
CREATE UNIQUE INDEX refusal_token ON refusal (token);
CREATE INDEX refusal_used ON refusal (used_ms);
