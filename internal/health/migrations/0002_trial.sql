-- +goose Up

-- What came of asking an account for the operator's sake.
CREATE TABLE health_trial (
	account  TEXT   NOT NULL,
	number   TEXT   NOT NULL, -- a canary; '' it was for the credentials
	asked_ms BIGINT NOT NULL, -- -1 it was put off
	outcome  TEXT   NOT NULL, -- '' not known yet
	reason   TEXT   NOT NULL,
	PRIMARY KEY (account, number)
);
