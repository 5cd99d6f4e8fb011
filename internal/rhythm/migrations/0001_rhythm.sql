-- +goose Up

-- When news of a carrier came, for one leg and status.
CREATE TABLE rhythm (
	carrier    TEXT   NOT NULL,
	leg        TEXT   NOT NULL,
	status     TEXT   NOT NULL,
	counts     TEXT   NOT NULL, -- JSON: events and hours by hour of the week and age, '' none yet
	counted_ms BIGINT NOT NULL, -- as of then: they fade
	PRIMARY KEY (carrier, leg, status)
);
