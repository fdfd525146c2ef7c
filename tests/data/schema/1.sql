-- A database of the first schema, as version 0.1 left it after it read records.json.
PRAGMA application_id = 1229016402;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
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
INSERT INTO "access" VALUES(1,0,'s3:GetObject',2,'object','arn:aws:s3:::b/k',2,1,4,0,NULL);
INSERT INTO "access" VALUES(2,0,'sts:AssumeRole',3,'role','arn:aws:iam::111122223333:role/next',2,1,4,0,NULL);
INSERT INTO "access" VALUES(3,0,'s3:GetObject',2,'object','arn:aws:s3:::far/k',2,1,4,0,NULL);
INSERT INTO "access" VALUES(4,0,'s3:GetObject',2,'object','arn:aws:s3:::far/k',2,1,4,0,NULL);
INSERT INTO "access" VALUES(5,0,'s3:GetObject',2,'object','arn:aws:s3:::c/l',2,1,4,0,NULL);
INSERT INTO "access" VALUES(6,0,'s3:GetObject',2,'object','arn:aws:s3:::b/k',2,1,4,0,NULL);
INSERT INTO "access" VALUES(7,0,'s3:GetObject',2,'object','arn:aws:s3:::b/k',2,1,4,0,NULL);
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
INSERT INTO "call" VALUES(1,X'31D8C4C9B802EC97CC8FEF3ED25618AD',1,1,'s3.amazonaws.com','GetObject','eu-west-1','111122223333','[["bucketName","b",0],["key","k",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767323041,X'6B0EB28901032D554E522DBC4C5F9B25','00000000-0000-4000-8000-000000000001',1,1);
INSERT INTO "call" VALUES(2,X'18A5931900D734A143B6BE74F3B943F4',1,1,'sts.amazonaws.com','AssumeRole','eu-west-1','111122223333','[["roleArn","arn:aws:iam::111122223333:role/next",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767323043,X'AE604ACCD90E3080BAE0B2ADA2B817B8','00000000-0000-4000-8000-000000000003',1,2);
INSERT INTO "call" VALUES(3,X'0E2E8E8C1E9FD759EB929AE682B3F15D',1,1,'s3.amazonaws.com','GetObject','eu-west-1','111122223333','[["bucketName","far",0],["key","k",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767323044,X'783D99A46365AA4CB066B8F4829956A9','00000000-0000-4000-8000-000000000004',1,3);
INSERT INTO "call" VALUES(4,X'0965F783C63C3FD479F758C338343D6B',1,1,'s3.amazonaws.com','GetObject','eu-west-1','444455556666','[["bucketName","far",0],["key","k",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,1,0,NULL,1767323044,X'DE4C4D0157EB0A1E6A048089A8CB6A21','00000000-0000-4000-8000-000000000005',1,4);
INSERT INTO "call" VALUES(5,X'99283388B38DFF92DD799D4500DF25B7',1,1,'s3.amazonaws.com','GetObject','eu-west-1','111122223333','[["bucketName","c",0],["key","l",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767323042,X'C951662AF588D383D5036267016946B2','00000000-0000-4000-8000-000000000002',1,5);
INSERT INTO "call" VALUES(6,X'68C2A562B51A38B40516B9EAE2462CB5',1,1,'s3.amazonaws.com','GetObject','eu-west-1','111122223333','[["bucketName","b",0],["key","k",0]]',0,NULL,3,'AccessDenied',0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767323041,X'7E8553A76332BEABE513139AB17AE983','00000000-0000-4000-8000-000000000009',1,6);
INSERT INTO "call" VALUES(7,X'65F1EE38816A1B752DED1CDEF55AE433',2,1,'s3.amazonaws.com','GetObject','eu-west-1','111122223333','[["bucketName","b",0],["key","k",0]]',0,NULL,1,NULL,0,0,NULL,NULL,NULL,0,0,0,0,NULL,1767607200,X'C02FF1B633E73D639C7789C9FE7E044E','00000000-0000-4000-8000-000000000040',1,9);
CREATE TABLE call_day (
	call INTEGER NOT NULL,
	context INTEGER NOT NULL,
	day INTEGER NOT NULL,
	events INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (call, context, day)
) WITHOUT ROWID;
INSERT INTO "call_day" VALUES(1,1,20455,1,1767323041,1767323041);
INSERT INTO "call_day" VALUES(1,1,20456,1,1767434400,1767434400);
INSERT INTO "call_day" VALUES(1,1,20457,1,1767520800,1767520800);
INSERT INTO "call_day" VALUES(2,1,20455,1,1767323043,1767323043);
INSERT INTO "call_day" VALUES(3,1,20455,1,1767323044,1767323044);
INSERT INTO "call_day" VALUES(4,1,20455,0,1767323044,1767323044);
INSERT INTO "call_day" VALUES(5,1,20455,1,1767323042,1767323042);
INSERT INTO "call_day" VALUES(6,1,20455,1,1767323041,1767323041);
INSERT INTO "call_day" VALUES(7,1,20458,1,1767607200,1767607200);
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
INSERT INTO "context" VALUES(1,X'7C755D8AC9DE6055B3CE727057DBB247','203.0.113.9',NULL,0,0,NULL,NULL,'aws-cli/2',NULL);
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
INSERT INTO "event" VALUES(1,1767323041,X'6B0EB28901032D554E522DBC4C5F9B25',1,1,1,0);
INSERT INTO "event" VALUES(1,1767323041,X'7E8553A76332BEABE513139AB17AE983',6,1,1,0);
INSERT INTO "event" VALUES(1,1767323042,X'C951662AF588D383D5036267016946B2',5,1,1,0);
INSERT INTO "event" VALUES(1,1767323043,X'AE604ACCD90E3080BAE0B2ADA2B817B8',2,1,1,0);
INSERT INTO "event" VALUES(1,1767323044,X'783D99A46365AA4CB066B8F4829956A9',3,1,1,0);
INSERT INTO "event" VALUES(1,1767434400,X'2556862C0C4826D2484DE1D72D12D004',1,1,1,0);
INSERT INTO "event" VALUES(1,1767520800,X'D5022409946295CB742CAA22DA1F1269',1,1,1,0);
INSERT INTO "event" VALUES(1,1767607200,X'C02FF1B633E73D639C7789C9FE7E044E',7,1,2,0);
INSERT INTO "event" VALUES(2,1767323044,X'DE4C4D0157EB0A1E6A048089A8CB6A21',4,1,1,0);
CREATE TABLE fold (
	hash BLOB PRIMARY KEY,
	level INTEGER NOT NULL,      -- segments kept: 3 all, 2, 1, 0
	calls INTEGER NOT NULL       -- distinct ones at this level
) WITHOUT ROWID;
INSERT INTO "fold" VALUES(X'246689A5AF29BB84DA59B4EA37D68D6D',3,1);
INSERT INTO "fold" VALUES(X'944BD0F7440F9876E8F2566DAFFD2132',3,2);
INSERT INTO "fold" VALUES(X'C25E49AF2DD92A2CF5FF25DDC037F44F',3,2);
INSERT INTO "fold" VALUES(X'F673D69741E4BC2C2AD86388414C68F6',3,1);
CREATE TABLE iam_name (
	account TEXT NOT NULL,
	type TEXT NOT NULL,          -- 'role', 'user', 'group', 'policy', 'instance-profile'
	name TEXT NOT NULL,
	arn TEXT NOT NULL,
	PRIMARY KEY (account, type, name, arn)
) WITHOUT ROWID;
INSERT INTO "iam_name" VALUES('111122223333','role','app','arn:aws:iam::111122223333:role/app');
INSERT INTO "iam_name" VALUES('111122223333','role','next','arn:aws:iam::111122223333:role/next');
CREATE TABLE key_owner (
	access_key TEXT NOT NULL,
	origin INTEGER NOT NULL,     -- 1 the user said so, 2 a response gave it out
	principal TEXT NOT NULL,     -- ARN
	session TEXT,
	tags TEXT,                   -- JSON object of session tags
	issuer INTEGER,              -- the principal that asked for it
	PRIMARY KEY (access_key, origin, principal)
) WITHOUT ROWID;
INSERT INTO "key_owner" VALUES('ASIAEXAMPLEEXAMPLE02',2,'arn:aws:iam::111122223333:role/next','s',NULL,1);
CREATE TABLE lookup (
	account TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	call INTEGER NOT NULL,
	PRIMARY KEY (account, type, name, call)
) WITHOUT ROWID;
CREATE TABLE mapped (
	call INTEGER PRIMARY KEY,
	status INTEGER NOT NULL      -- word 'mapped'
);
CREATE TABLE meta (
	key TEXT PRIMARY KEY,   -- 'mapping': version that access was derived with
	value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('mapping','2026-11-22 botocore 1.43.11 iam-data 0.21.202609261 778ba526ac39060c resolve 2');
CREATE TABLE owner (
	call INTEGER PRIMARY KEY,
	account TEXT NOT NULL
);
INSERT INTO "owner" VALUES(3,'444455556666');
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
INSERT INTO "principal" VALUES(1,'arn:aws:iam::111122223333:role/app',1,'111122223333',1,NULL,0,NULL);
INSERT INTO "principal" VALUES(2,'arn:aws:iam::111122223333:role/next',1,'111122223333',1,NULL,0,NULL);
CREATE TABLE session (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	principal INTEGER NOT NULL,
	access_key TEXT,
	name TEXT,
	source_identity TEXT,
	issuer_id TEXT
);
INSERT INTO "session" VALUES(1,X'80DBD2F5F7A07735C39BA952552C8095',1,'ASIAEXAMPLEEXAMPLE01','one',NULL,NULL);
INSERT INTO "session" VALUES(2,X'144A383EEE532E94E0333A1559D2A736',2,'ASIAEXAMPLEEXAMPLE02','s',NULL,NULL);
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
INSERT INTO "shared" VALUES(X'3F15710A470EF47BD0016DBEB579EE82',3,1,1767323044,0,'111122223333',1);
INSERT INTO "shared" VALUES(X'3F15710A470EF47BD0016DBEB579EE82',4,1,1767323044,1,'444455556666',0);
CREATE TABLE shared_new (hash BLOB PRIMARY KEY) WITHOUT ROWID;
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
INSERT INTO "source" VALUES(1,'records.json',X'EC5495853A98D450223D5A65A9367B2C',7691,'cloudtrail',-9223372036854775808,9223372036854775807,2,9,9,9,0,0,0,0,NULL);
CREATE TABLE source_reason (
	source INTEGER NOT NULL,
	skipped INTEGER NOT NULL,   -- 1 skipped, 0 ignored
	word TEXT NOT NULL,
	n INTEGER NOT NULL,
	record INTEGER NOT NULL,    -- ordinal of the first, 0 if unknown
	sample TEXT,                -- what was wrong with it
	PRIMARY KEY (source, skipped, word)
) WITHOUT ROWID;
CREATE TABLE stale (call INTEGER PRIMARY KEY);
CREATE TABLE stream (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	cloudtrail INTEGER NOT NULL, -- 1 CloudTrail, 0 captures
	account TEXT NOT NULL,
	region TEXT NOT NULL
);
INSERT INTO "stream" VALUES(1,X'85557BC2B7E8F98806B8754E4B5FB191',1,'111122223333','eu-west-1');
INSERT INTO "stream" VALUES(2,X'A91A792DEBDCC862FA9F12707BC2E215',1,'444455556666','eu-west-1');
CREATE TABLE word (
	kind TEXT NOT NULL,     -- 'outcome', 'principal', 'event', 'denial', 'level', 'origin', 'need', 'rule', 'mapped'
	id INTEGER NOT NULL,
	word TEXT NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;
INSERT INTO "word" VALUES('denial',0,'unstated');
INSERT INTO "word" VALUES('denial',1,'identity-based policy');
INSERT INTO "word" VALUES('denial',2,'resource-based policy');
INSERT INTO "word" VALUES('denial',3,'session policy');
INSERT INTO "word" VALUES('denial',4,'permissions boundary');
INSERT INTO "word" VALUES('denial',5,'service control policy');
INSERT INTO "word" VALUES('denial',6,'resource control policy');
INSERT INTO "word" VALUES('denial',7,'VPC endpoint policy');
INSERT INTO "word" VALUES('denial',8,'role trust policy');
INSERT INTO "word" VALUES('denial',9,'other policy');
INSERT INTO "word" VALUES('event',1,'call');
INSERT INTO "word" VALUES('event',2,'service-event');
INSERT INTO "word" VALUES('event',3,'console-action');
INSERT INTO "word" VALUES('event',4,'sign-in');
INSERT INTO "word" VALUES('event',5,'network-activity');
INSERT INTO "word" VALUES('event',6,'other');
INSERT INTO "word" VALUES('level',0,'unknown');
INSERT INTO "word" VALUES('level',1,'list');
INSERT INTO "word" VALUES('level',2,'read');
INSERT INTO "word" VALUES('level',3,'write');
INSERT INTO "word" VALUES('level',4,'tagging');
INSERT INTO "word" VALUES('level',5,'permissions-management');
INSERT INTO "word" VALUES('mapped',1,'mapped');
INSERT INTO "word" VALUES('mapped',2,'no-permission');
INSERT INTO "word" VALUES('mapped',3,'not-an-api-call');
INSERT INTO "word" VALUES('mapped',4,'unknown');
INSERT INTO "word" VALUES('need',1,'always');
INSERT INTO "word" VALUES('need',2,'parameter');
INSERT INTO "word" VALUES('need',3,'pass-role');
INSERT INTO "word" VALUES('need',4,'denied');
INSERT INTO "word" VALUES('need',5,'dependent');
INSERT INTO "word" VALUES('need',6,'optional');
INSERT INTO "word" VALUES('origin',1,'resources');
INSERT INTO "word" VALUES('origin',2,'parameter');
INSERT INTO "word" VALUES('origin',3,'denial');
INSERT INTO "word" VALUES('origin',4,'partial');
INSERT INTO "word" VALUES('origin',5,'none');
INSERT INTO "word" VALUES('outcome',1,'allowed');
INSERT INTO "word" VALUES('outcome',2,'failed');
INSERT INTO "word" VALUES('outcome',3,'denied');
INSERT INTO "word" VALUES('outcome',4,'unauthenticated');
INSERT INTO "word" VALUES('outcome',5,'unknown');
INSERT INTO "word" VALUES('principal',1,'role');
INSERT INTO "word" VALUES('principal',2,'user');
INSERT INTO "word" VALUES('principal',3,'root');
INSERT INTO "word" VALUES('principal',4,'federated-user');
INSERT INTO "word" VALUES('principal',5,'saml-user');
INSERT INTO "word" VALUES('principal',6,'web-identity-user');
INSERT INTO "word" VALUES('principal',7,'identity-center-user');
INSERT INTO "word" VALUES('principal',8,'service');
INSERT INTO "word" VALUES('principal',9,'account');
INSERT INTO "word" VALUES('principal',10,'directory-user');
INSERT INTO "word" VALUES('principal',11,'access-key');
INSERT INTO "word" VALUES('principal',12,'anonymous');
INSERT INTO "word" VALUES('principal',13,'unknown');
INSERT INTO "word" VALUES('rule',1,'same-name');
INSERT INTO "word" VALUES('rule',2,'verb');
INSERT INTO "word" VALUES('rule',3,'date-suffix');
INSERT INTO "word" VALUES('rule',4,'curated');
INSERT INTO "word" VALUES('source',1,'partial');
INSERT INTO "word" VALUES('source',2,'done');
INSERT INTO "word" VALUES('tristate',0,'unknown');
INSERT INTO "word" VALUES('tristate',1,'no');
INSERT INTO "word" VALUES('tristate',2,'yes');
CREATE INDEX source_content ON source (content);
CREATE INDEX call_principal ON call (principal);
CREATE INDEX call_folded ON call (folded_into) WHERE folded_into IS NOT NULL;
CREATE INDEX session_key ON session (access_key) WHERE access_key IS NOT NULL;
CREATE INDEX captured_fresh ON captured (time) WHERE fresh = 1;
CREATE VIEW principal_path AS
SELECT p.id AS principal,
	(SELECT q.id FROM iam_name n JOIN principal q ON q.arn = n.arn
	WHERE n.account = p.account AND n.type = 'role' AND n.name = substr(p.arn, instr(p.arn, ':role/') + 6)
	ORDER BY q.arn LIMIT 1) AS better
FROM principal p WHERE p.path_unknown = 1;
CREATE VIEW principal_key AS
SELECT p.id AS principal, coalesce(
	(SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
	WHERE k.access_key = substr(p.arn, 12) AND k.origin = 1 ORDER BY q.arn LIMIT 1),
	(SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
	WHERE k.access_key = substr(p.arn, 12) AND k.origin = 2 ORDER BY q.arn LIMIT 1),
	(SELECT coalesce(q.same_as, q.id) FROM session s JOIN principal q ON q.id = s.principal
	WHERE s.access_key = substr(p.arn, 12) AND q.type <> 11 ORDER BY q.path_unknown, q.arn LIMIT 1)) AS better
FROM principal p WHERE p.type = 11;
CREATE VIEW shared_pair AS
SELECT coalesce(c.folded_into, c.id) AS call, c.kind AS kind, o.account AS owner
FROM shared_new n
JOIN shared a ON a.hash = n.hash AND a.owner_side = 0
JOIN shared o ON o.hash = n.hash AND o.owner_side = 1 AND o.account <> a.account
JOIN call c ON c.id = a.call;
CREATE VIEW shared_twin AS
SELECT o.hash AS hash, coalesce(c.folded_into, c.id) AS call, o.context AS context,
	(o.time - (o.time % 86400 + 86400) % 86400) / 86400 AS day
FROM shared_new n
JOIN shared o ON o.hash = n.hash AND o.owner_side = 1 AND o.counted = 1
JOIN call c ON c.id = o.call
WHERE EXISTS (SELECT 1 FROM shared a JOIN call d ON d.id = a.call
	WHERE a.hash = n.hash AND a.owner_side = 0 AND d.principal = c.principal);
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
COMMIT;
