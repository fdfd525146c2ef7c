-- Stores one event unless it is there.
-- :stream :time :call :context :session :request INTEGER, :id BLOB. No rows.
INSERT OR IGNORE INTO event (stream, time, id, call, context, session, request)
VALUES (:stream, :time, :id, :call, :context, :session, :request)
