-- +goose Up

-- Something that happened to people's data. "House" is sealed with the
-- installation's key. The tables down to incident_notice are used in the first
-- region's database.
CREATE TABLE incident (
	id           TEXT   NOT NULL PRIMARY KEY, -- I-7
	number       BIGINT NOT NULL UNIQUE,
	severity     TEXT   NOT NULL,
	state        TEXT   NOT NULL,
	facts        BYTES  NOT NULL,           -- house: JSON, what is known of it
	criteria     BYTES  NOT NULL,           -- house: JSON, by what those who are concerned are found
	sought       BYTES  NOT NULL,           -- house: JSON, those by which the newest list was asked for
	noticed_ms   BIGINT NOT NULL,
	began_ms     BIGINT NOT NULL,           -- 0 not known
	ended_ms     BIGINT NOT NULL,           -- 0 not known, or it hasn't
	contained_ms BIGINT NOT NULL,           -- 0 not yet
	list         BIGINT NOT NULL,           -- the newest list that was asked for, 0 none
	frozen       BIGINT NOT NULL,           -- the list that holds, 0 none
	asked_ms     BIGINT NOT NULL,           -- when approval was asked for, 0 not, or something was changed since
	approved     BIGINT NOT NULL,           -- the edition of the notices that was approved last, 0 none
	spared       BOOLEAN NOT NULL,          -- it was decided that nobody has to be told
	declared_ms  BIGINT NOT NULL,
	closed_ms    BIGINT NOT NULL            -- 0 not yet
);

-- What was done, only added to.
CREATE TABLE incident_step (
	incident_id TEXT   NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	seq         BIGINT NOT NULL,
	did         TEXT   NOT NULL,
	words       BYTES  NOT NULL, -- house; may be empty
	at_ms       BIGINT NOT NULL,
	PRIMARY KEY (incident_id, seq)
);

-- Who of the staff did it; none at the console and for what the program did.
CREATE TABLE incident_hand (
	incident_id TEXT   NOT NULL,
	seq         BIGINT NOT NULL,
	staff_id    TEXT   NOT NULL,
	PRIMARY KEY (incident_id, seq),
	FOREIGN KEY (incident_id, seq) REFERENCES incident_step (incident_id, seq) ON DELETE CASCADE
);
CREATE INDEX incident_hand_staff ON incident_hand (staff_id);

-- An authority that is to be told.
CREATE TABLE incident_duty (
	incident_id TEXT    NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	region      TEXT    NOT NULL,
	law         TEXT    NOT NULL,
	authority   TEXT    NOT NULL, -- its name, '' not configured
	contact     TEXT    NOT NULL,
	source      TEXT    NOT NULL, -- where the law says so
	hours       BIGINT  NOT NULL, -- after it was noticed; 0 at once
	told_ms     BIGINT  NOT NULL, -- 0 not yet
	spared      BOOLEAN NOT NULL, -- it was decided that it need not be told
	words       BYTES   NOT NULL, -- house: its reference, or why it need not
	reminded    BIGINT  NOT NULL, -- how many of the reminders were sent
	PRIMARY KEY (incident_id, region, law)
);

-- A notice as it is being written; region '' for all.
CREATE TABLE incident_draft (
	incident_id TEXT   NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	region      TEXT   NOT NULL,
	lang        TEXT   NOT NULL,
	words       BYTES  NOT NULL, -- house: JSON
	changed_ms  BIGINT NOT NULL,
	PRIMARY KEY (incident_id, region, lang)
);

-- A notice as it was approved. It is never changed.
CREATE TABLE incident_notice (
	incident_id TEXT   NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	edition     BIGINT NOT NULL,
	region      TEXT   NOT NULL,
	lang        TEXT   NOT NULL,
	words       BYTES  NOT NULL, -- house: JSON
	PRIMARY KEY (incident_id, edition, region, lang)
);

-- The tables from here on are used in each region's database.

-- How far the search for a list has come in a region.
CREATE TABLE incident_run (
	incident_id TEXT    NOT NULL,
	list        BIGINT  NOT NULL,
	region      TEXT    NOT NULL,
	criterion   BIGINT  NOT NULL,
	reached     TEXT    NOT NULL, -- the last one it looked at by that criterion
	others      BIGINT  NOT NULL, -- of nobody who can be told: staff, and who is gone
	done        BOOLEAN NOT NULL,
	PRIMARY KEY (incident_id, list, region)
);

-- How many. What is counted of lists that hold stays when people are erased.
CREATE TABLE incident_count (
	incident_id TEXT   NOT NULL,
	list        BIGINT NOT NULL, -- 0 what came of telling
	region      TEXT   NOT NULL,
	what        TEXT   NOT NULL, -- person, country, language, kind, or a channel
	value       TEXT   NOT NULL,
	n           BIGINT NOT NULL,
	PRIMARY KEY (incident_id, list, region, what, value)
);

-- Somebody whom it concerns, in their own region.
CREATE TABLE incident_person (
	incident_id TEXT   NOT NULL,
	owner       TEXT   NOT NULL,
	region      TEXT   NOT NULL,
	first_list  BIGINT NOT NULL,
	last_list   BIGINT NOT NULL,
	detail      BYTES  NOT NULL, -- sealed: JSON, kinds of data, country, language
	channel     TEXT   NOT NULL, -- by which they are told
	state       TEXT   NOT NULL, -- found, queued, sending, sent, by_hand, done
	edition     BIGINT NOT NULL, -- of the notice that they are told, 0 none yet
	tries       BIGINT NOT NULL, -- by this channel
	made_ms     BIGINT NOT NULL,
	due_ms      BIGINT NOT NULL,
	lease_ms    BIGINT NOT NULL,
	queued_ms   BIGINT NOT NULL, -- since when the notice stands on their pages, 0 not
	told_ms     BIGINT NOT NULL, -- when it left, or somebody reached them; 0 not yet
	seen_ms     BIGINT NOT NULL, -- when they opened its page, 0 not
	PRIMARY KEY (incident_id, owner)
);
CREATE INDEX incident_person_owner ON incident_person (owner);
CREATE INDEX incident_person_due ON incident_person (incident_id, region, state, due_ms);

-- Each try to tell somebody, and what came of it.
CREATE TABLE incident_try (
	incident_id TEXT   NOT NULL,
	owner       TEXT   NOT NULL,
	seq         BIGINT NOT NULL,
	channel     TEXT   NOT NULL,
	outcome     TEXT   NOT NULL,
	at_ms       BIGINT NOT NULL,
	PRIMARY KEY (incident_id, owner, seq)
);
CREATE INDEX incident_try_owner ON incident_try (owner);
