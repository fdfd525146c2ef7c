-- Which events count for a question: temp.filter holds its conditions, temp.used the calls and contexts that are left.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: filter-begin
-- Makes and empties the tables in which a reader gathers which events count. A script.
-- Inputs: none
-- Rows: none
CREATE TEMP TABLE IF NOT EXISTS filter (kind TEXT NOT NULL, value NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS used (
	call INTEGER NOT NULL, context INTEGER NOT NULL, events INTEGER NOT NULL, first INTEGER NOT NULL,
	last INTEGER NOT NULL, outcome INTEGER NOT NULL, phase INTEGER NOT NULL, PRIMARY KEY (call, context)
) WITHOUT ROWID;
-- whose calls are looked at, with those that turned out to be them
CREATE TEMP TABLE IF NOT EXISTS theirs (principal INTEGER PRIMARY KEY);
-- which of them a question is about: bits of outcomes, and of the errors of failed calls (error_phase), 0 for all
CREATE TEMP TABLE IF NOT EXISTS asked (outcomes INTEGER NOT NULL, phases INTEGER NOT NULL);
CREATE TEMP VIEW IF NOT EXISTS counted AS
SELECT u.call AS call, u.context AS context, u.events AS events, u.first AS first, u.last AS last
FROM used u CROSS JOIN asked a
WHERE (a.outcomes >> u.outcome) & 1 AND (u.outcome <> 2 OR a.phases = 0 OR (a.phases >> u.phase) & 1);
-- calls of which all events must be looked at (named.sql)
CREATE TEMP TABLE IF NOT EXISTS open_call (call INTEGER PRIMARY KEY, principal INTEGER NOT NULL);
-- how often each session was used (session-use.c)
CREATE TEMP TABLE IF NOT EXISTS session_use (
	session INTEGER PRIMARY KEY, events INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS session_tags (session INTEGER PRIMARY KEY, tags TEXT);
CREATE TEMP TABLE IF NOT EXISTS call_tags (
	call INTEGER NOT NULL, context INTEGER NOT NULL, tags TEXT, events INTEGER, first INTEGER, last INTEGER
);
CREATE INDEX IF NOT EXISTS temp.call_tags_call ON call_tags (call, context);
DELETE FROM temp.filter;
DELETE FROM temp.theirs;
DELETE FROM temp.used;

-- name: filter-add
-- Adds one condition. kind: 'principal' (value: id), 'account', what is left out: 'agent', 'service', 'session', 'action'
-- (globs), what alone is looked at: the same with 'only-' before it, or 'tag' (key, in lower case).
-- Inputs: kind TEXT, value INTEGER or TEXT
-- Rows: none
INSERT OR IGNORE INTO temp.filter (kind, value) VALUES (:kind, :value)

-- name: theirs-all
-- All principals' calls are looked at.
-- Inputs: none
-- Rows: none
INSERT INTO temp.theirs (principal) SELECT id FROM principal

-- name: theirs-add
-- The calls of a principal are looked at.
-- Inputs: principal INTEGER
-- Rows: none
INSERT OR IGNORE INTO temp.theirs (principal)
SELECT id FROM principal WHERE id = :principal AND same_as IS NULL
UNION ALL SELECT id FROM principal WHERE same_as = :principal

-- name: asked-set
-- Says which outcomes the next questions are about.
-- Inputs: outcomes INTEGER, phases INTEGER
-- Rows: none
INSERT INTO temp.asked (outcomes, phases) VALUES (:outcomes, :phases)

-- name: asked-clear
-- Forgets it.
-- Inputs: none
-- Rows: none
DELETE FROM temp.asked

-- name: used-days
-- Adds whole days to what counts, of temp.theirs and under the conditions of temp.filter. accounts, agents, services: 1 if
-- there are such conditions; from, to: days, both included.
-- Inputs: accounts INTEGER, from INTEGER, to INTEGER, agents INTEGER, services INTEGER
-- Rows: none
INSERT INTO temp.used (call, context, events, first, last, outcome, phase)
SELECT d.call, d.context, d.events, d.first, d.last, c.outcome,
	CASE WHEN c.outcome = 2 THEN error_phase(c.source, c.name, c.error) ELSE 0 END
FROM temp.theirs t
CROSS JOIN call c ON c.principal = t.principal
CROSS JOIN call_day d ON d.call = c.id
WHERE (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND d.events > 0 AND d.day BETWEEN :from AND :to
	AND (NOT :agents OR EXISTS (SELECT 1 FROM context x WHERE x.id = d.context
		AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
		AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
			OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))))
	AND (NOT :services
		OR NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source)))
-- a row of each day: they come by call and context
ON CONFLICT (call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: used-events
-- The same from single events, for parts of a day and conditions on sessions. since <= time < until, in seconds. principals: 1 if
-- not all are in temp.theirs: then only what can be theirs is read, streams and times of days in which they called.
-- Inputs: since INTEGER, until INTEGER, principals INTEGER, accounts INTEGER
-- Rows: none
WITH part AS MATERIALIZED (
	SELECT t.id AS stream, t.cloudtrail AS cloudtrail, max(d.low, :since) AS low, min(d.high + 1, :until) AS high
	FROM (SELECT min(u.first) AS low, max(u.last) AS high
		FROM temp.theirs b CROSS JOIN total_day u ON u.principal = b.principal
		WHERE u.last >= :since AND u.first < :until
		GROUP BY u.day) d
	CROSS JOIN stream t
	WHERE NOT :principals OR (t.account, t.region) IN
		(SELECT a.account, a.region FROM temp.theirs b CROSS JOIN call a ON a.principal = b.principal)
)
INSERT INTO temp.used (call, context, events, first, last, outcome, phase)
SELECT coalesce(c.folded_into, c.id), e.context, count(*), min(e.time), max(e.time), c.outcome,
	CASE WHEN c.outcome = 2 THEN error_phase(c.source, c.name, c.error) ELSE 0 END
FROM part s
CROSS JOIN event e ON e.stream = s.stream AND e.time >= s.low AND e.time < s.high
CROSS JOIN call c ON c.id = e.call
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
WHERE (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND (NOT :principals OR e.call IN (SELECT a.id FROM temp.theirs b CROSS JOIN call a ON a.principal = b.principal))
	AND (s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
		AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'session' AND name_glob(f.value, n.name))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-session')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-session' AND name_glob(f.value, n.name)))
GROUP BY 1, 2
ON CONFLICT (call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)
