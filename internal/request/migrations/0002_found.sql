-- +goose Up

-- What is somebody's is found without reading everybody's.
CREATE INDEX request_event_owner ON request_event (owner);
CREATE INDEX request_letter_owner ON request_letter (owner);
