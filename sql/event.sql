-- The events.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: event-insert
-- Stores one event unless it is there.
-- Inputs: stream INTEGER, time INTEGER, id BLOB, call INTEGER, context INTEGER, session INTEGER, request INTEGER
-- Rows: none
INSERT OR IGNORE INTO event (stream, time, id, call, context, session, request)
VALUES (:stream, :time, :id, :call, :context, :session, :request)

-- name: event-conflict
-- Are there events of this eventID in the same stream and second? low and high bound the ids that share its prefix.
-- Inputs: stream INTEGER, time INTEGER, low BLOB, high BLOB
-- Rows: at most two, (id)
SELECT id FROM event WHERE stream = :stream AND time = :time AND id BETWEEN :low AND :high LIMIT 2

-- name: event-range
-- Between which times are there events?
-- Inputs: none
-- Rows: one, (first, last), NULL if there are no events
SELECT min((SELECT min(time) FROM event WHERE stream = s.id)), max((SELECT max(time) FROM event WHERE stream = s.id))
FROM stream s

-- name: event-call
-- Which call is an event of, as it now stands?
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: at most one, (call, context)
SELECT coalesce(c.folded_into, c.id), e.context
FROM event e JOIN call c ON c.id = e.call
WHERE e.stream = :stream AND e.time = :time AND e.id = :id

-- name: event-call-set
-- Makes an event one of another call, which has more parameters.
-- Inputs: call INTEGER, stream INTEGER, time INTEGER, id BLOB
-- Rows: none
UPDATE event SET call = :call WHERE stream = :stream AND time = :time AND id = :id
