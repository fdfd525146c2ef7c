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
	last INTEGER NOT NULL, PRIMARY KEY (call, context)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS session_tags (session INTEGER PRIMARY KEY, tags TEXT);
CREATE TEMP TABLE IF NOT EXISTS call_tags (
	call INTEGER NOT NULL, context INTEGER NOT NULL, tags TEXT, events INTEGER, first INTEGER, last INTEGER
);
CREATE INDEX IF NOT EXISTS temp.call_tags_call ON call_tags (call, context);
DELETE FROM temp.filter;
DELETE FROM temp.used;

-- name: filter-add
-- Adds one condition. kind: 'principal' (value: id), 'account', what is left out: 'agent', 'service', 'session', 'action'
-- (globs), what alone is looked at: the same with 'only-' before it, or 'tag' (key, in lower case).
-- Inputs: kind TEXT, value INTEGER or TEXT
-- Rows: none
INSERT OR IGNORE INTO temp.filter (kind, value) VALUES (:kind, :value)

-- name: used-days
-- Adds whole days to what counts, under the conditions of temp.filter. outcomes: bits; phases: bits of the errors of failed
-- calls (error_phase), 0 for all; principals, accounts: 1 if there are
-- such conditions; from, to: days, both included.
-- Inputs: outcomes INTEGER, phases INTEGER, principals INTEGER, accounts INTEGER, from INTEGER, to INTEGER
-- Rows: none
INSERT INTO temp.used (call, context, events, first, last)
SELECT d.call, d.context, sum(d.events), min(d.first), max(d.last)
FROM principal p
CROSS JOIN call c ON c.principal = p.id
CROSS JOIN call_day d ON d.call = c.id
JOIN context x ON x.id = d.context
WHERE (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND (NOT :principals OR coalesce(p.same_as, p.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal'))
	AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND d.events > 0 AND d.day BETWEEN :from AND :to
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))
GROUP BY d.call, d.context
ON CONFLICT (call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: used-events
-- The same from single events, for parts of a day and conditions on sessions. since <= time < until, in seconds.
-- Inputs: outcomes INTEGER, phases INTEGER, principals INTEGER, accounts INTEGER, since INTEGER, until INTEGER
-- Rows: none
INSERT INTO temp.used (call, context, events, first, last)
SELECT coalesce(c.folded_into, c.id), e.context, count(*), min(e.time), max(e.time)
FROM stream s
CROSS JOIN event e ON e.stream = s.id
CROSS JOIN call c ON c.id = e.call
JOIN principal p ON p.id = c.principal
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
WHERE (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND (NOT :principals OR coalesce(p.same_as, p.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal'))
	AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	-- of some principals: only what can be theirs is read, and looked up
	AND (NOT :principals OR (s.account, s.region) IN (SELECT a.account, a.region FROM principal b
		JOIN call a ON a.principal = b.id
		WHERE coalesce(b.same_as, b.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal')))
	AND (NOT :principals OR e.call IN (SELECT a.id FROM principal b JOIN call a ON a.principal = b.id
		WHERE coalesce(b.same_as, b.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal')))
	AND (s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
		AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
	AND e.time >= :since AND e.time < :until
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
