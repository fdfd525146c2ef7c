-- The first schema. Evidence: source, stream, principal, call, context, session, event, call_day, sample and what joins
-- them. Derived, rebuilt when the mapping changes: access, mapped, lookup.
-- Statements are run in order inside one transaction; no inputs, no rows.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,   -- 'mapping': version that access was derived with
	value TEXT NOT NULL
) WITHOUT ROWID;

-- The names of stored numbers.
CREATE TABLE word (
	kind TEXT NOT NULL,     -- 'outcome', 'principal', 'event', 'denial', 'level', 'origin', 'need', 'rule', 'mapped'
	id INTEGER NOT NULL,
	word TEXT NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;
INSERT INTO word VALUES
	('event', 1, 'call'), ('event', 2, 'service-event'), ('event', 3, 'console-action'),
	('event', 4, 'sign-in'), ('event', 5, 'network-activity'), ('event', 6, 'other'),
	('principal', 1, 'role'), ('principal', 2, 'user'), ('principal', 3, 'root'),
	('principal', 4, 'federated-user'), ('principal', 5, 'saml-user'),
	('principal', 6, 'web-identity-user'), ('principal', 7, 'identity-center-user'),
	('principal', 8, 'service'), ('principal', 9, 'account'), ('principal', 10, 'directory-user'),
	('principal', 11, 'access-key'), ('principal', 12, 'anonymous'), ('principal', 13, 'unknown'),
	('outcome', 1, 'allowed'), ('outcome', 2, 'failed'), ('outcome', 3, 'denied'),
	('outcome', 4, 'unauthenticated'), ('outcome', 5, 'unknown'),
	('denial', 0, 'unstated'), ('denial', 1, 'identity-based policy'),
	('denial', 2, 'resource-based policy'), ('denial', 3, 'session policy'),
	('denial', 4, 'permissions boundary'), ('denial', 5, 'service control policy'),
	('denial', 6, 'resource control policy'), ('denial', 7, 'VPC endpoint policy'),
	('denial', 8, 'role trust policy'), ('denial', 9, 'other policy'),
	('level', 0, 'unknown'), ('level', 1, 'list'), ('level', 2, 'read'), ('level', 3, 'write'),
	('level', 4, 'tagging'), ('level', 5, 'permissions-management'),
	('origin', 1, 'resources'), ('origin', 2, 'parameter'), ('origin', 3, 'denial'),
	('origin', 4, 'partial'), ('origin', 5, 'none'),
	('need', 1, 'always'), ('need', 2, 'parameter'), ('need', 3, 'pass-role'),
	('need', 4, 'denied'), ('need', 5, 'dependent'), ('need', 6, 'optional'),
	('rule', 1, 'same-name'), ('rule', 2, 'verb'), ('rule', 3, 'date-suffix'), ('rule', 4, 'curated'),
	('mapped', 1, 'mapped'), ('mapped', 2, 'no-permission'), ('mapped', 3, 'not-an-api-call'),
	('mapped', 4, 'unknown'),
	('tristate', 0, 'unknown'), ('tristate', 1, 'no'), ('tristate', 2, 'yes'),
	('source', 1, 'partial'), ('source', 2, 'done');

CREATE TABLE source (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,         -- as the user named it
	content BLOB,               -- hash of its bytes; NULL until it is known
	size INTEGER,
	format TEXT,
	since INTEGER NOT NULL,     -- the window that was asked for: since <= time < until
	until INTEGER NOT NULL,
	state INTEGER NOT NULL,     -- word 'source'
	reached INTEGER NOT NULL,   -- ordinal of the last record that is accounted for
	records INTEGER NOT NULL,   -- = stored + duplicates + ignored + skipped
	stored INTEGER NOT NULL,
	duplicates INTEGER NOT NULL,
	conflicts INTEGER NOT NULL, -- of stored
	ignored INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	damage TEXT                 -- why its rest could not be read
);
CREATE INDEX source_content ON source (content);

CREATE TABLE source_reason (
	source INTEGER NOT NULL,
	skipped INTEGER NOT NULL,   -- 1 skipped, 0 ignored
	word TEXT NOT NULL,
	n INTEGER NOT NULL,
	record INTEGER NOT NULL,    -- ordinal of the first, 0 if unknown
	sample TEXT,                -- what was wrong with it
	PRIMARY KEY (source, skipped, word)
) WITHOUT ROWID;

-- A recipient account and region; captures have streams of their own.
CREATE TABLE stream (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	cloudtrail INTEGER NOT NULL, -- 1 CloudTrail, 0 captures
	account TEXT NOT NULL,
	region TEXT NOT NULL
);

CREATE TABLE principal (
	id INTEGER PRIMARY KEY,
	arn TEXT NOT NULL UNIQUE,
	type INTEGER NOT NULL,       -- word 'principal'
	account TEXT,
	editable INTEGER NOT NULL,
	permission_set TEXT,
	path_unknown INTEGER NOT NULL,
	same_as INTEGER              -- the principal it turned out to be (an access key's role, a role with its path)
);

CREATE TABLE call (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
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
CREATE INDEX call_principal ON call (principal);
CREATE INDEX call_folded ON call (folded_into) WHERE folded_into IS NOT NULL;

CREATE TABLE context (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	source_network TEXT,
	vpc_endpoint TEXT,
	mfa INTEGER NOT NULL,        -- word 'tristate'
	tls INTEGER NOT NULL,
	tls_version TEXT,
	invoked_by TEXT,
	agent TEXT,
	session_tags TEXT            -- NULL: the session's key tells them, see key_owner
);

CREATE TABLE session (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	principal INTEGER NOT NULL,
	access_key TEXT,
	name TEXT,
	source_identity TEXT,
	issuer_id TEXT
);
CREATE INDEX session_key ON session (access_key) WHERE access_key IS NOT NULL;

-- Every record. id: 16 bytes, see iamreplay-db(5).
CREATE TABLE event (
	stream INTEGER NOT NULL,
	time INTEGER NOT NULL,       -- seconds since 1970 UTC
	id BLOB NOT NULL,
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	session INTEGER NOT NULL,
	request INTEGER NOT NULL,    -- hash of requestID, 0 if none; not indexed
	PRIMARY KEY (stream, time, id)
) WITHOUT ROWID;

-- How often each call was made in each context on each day (time / 86400).
CREATE TABLE call_day (
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	day INTEGER NOT NULL,
	events INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (call, context, day)
) WITHOUT ROWID;

-- Calls of one principal, operation and bucket or log group: how many, and how far their names are folded.
CREATE TABLE fold (
	hash BLOB PRIMARY KEY,
	level INTEGER NOT NULL,      -- segments kept: 3 all, 2, 1, 0
	calls INTEGER NOT NULL       -- distinct ones at this level
) WITHOUT ROWID;
-- Whose an access key is.
CREATE TABLE key_owner (
	access_key TEXT NOT NULL,
	origin INTEGER NOT NULL,     -- 1 the user said so, 2 a response gave it out
	principal TEXT NOT NULL,     -- ARN
	session TEXT,
	tags TEXT,                   -- JSON object of session tags
	issuer INTEGER,              -- the principal that asked for it
	PRIMARY KEY (access_key, origin, principal)
) WITHOUT ROWID;

-- IAM ARNs with a path, by the name without it.
CREATE TABLE iam_name (
	account TEXT NOT NULL,
	type TEXT NOT NULL,          -- 'role', 'user', 'group', 'policy', 'instance-profile'
	name TEXT NOT NULL,
	arn TEXT NOT NULL,
	PRIMARY KEY (account, type, name, arn)
) WITHOUT ROWID;

-- Both sides of a call across accounts.
CREATE TABLE shared (
	hash BLOB NOT NULL,          -- of sharedEventID
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	time INTEGER NOT NULL,
	owner_side INTEGER NOT NULL,
	account TEXT NOT NULL,       -- recipient
	counted INTEGER NOT NULL DEFAULT 1, -- 0: an owner's copy of an event that the actor's log has too
	PRIMARY KEY (hash, owner_side, call, context, time)
) WITHOUT ROWID;
-- sharedEventIDs that came in since both sides were last joined.
CREATE TABLE shared_new (hash BLOB PRIMARY KEY) WITHOUT ROWID;

-- Captured calls by the hash of their request id, to be joined with other records of the same call.
CREATE TABLE captured (
	request INTEGER NOT NULL,
	time INTEGER NOT NULL,
	stream INTEGER NOT NULL,
	id BLOB NOT NULL,            -- of the event
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	observer INTEGER NOT NULL,   -- 2 monitoring, 3 proxy
	event TEXT,                  -- capture and line
	fresh INTEGER NOT NULL,      -- 1: to be looked for
	counted INTEGER NOT NULL,    -- 0: another record of the call counts
	PRIMARY KEY (request, time, stream, id)
) WITHOUT ROWID;
CREATE INDEX captured_fresh ON captured (time) WHERE fresh = 1;

-- Derived: what each call needs, in the mapping's order.
CREATE TABLE access (
	call INTEGER NOT NULL,
	n INTEGER NOT NULL,
	action TEXT NOT NULL,
	level INTEGER NOT NULL,      -- word 'level'
	type TEXT,
	resource TEXT NOT NULL,
	origin INTEGER NOT NULL,     -- word 'origin'
	need INTEGER NOT NULL,       -- word 'need'
	rule INTEGER NOT NULL,       -- word 'rule'
	replaced INTEGER NOT NULL,
	passed_to TEXT,
	PRIMARY KEY (call, n)
) WITHOUT ROWID;

-- Derived: what the mapping said of each API call that it did not map; 1 where there is no row.
CREATE TABLE mapped (
	call INTEGER PRIMARY KEY,
	status INTEGER NOT NULL      -- word 'mapped'
);

-- Derived: the IAM names that each call's access depends on.
CREATE TABLE lookup (
	account TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	call INTEGER NOT NULL,
	PRIMARY KEY (account, type, name, call)
) WITHOUT ROWID;

-- The account that owns the resource of a call, by the owner's side of it.
CREATE TABLE owner (
	call INTEGER PRIMARY KEY,
	account TEXT NOT NULL
);

-- Calls whose access must be derived again.
CREATE TABLE stale (call INTEGER PRIMARY KEY);

-- What the joins look at. A role known only by its sessions, and the least ARN with a path of that name.
CREATE VIEW principal_path AS
SELECT p.id AS principal,
	(SELECT q.id FROM iam_name n JOIN principal q ON q.arn = n.arn
	WHERE n.account = p.account AND n.type = 'role' AND n.name = substr(p.arn, instr(p.arn, ':role/') + 6)
	ORDER BY q.arn LIMIT 1) AS better
FROM principal p WHERE p.path_unknown = 1;

-- An access key, and whose it is: the user's word, then what a response said, then who used it in CloudTrail.
CREATE VIEW principal_key AS
SELECT p.id AS principal, coalesce(
	(SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
	WHERE k.access_key = substr(p.arn, 12) AND k.origin = 1 ORDER BY q.arn LIMIT 1),
	(SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
	WHERE k.access_key = substr(p.arn, 12) AND k.origin = 2 ORDER BY q.arn LIMIT 1),
	(SELECT coalesce(q.same_as, q.id) FROM session s JOIN principal q ON q.id = s.principal
	WHERE s.access_key = substr(p.arn, 12) AND q.type <> 11 ORDER BY q.path_unknown, q.arn LIMIT 1)) AS better
FROM principal p WHERE p.type = 11;

-- The actor's side of sharedEventIDs that came in lately, with an account that logged it as owner.
CREATE VIEW shared_pair AS
SELECT coalesce(c.folded_into, c.id) AS call, c.kind AS kind, o.account AS owner
FROM shared_new n
JOIN shared a ON a.hash = n.hash AND a.owner_side = 0
JOIN shared o ON o.hash = n.hash AND o.owner_side = 1 AND o.account <> a.account
JOIN call c ON c.id = a.call;

-- The owner's copies of them that name the same principal as the actor's side and still count.
CREATE VIEW shared_twin AS
SELECT o.hash AS hash, coalesce(c.folded_into, c.id) AS call, o.context AS context,
	(o.time - (o.time % 86400 + 86400) % 86400) / 86400 AS day
FROM shared_new n
JOIN shared o ON o.hash = n.hash AND o.owner_side = 1 AND o.counted = 1
JOIN call c ON c.id = o.call
WHERE EXISTS (SELECT 1 FROM shared a JOIN call d ON d.id = a.call
	WHERE a.hash = n.hash AND a.owner_side = 0 AND d.principal = c.principal);

-- Views for users' own SQL, described in iamreplay-db(5): names resolved, times as text, what was folded or renamed put
-- where it belongs.
CREATE VIEW principals AS
SELECT p.arn AS principal, w.word AS type, p.account AS account, p.editable AS editable,
	p.permission_set AS permission_set, sum(d.events) AS events,
	sum(d.events * (c.outcome = 3)) AS denied,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM call_day d
JOIN call c ON c.id = d.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word w ON w.kind = 'principal' AND w.id = p.type
WHERE d.events > 0
GROUP BY p.id;

CREATE VIEW events AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.time, 'unixepoch') AS time, t.account AS account, t.region AS region,
	k.word AS kind, p.arn AS principal, c.source AS source, c.name AS name, o.word AS outcome, c.error AS error,
	x.source_network AS source_network, x.vpc_endpoint AS vpc_endpoint, x.agent AS agent,
	x.invoked_by AS invoked_by, n.name AS session, n.access_key AS access_key,
	n.source_identity AS source_identity, t.cloudtrail AS cloudtrail, c.id AS call
FROM event e
JOIN stream t ON t.id = e.stream
JOIN call c0 ON c0.id = e.call
JOIN call c ON c.id = coalesce(c0.folded_into, c0.id)
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
JOIN word k ON k.kind = 'event' AND k.id = c.kind
JOIN word o ON o.kind = 'outcome' AND o.id = c.outcome
WHERE t.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
	AND k.stream = e.stream AND k.id = e.id AND k.counted = 0);

CREATE VIEW calls AS
SELECT c.id AS call, p.arn AS principal, k.word AS kind, c.source AS source, c.name AS name, c.region AS region,
	c.account AS account, c.params AS params, c.resources AS resources, o.word AS outcome, c.error AS error,
	CASE WHEN c.outcome = 3 THEN b.word END AS denied_by, c.explicit_deny AS explicit_deny,
	c.denied_action AS denied_action, c.denied_resource AS denied_resource, c.folded AS folded,
	CASE WHEN c.kind = 1 THEN coalesce((SELECT word FROM mapped m JOIN word v ON v.kind = 'mapped' AND v.id = m.status
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
WHERE d.events > 0
GROUP BY a.call, a.n;
