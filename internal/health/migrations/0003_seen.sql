-- +goose Up

-- When somebody of the staff had looked at the change; 0 nobody has.
ALTER TABLE health_path ADD COLUMN seen_ms BIGINT NOT NULL DEFAULT 0;
