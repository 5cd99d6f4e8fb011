-- +goose Up

-- What waits, by its stream, with all that is asked for: without waits in it
-- SQLite read through all that was ever delivered to an endpoint.
DROP INDEX webhook_delivery_order;
CREATE INDEX webhook_delivery_order ON webhook_delivery (endpoint, stream, seq, waits) WHERE waits > 0;
