-- +goose Up

-- Notices are kept in every region whose people are told, so that those can read them
-- while the region that has the incident can't be reached.
CREATE TABLE incident_notice_anew (
	incident_id TEXT   NOT NULL,
	edition     BIGINT NOT NULL,
	region      TEXT   NOT NULL, -- for whose people, '' all
	lang        TEXT   NOT NULL,
	words       BYTES  NOT NULL, -- house: JSON
	PRIMARY KEY (incident_id, edition, region, lang)
);
INSERT INTO incident_notice_anew (incident_id, edition, region, lang, words) SELECT incident_id, edition, region, lang, words FROM incident_notice;
DROP TABLE incident_notice;
ALTER TABLE incident_notice_anew RENAME TO incident_notice;
