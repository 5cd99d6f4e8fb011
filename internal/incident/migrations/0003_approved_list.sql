-- +goose Up

-- For which list the notices were approved, 0 none: a list that was made the one
-- that holds since then waits for an approval of its own.
ALTER TABLE incident ADD COLUMN approved_list BIGINT NOT NULL DEFAULT 0;

UPDATE incident SET approved_list = frozen WHERE approved > 0 AND
	(SELECT MAX(s.seq) FROM incident_step s WHERE s.incident_id = incident.id AND s.did = 'approved') >
	(SELECT MAX(s.seq) FROM incident_step s WHERE s.incident_id = incident.id AND s.did = 'frozen');
