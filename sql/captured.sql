-- Captured calls, and the records of CloudTrail of the same calls.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: captured-any
-- Are there captured calls?
-- Inputs: none
-- Rows: (1), one if so
SELECT 1 FROM captured LIMIT 1

-- name: captured-add
-- Stores a captured call, to be looked for in CloudTrail.
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB, call INTEGER, context INTEGER, observer INTEGER, event
-- TEXT
-- Rows: none
INSERT OR IGNORE INTO captured (request, time, stream, id, call, context, observer, event, fresh, counted)
VALUES (:request, :time, :stream, :id, :call, :context, :observer, :event, 1, 1)

-- name: captured-joined
-- Is a record a captured call that counts with another record of it?
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB
-- Rows: at most one, (1) if so
SELECT 1 FROM captured
WHERE request = :request AND time = :time AND stream = :stream AND id = :id AND counted = 0

-- name: captured-drop
-- Forgets a captured call: another copy of the record counts.
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB
-- Rows: none
DELETE FROM captured WHERE request = :request AND time = :time AND stream = :stream AND id = :id

-- name: captured-touch
-- Marks captured calls near a record of CloudTrail to be looked for again.
-- Inputs: request INTEGER, low INTEGER, high INTEGER
-- Rows: none
UPDATE captured SET fresh = 1 WHERE request = :request AND time BETWEEN :low AND :high

-- name: captured-range
-- When were the captured calls made that are to be looked for?
-- Inputs: none
-- Rows: one, (first, last), NULL if there are none
SELECT min(time), max(time) FROM captured WHERE fresh = 1

-- name: captured-pairs
-- Which captured calls did CloudTrail record too? Equal request id, source and name within 15 minutes; low and high bound
-- the times of the records to look at. S3's request ids are S3's alone, and its access logs (observer 4) have other names for
-- some calls and a line for each side of a copy; but the objects of a DeleteObjects are named by its lines only.
-- Inputs: low INTEGER, high INTEGER
-- Rows: (request, time, stream, id of the captured one; stream, time, id of CloudTrail's; observer), by the first seven
SELECT k.request, k.time, k.stream, k.id, e.stream, e.time, e.id, k.observer
FROM stream t
CROSS JOIN event e ON e.stream = t.id
JOIN captured k ON k.request = e.request AND k.fresh = 1 AND k.time BETWEEN e.time - 900 AND e.time + 900
JOIN call a ON a.id = k.call
JOIN call b ON b.id = e.call
WHERE t.cloudtrail = 1 AND e.time BETWEEN :low AND :high AND e.request <> 0
	AND (a.source = b.source AND a.name = b.name
		OR k.observer = 4 AND b.source = 's3.amazonaws.com'
			AND NOT (a.name = 'DeleteObject' AND b.name = 'DeleteObjects'))
ORDER BY k.request, k.time, k.stream, k.id, e.stream, e.time, e.id

-- name: captured-twice
-- Which calls did monitoring (observer 2) or an access log of S3 (4), and the proxy (3) both see? The proxy's counts; of
-- monitoring and an access log the access log's, which names the objects.
-- Inputs: none
-- Rows: (request, time, stream, id) of the others, by these
SELECT k.request, k.time, k.stream, k.id
FROM captured k
JOIN call a ON a.id = k.call
WHERE k.observer IN (2, 4) AND k.counted = 1 AND k.request <> 0 AND EXISTS (
	SELECT 1 FROM captured p JOIN call b ON b.id = p.call
	WHERE p.request = k.request AND (p.observer = 3 OR p.observer = 4 AND k.observer = 2)
		AND p.time BETWEEN k.time - 900 AND k.time + 900
		AND (a.source = b.source AND a.name = b.name
			OR 4 IN (k.observer, p.observer)
				AND 's3.amazonaws.com' IN (a.source, b.source)
				AND NOT ('DeleteObject' IN (a.name, b.name) AND 'DeleteObjects' IN (a.name, b.name)))
		AND (p.fresh = 1 OR k.fresh = 1))
ORDER BY k.request, k.time, k.stream, k.id

-- name: captured-get
-- One captured call, with the call as it now stands.
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB
-- Rows: at most one, (call, context, counted, event)
SELECT coalesce(c.folded_into, c.id), k.context, k.counted, k.event
FROM captured k JOIN call c ON c.id = k.call
WHERE k.request = :request AND k.time = :time AND k.stream = :stream AND k.id = :id

-- name: captured-uncount
-- Marks a captured call that counts with another record of it.
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB
-- Rows: none
UPDATE captured SET counted = 0 WHERE request = :request AND time = :time AND stream = :stream AND id = :id

-- name: captured-done
-- Marks all captured calls as looked for.
-- Inputs: none
-- Rows: none
UPDATE captured SET fresh = 0 WHERE fresh = 1
