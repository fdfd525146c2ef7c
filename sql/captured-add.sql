-- A captured call, to be looked for in CloudTrail. :request :time :stream :call :context :observer INTEGER, :id BLOB,
-- :event TEXT. No rows.
INSERT OR IGNORE INTO captured (request, time, stream, id, call, context, observer, event, fresh, counted)
VALUES (:request, :time, :stream, :id, :call, :context, :observer, :event, 1, 1)
