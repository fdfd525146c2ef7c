-- Events of records that tell less than CloudTrail's own: rows of Event history and of queries.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: partial-any
-- Are there such events?
-- Inputs: none
-- Rows: (1), one if so
SELECT 1 FROM partial LIMIT 1

-- name: partial-add
-- Stores that an event is one.
-- Inputs: time INTEGER, id BLOB, stream INTEGER, detail INTEGER
-- Rows: none
INSERT OR IGNORE INTO partial (time, id, stream, detail) VALUES (:time, :id, :stream, :detail)

-- name: partial-better
-- Is there a record of the same event that tells more? low and high bound the ids of its eventID; a region that is not told
-- may be any.
-- Inputs: time INTEGER, low BLOB, high BLOB, region TEXT, source TEXT, name TEXT, detail INTEGER
-- Rows: at most one, (1) if so
SELECT 1 FROM stream t
CROSS JOIN event e ON e.stream = t.id AND e.time = :time AND e.id BETWEEN :low AND :high
CROSS JOIN call c ON c.id = e.call
LEFT JOIN partial p ON p.time = e.time AND p.id = e.id AND p.stream = e.stream
WHERE t.cloudtrail = 1 AND (:region = '' OR t.region = '' OR t.region = :region) AND c.source = :source AND c.name = :name
	AND coalesce(p.detail, 2) > :detail
LIMIT 1

-- name: partial-worse
-- Which events of records that tell less are this one? The call as it now stands.
-- Inputs: time INTEGER, low BLOB, high BLOB, detail INTEGER, region TEXT, source TEXT, name TEXT
-- Rows: (stream, id, call, context), by the first two
SELECT p.stream, p.id, coalesce(c.folded_into, c.id), e.context
FROM partial p
JOIN stream t ON t.id = p.stream
JOIN event e ON e.stream = p.stream AND e.time = p.time AND e.id = p.id
JOIN call c ON c.id = e.call
WHERE p.time = :time AND p.id BETWEEN :low AND :high AND p.detail < :detail
	AND (:region = '' OR t.region = '' OR t.region = :region) AND c.source = :source AND c.name = :name
ORDER BY p.stream, p.id

-- name: partial-drop
-- Forgets that an event is one.
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: none
DELETE FROM partial WHERE stream = :stream AND time = :time AND id = :id

-- name: partial-drop-event
-- Takes its event away.
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: none
DELETE FROM event WHERE stream = :stream AND time = :time AND id = :id

-- name: partial-drop-conflicts
-- Takes the copies of it away that do not count.
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: none
DELETE FROM conflict WHERE stream = :stream AND time = :time AND id = :id
