-- +goose Up

-- What runs deleted whose data had been kept as long as it may.
CREATE TABLE purge_run (
	id       TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
	room     TEXT    NOT NULL,
	region   TEXT    NOT NULL, -- '' the parcels'
	began_ms BIGINT  NOT NULL,
	took_ms  BIGINT  NOT NULL,
	held     BIGINT  NOT NULL, -- people whose data had to stay
	failed   BOOLEAN NOT NULL
);
CREATE INDEX purge_run_began ON purge_run (began_ms);
CREATE INDEX purge_run_of ON purge_run (room, region, id);

CREATE TABLE purge_gone (
	run_id TEXT   NOT NULL REFERENCES purge_run (id) ON DELETE CASCADE,
	name   TEXT   NOT NULL, -- of the table
	gone   BIGINT NOT NULL, -- rows
	due_ms BIGINT NOT NULL, -- when the next of those that are left are to go, 0 none
	PRIMARY KEY (run_id, name)
);
