-- The evidence of a call. :call :time :source :ordinal INTEGER, :id BLOB, :event_id TEXT. No rows.
INSERT OR REPLACE INTO sample (call, time, id, event_id, source, ordinal)
VALUES (:call, :time, :id, :event_id, :source, :ordinal)
