-- +goose Up

-- What is deleted by the clock, and what is somebody's, is found without reading
-- everybody's.
CREATE INDEX flow_account ON flow (account_id);
CREATE INDEX session_revoked ON session (revoked_ms) WHERE revoked_ms > 0;
CREATE INDEX notice_created ON notice (created_ms);
CREATE INDEX awaited_asked ON awaited (asked_ms);
CREATE INDEX guardian_waiting ON guardian (ends_ms) WHERE answered_ms = 0;
CREATE INDEX team_closed ON team (closed_ms) WHERE closed_ms > 0;
CREATE INDEX invitation_by ON invitation (invited_by);
CREATE INDEX invitation_created ON invitation (created_ms);
CREATE INDEX handover_from ON handover (from_id);
CREATE INDEX handover_to ON handover (to_id);
CREATE INDEX handover_ends ON handover (ends_ms);
CREATE INDEX staff_session_staff ON staff_session (staff_id);
CREATE INDEX staff_session_ends ON staff_session (ends_ms);
CREATE INDEX hush_until ON hush (until_ms);
