-- Sums over call_day: by principal, event source and day, and by principal and context.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: total-state
-- Do the sums hold? '' or nothing if so, else who is changing call_day, or did and was stopped.
-- Inputs: none
-- Rows: at most one, (value)
SELECT value FROM main.meta WHERE key = 'totals'

-- name: total-state-set
-- Notes who is changing call_day; '' when the sums hold.
-- Inputs: value TEXT
-- Rows: none
INSERT OR REPLACE INTO main.meta (key, value) VALUES ('totals', :value)

-- name: total-call
-- What of a call do the sums tell apart?
-- Inputs: call INTEGER
-- Rows: at most one, (principal, kind, management, outcome, source)
SELECT principal, kind, management, outcome, source FROM call WHERE id = :call

-- name: total-principals
-- How many principals are there?
-- Inputs: none
-- Rows: one, (n)
SELECT count(*) FROM principal

-- name: total-uncounted-list
-- Which principals have days of calls of which no event counts?
-- Inputs: none
-- Rows: (principal), by principal
SELECT principal FROM total_uncounted ORDER BY principal

-- name: total-uncounted-add
-- Notes that a principal has such days.
-- Inputs: principal INTEGER
-- Rows: none
INSERT OR IGNORE INTO total_uncounted (principal) VALUES (:principal)

-- name: total-uncounted-drop
-- Notes that it has none.
-- Inputs: principal INTEGER
-- Rows: none
DELETE FROM total_uncounted WHERE principal = :principal

-- name: total-day-add
-- Adds to the sums of a principal, event source and day.
-- Inputs: principal INTEGER, source TEXT, day INTEGER, events INTEGER, calls INTEGER, data INTEGER, management INTEGER, denied
-- INTEGER, failed INTEGER, first INTEGER, last INTEGER
-- Rows: none
INSERT INTO total_day (principal, source, day, events, calls, data, management, denied, failed, first, last)
VALUES (:principal, :source, :day, :events, :calls, :data, :management, :denied, :failed, :first, :last)
ON CONFLICT (principal, source, day) DO UPDATE SET
	events = events + excluded.events,
	calls = calls + excluded.calls,
	data = data + excluded.data,
	management = management + excluded.management,
	denied = denied + excluded.denied,
	failed = failed + excluded.failed,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: total-context-add
-- Adds to the sums of a principal's API calls in a context.
-- Inputs: principal INTEGER, context INTEGER, events INTEGER, first INTEGER, last INTEGER
-- Rows: none
INSERT INTO total_context (principal, context, events, first, last)
VALUES (:principal, :context, :events, :first, :last)
ON CONFLICT (principal, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: total-day-drop
-- Forgets the sums of a principal by day.
-- Inputs: principal INTEGER
-- Rows: none
DELETE FROM total_day WHERE principal = :principal

-- name: total-context-drop
-- Forgets the sums of a principal by context.
-- Inputs: principal INTEGER
-- Rows: none
DELETE FROM total_context WHERE principal = :principal

-- name: total-clear
-- Forgets all sums. A script.
-- Inputs: none
-- Rows: none
DELETE FROM total_day;
DELETE FROM total_context;
DELETE FROM total_uncounted;

-- name: total-rows
-- What is there to be summed up?
-- Inputs: none
-- Rows: (principal, kind, management, outcome, source, context, day, events, first, last), by call, context, day
SELECT c.principal, c.kind, c.management, c.outcome, c.source, d.context, d.day, d.events, d.first, d.last
FROM call_day d
CROSS JOIN call c ON c.id = d.call
ORDER BY d.call, d.context, d.day

-- name: total-rows-of
-- The same of one principal.
-- Inputs: principal INTEGER
-- Rows: as total-rows
SELECT c.principal, c.kind, c.management, c.outcome, c.source, d.context, d.day, d.events, d.first, d.last
FROM call c
CROSS JOIN call_day d ON d.call = c.id
WHERE c.principal = :principal
ORDER BY c.id, d.context, d.day

-- name: total-in-memory
-- Makes tables in memory that hide the file's, for a file that may not be written. A script.
-- Inputs: none
-- Rows: none
CREATE TEMP TABLE total_day (
	principal INTEGER NOT NULL,
	source TEXT NOT NULL,
	day INTEGER NOT NULL,
	events INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	data INTEGER NOT NULL,
	management INTEGER NOT NULL,
	denied INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (principal, source, day)
) WITHOUT ROWID;
CREATE TEMP TABLE total_context (
	principal INTEGER NOT NULL,
	context INTEGER NOT NULL,
	events INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (principal, context)
) WITHOUT ROWID;
CREATE TEMP TABLE total_uncounted (principal INTEGER PRIMARY KEY);
