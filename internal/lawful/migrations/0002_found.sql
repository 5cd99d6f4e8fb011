-- +goose Up

-- What is deleted by the clock, or with its key, is found without reading all.
CREATE INDEX lawful_words_key ON lawful_words (key);
CREATE INDEX lawful_file_key ON lawful_file (key);
CREATE INDEX lawful_file_ends ON lawful_file (ends_ms);
CREATE INDEX lawful_step_by ON lawful_step (by_id);
