-- +goose Up

-- What is deleted by the clock is found without reading all.
CREATE INDEX incident_declared ON incident (declared_ms);
CREATE INDEX incident_person_made ON incident_person (made_ms);
CREATE INDEX incident_try_at ON incident_try (at_ms);
