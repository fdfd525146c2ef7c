-- Days of streams of which only counts are held.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: slice-any
-- Is any day held as counts?
-- Inputs: none
-- Rows: one, (any), 0 or 1
SELECT EXISTS (SELECT 1 FROM slice)

-- name: slice-get
-- Is this day of a stream held as counts, and closed?
-- Inputs: stream INTEGER, day INTEGER
-- Rows: at most one, (closed)
SELECT closed FROM slice WHERE stream = :stream AND day = :day

-- name: slice-of-principals
-- On which days that are held as counts were there calls of the principals of temp.filter, or with principals 0 of any? from, to:
-- days, both included.
-- Inputs: from INTEGER, to INTEGER, principals INTEGER
-- Rows: (account, region, day, closed), by day, account, region
SELECT t.account, t.region, s.day, s.closed
FROM slice s JOIN stream t ON t.id = s.stream
WHERE s.day BETWEEN :from AND :to AND EXISTS (
	SELECT 1 FROM bulk b
	CROSS JOIN call c ON c.id = b.call
	JOIN principal p ON p.id = c.principal
	WHERE b.stream = s.stream AND b.day = s.day AND (NOT :principals
		OR coalesce(p.same_as, p.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal')))
ORDER BY s.day, t.account, t.region

-- name: slice-add
-- Counts a reduced row with its day.
-- Inputs: stream INTEGER, day INTEGER, events INTEGER
-- Rows: none
INSERT INTO slice (stream, day, closed, rows, events) VALUES (:stream, :day, 0, 1, :events)
ON CONFLICT (stream, day) DO UPDATE SET rows = rows + 1, events = min(events + excluded.events, 1 << 50)

-- name: slice-raw
-- Does a stream have events between two times (low <= time < high)?
-- Inputs: stream INTEGER, low INTEGER, high INTEGER
-- Rows: one, (any), 0 or 1
SELECT EXISTS (SELECT 1 FROM event WHERE stream = :stream AND time >= :low AND time < :high)

-- name: bulk-row-add
-- Stores the identity of a reduced row unless it is there.
-- Inputs: stream INTEGER, day INTEGER, id BLOB
-- Rows: none
INSERT OR IGNORE INTO bulk_row (stream, day, id) VALUES (:stream, :day, :id)

-- name: bulk-add
-- Adds to the count of a call and context of a day, up to LIMIT_COUNTED_EVENTS.
-- Inputs: stream INTEGER, day INTEGER, call INTEGER, context INTEGER, events INTEGER, first INTEGER, last INTEGER
-- Rows: none
INSERT INTO bulk (stream, day, call, context, events, first, last)
VALUES (:stream, :day, :call, :context, :events, :first, :last)
ON CONFLICT (stream, day, call, context) DO UPDATE SET
	events = min(events + excluded.events, 1 << 40),
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: bulk-owner
-- Notes the account that owns the resource of a call: the least of those that are told.
-- Inputs: call INTEGER, account TEXT
-- Rows: none
INSERT INTO owner (call, account) VALUES (:call, :account)
ON CONFLICT (call) DO UPDATE SET account = excluded.account WHERE excluded.account < account

-- name: bulk-stale
-- Marks an API call to be derived again, if it was derived.
-- Inputs: call INTEGER
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT c.id FROM call c
JOIN derived d ON d.principal = c.principal AND c.id <= d.upto
WHERE c.id = :call AND c.kind = 1

-- name: close-streams
-- Which streams are CloudTrail's? Days of captures stay as they are: there are few, and they are joined by single events.
-- Inputs: none
-- Rows: (id), by id
SELECT id FROM stream WHERE cloudtrail = 1 ORDER BY id

-- name: close-next
-- When is the first event of a stream between two times? low <= time < high.
-- Inputs: stream INTEGER, low INTEGER, high INTEGER
-- Rows: one, (time), NULL if there is none
SELECT min(time) FROM event WHERE stream = :stream AND time >= :low AND time < :high

-- name: close-count
-- Adds the events between two times, of one day, to its counts. low <= time < high.
-- Inputs: day INTEGER, stream INTEGER, low INTEGER, high INTEGER
-- Rows: none
INSERT INTO bulk (stream, day, call, context, events, first, last)
SELECT stream, :day, call, context, count(*), min(time), max(time)
FROM event
WHERE stream = :stream AND time >= :low AND time < :high
GROUP BY call, context
ON CONFLICT (stream, day, call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: close-conflicts
-- Forgets the copies of a day's events that do not count.
-- Inputs: stream INTEGER, low INTEGER, high INTEGER
-- Rows: none
DELETE FROM conflict WHERE stream = :stream AND time >= :low AND time < :high

-- name: close-partial
-- Forgets which events of a day were told in part.
-- Inputs: low INTEGER, high INTEGER, stream INTEGER
-- Rows: none
DELETE FROM partial WHERE time >= :low AND time < :high AND stream = :stream

-- name: close-events
-- Forgets the events of a day.
-- Inputs: stream INTEGER, low INTEGER, high INTEGER
-- Rows: none
DELETE FROM event WHERE stream = :stream AND time >= :low AND time < :high

-- name: close-day
-- Marks a day as closed that was held as events.
-- Inputs: stream INTEGER, day INTEGER
-- Rows: none
INSERT INTO slice (stream, day, closed, rows, events) VALUES (:stream, :day, 1, 0, 0)

-- name: close-open
-- Closes all days before one that are made of reduced rows.
-- Inputs: day INTEGER
-- Rows: none
UPDATE slice SET closed = 1 WHERE day < :day AND closed = 0

-- name: close-sessions
-- Forgets the sessions of which no event is left, but for those that say whose a key is: a long-term one, or one that a
-- principal is known by.
-- Inputs: none
-- Rows: none
DELETE FROM session
WHERE id NOT IN (SELECT session FROM event) AND (access_key IS NULL OR (substr(access_key, 1, 4) <> 'AKIA'
	AND access_key NOT IN (SELECT substr(arn, 12) FROM principal WHERE type = 11)))

-- name: close-rows
-- Forgets the identities of the reduced rows of closed days.
-- Inputs: none
-- Rows: none
DELETE FROM bulk_row
WHERE (stream, day) IN (SELECT stream, day FROM slice WHERE closed = 1 AND rows > 0)
