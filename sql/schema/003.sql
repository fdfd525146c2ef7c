-- Access is derived when it is first asked for, and what is appended to has no index of its own. Statements are run in
-- order inside one transaction; no rows.

-- The first ingest of a database leaves the indices of calls out and makes them at its end, in one go: so the one of
-- hashes cannot be a constraint of the table. The views are to mean the table that takes its place.
PRAGMA legacy_alter_table = ON;
ALTER TABLE call RENAME TO call_before;
DROP INDEX call_principal;
DROP INDEX call_folded;
CREATE TABLE call (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL,
	principal INTEGER NOT NULL,
	kind INTEGER NOT NULL,       -- word 'event'
	source TEXT NOT NULL,
	name TEXT NOT NULL,
	region TEXT NOT NULL,
	account TEXT NOT NULL,       -- recipient
	params TEXT,                 -- JSON [[path, value, state], ...]
	params_cut INTEGER NOT NULL,
	resources TEXT,              -- JSON [[arn, type, account, prefix], ...]
	outcome INTEGER NOT NULL,    -- word 'outcome'
	error TEXT,
	denied_by INTEGER NOT NULL,  -- word 'denial'
	explicit_deny INTEGER NOT NULL,
	denied_action TEXT,
	denied_resource TEXT,
	denied_policy TEXT,
	read_only INTEGER NOT NULL,  -- word 'tristate'
	management INTEGER NOT NULL,
	owner_side INTEGER NOT NULL, -- logged for the resource's owner, the actor is of another account
	folded INTEGER NOT NULL,     -- 1: stands for many calls
	folded_into INTEGER,         -- the call that stands for this one
	sample_time INTEGER NOT NULL, -- of its smallest event by (time, id), as evidence
	sample_id BLOB NOT NULL,
	sample_event TEXT,           -- its eventID
	sample_source INTEGER NOT NULL,
	sample_ordinal INTEGER NOT NULL
);
INSERT INTO call SELECT * FROM call_before;
DROP TABLE call_before;
PRAGMA legacy_alter_table = OFF;
CREATE UNIQUE INDEX call_hash ON call (hash);
CREATE INDEX call_principal ON call (principal);
CREATE INDEX call_folded ON call (folded_into) WHERE folded_into IS NOT NULL;

-- Derived: up to which call what a principal's API calls need is derived, other than of those in stale. A principal
-- without a row has none derived.
CREATE TABLE derived (
	principal INTEGER PRIMARY KEY,
	upto INTEGER NOT NULL        -- number of a call
);
INSERT INTO derived (principal, upto) SELECT principal, max(id) FROM call GROUP BY principal;

CREATE INDEX principal_same_as ON principal (same_as) WHERE same_as IS NOT NULL;

-- The views of what is derived tell what is not yet.
DROP VIEW calls;
CREATE VIEW calls AS
SELECT c.id AS call, p.arn AS principal, k.word AS kind, c.source AS source, c.name AS name, c.region AS region,
	c.account AS account, c.params AS params, c.resources AS resources, o.word AS outcome, c.error AS error,
	CASE WHEN c.outcome = 3 THEN b.word END AS denied_by, c.explicit_deny AS explicit_deny,
	c.denied_action AS denied_action, c.denied_resource AS denied_resource, c.folded AS folded,
	CASE WHEN c.kind <> 1 THEN NULL
		WHEN c.id > coalesce((SELECT upto FROM derived v WHERE v.principal = c.principal), 0)
			OR c.id IN (SELECT call FROM stale) THEN 'not derived'
		ELSE coalesce((SELECT word FROM mapped m JOIN word v ON v.kind = 'mapped' AND v.id = m.status
		WHERE m.call = c.id), 'mapped') END AS mapped,
	sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last,
	c.sample_event AS event_id
FROM call_day d
JOIN call c ON c.id = d.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word k ON k.kind = 'event' AND k.id = c.kind
JOIN word o ON o.kind = 'outcome' AND o.id = c.outcome
JOIN word b ON b.kind = 'denial' AND b.id = c.denied_by
WHERE d.events > 0
GROUP BY c.id;

DROP VIEW accesses;
CREATE VIEW accesses AS
SELECT p.arn AS principal, a.action AS action, a.resource AS resource, a.type AS type, l.word AS level,
	n.word AS need, r.word AS rule, f.word AS resource_from, o.word AS outcome, c.id AS call,
	sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM access a
JOIN call c ON c.id = a.call
JOIN call_day d ON d.call = c.id
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word l ON l.kind = 'level' AND l.id = a.level
JOIN word n ON n.kind = 'need' AND n.id = a.need
JOIN word r ON r.kind = 'rule' AND r.id = a.rule
JOIN word f ON f.kind = 'origin' AND f.id = a.origin
JOIN word o ON o.kind = 'outcome' AND o.id = c.outcome
WHERE d.events > 0 AND c.id NOT IN (SELECT call FROM stale)
GROUP BY a.call, a.n
UNION ALL
SELECT k.principal, NULL, NULL, NULL, NULL, 'not derived', NULL, NULL, k.outcome, k.call, k.events, k.first, k.last
FROM calls k
WHERE k.mapped = 'not derived';

-- Events of which a record tells less than who made them for whom, as the rows of Event history do. They go when a record
-- of the same event comes that tells more.
CREATE TABLE partial (
	time INTEGER NOT NULL,       -- the event's key
	id BLOB NOT NULL,
	stream INTEGER NOT NULL,
	detail INTEGER NOT NULL,     -- 0 nobody or a key, 1 a principal
	PRIMARY KEY (time, id, stream)
) WITHOUT ROWID;

-- A day (time / 86400) of a stream that is held as counts: it has rows in bulk and none in event. Every other day of a
-- stream is held as events.
CREATE TABLE slice (
	stream INTEGER NOT NULL,
	day INTEGER NOT NULL,
	closed INTEGER NOT NULL,     -- 1: nothing more is taken in; 0: more reduced rows may come
	rows INTEGER NOT NULL,       -- reduced rows that it was made of
	events INTEGER NOT NULL,     -- and the records that they count
	PRIMARY KEY (stream, day)
) WITHOUT ROWID;

-- How many records of such a day were one call in one context.
CREATE TABLE bulk (
	stream INTEGER NOT NULL,
	day INTEGER NOT NULL,
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	events INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (stream, day, call, context)
) WITHOUT ROWID;

-- The reduced rows of days that are not closed, by the hash of all that they say: one that comes again is known.
CREATE TABLE bulk_row (
	stream INTEGER NOT NULL,
	day INTEGER NOT NULL,
	id BLOB NOT NULL,
	PRIMARY KEY (stream, day, id)
) WITHOUT ROWID;

-- Asked with the caller's rights by the service that was called, in no event of its own.
INSERT INTO word (kind, id, word) VALUES ('need', 7, 'unrecorded');

-- When a record last told it, seconds since 1970; of what was stored before this column, the end of time. What calls tell
-- by the names in them has the beginning: they tell it as long as they are there.
ALTER TABLE key_owner ADD COLUMN told INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE iam_name ADD COLUMN told INTEGER NOT NULL DEFAULT 9223372036854775807;

-- Files that were read to their end, as their folder said when they were opened: those that say the same are not opened.
CREATE TABLE file (
	device INTEGER NOT NULL,
	inode INTEGER NOT NULL,
	size INTEGER NOT NULL,
	modified INTEGER NOT NULL,   -- nanoseconds since 1970 UTC
	changed INTEGER NOT NULL,
	content BLOB NOT NULL,       -- as of source
	PRIMARY KEY (device, inode)
) WITHOUT ROWID;

-- Sums over the days of call_day of which events count, so that questions about the whole log need not read it: by
-- principal, event source and day.
CREATE TABLE total_day (
	principal INTEGER NOT NULL,  -- as calls have it
	source TEXT NOT NULL,
	day INTEGER NOT NULL,
	events INTEGER NOT NULL,
	calls INTEGER NOT NULL,      -- API calls among them
	data INTEGER NOT NULL,       -- data events as CloudTrail says
	management INTEGER NOT NULL,
	denied INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (principal, source, day)
) WITHOUT ROWID;

-- The same of API calls, by principal and context.
CREATE TABLE total_context (
	principal INTEGER NOT NULL,
	context INTEGER NOT NULL,
	events INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (principal, context)
) WITHOUT ROWID;

-- Principals with days in call_day of which no event counts: their sums are made anew when anything of them changes.
CREATE TABLE total_uncounted (principal INTEGER PRIMARY KEY);

-- The sums hold unless meta has a 'totals' that says otherwise.
INSERT INTO meta (key, value) SELECT 'totals', 'migrated' WHERE EXISTS (SELECT 1 FROM call_day);

-- What 'iamreplay query status' counts.
CREATE INDEX call_folds ON call (folded_into) WHERE folded = 1;

INSERT INTO word (kind, id, word) VALUES ('denial', 10, 'setting');

-- Which names begin alike: whether a pattern takes in what others use.
CREATE INDEX access_resource ON access (resource);
