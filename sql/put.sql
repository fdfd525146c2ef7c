-- Rows that a run gathers in memory, which one statement inserts (src/store/put.c).
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: put-event-columns
-- What a row of new events has.
-- Inputs: none
-- Rows: none
CREATE TABLE x (stream INTEGER, time INTEGER, id BLOB, call INTEGER, context INTEGER, session INTEGER, request INTEGER)

-- name: put-event
-- Stores new events. FAIL, since none of them can be there: then SQLite need not be able to take all of them back.
-- Inputs: none
-- Rows: none
INSERT OR FAIL INTO event (stream, time, id, call, context, session, request)
SELECT stream, time, id, call, context, session, request FROM put_event

-- name: put-day-columns
-- What a row of counts has.
-- Inputs: none
-- Rows: none
CREATE TABLE x (call INTEGER, context INTEGER, day INTEGER, events INTEGER, first INTEGER, last INTEGER)

-- name: put-day
-- Adds to the counts of calls, contexts and days.
-- Inputs: none
-- Rows: none
INSERT INTO call_day (call, context, day, events, first, last)
SELECT call, context, day, events, first, last FROM put_day WHERE true
ON CONFLICT (call, context, day) DO UPDATE SET
	events = min(events + excluded.events, 1 << 40),
	first = min(first, excluded.first),
	last = max(last, excluded.last)
