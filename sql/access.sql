-- What each call needs: access, derived from the calls with the mapping, and what it depends on.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: access-insert
-- Stores one access of a call, the n-th of those that the mapping gave.
-- Inputs: call INTEGER, n INTEGER, action TEXT, level INTEGER, type TEXT, resource TEXT, origin INTEGER, need INTEGER, rule
-- INTEGER, replaced INTEGER, passed_to TEXT
-- Rows: none
INSERT INTO access (call, n, action, level, type, resource, origin, need, rule, replaced, passed_to)
VALUES (:call, :n, :action, :level, :type, :resource, :origin, :need, :rule, :replaced, :passed_to)

-- name: access-delete
-- Forgets what a call needs.
-- Inputs: call INTEGER
-- Rows: none
DELETE FROM access WHERE call = :call

-- name: mapped-set
-- Stores what the mapping said of a call that it did not map.
-- Inputs: call INTEGER, status INTEGER
-- Rows: none
INSERT OR REPLACE INTO mapped (call, status) VALUES (:call, :status)

-- name: mapped-delete
-- Forgets what the mapping said of a call.
-- Inputs: call INTEGER
-- Rows: none
DELETE FROM mapped WHERE call = :call

-- name: lookup-add
-- Remembers that a call's access depends on an IAM name.
-- Inputs: account TEXT, type TEXT, name TEXT, call INTEGER
-- Rows: none
INSERT OR IGNORE INTO lookup (account, type, name, call) VALUES (:account, :type, :name, :call)

-- name: iam-name-add
-- Remembers an IAM ARN with a path.
-- Inputs: account TEXT, type TEXT, name TEXT, arn TEXT, told INTEGER
-- Rows: none
INSERT OR IGNORE INTO iam_name (account, type, name, arn, told) VALUES (:account, :type, :name, :arn, :told)

-- name: iam-name-told
-- Notes that a later record told an IAM ARN with a path.
-- Inputs: told INTEGER, account TEXT, type TEXT, name TEXT, arn TEXT
-- Rows: none
UPDATE iam_name SET told = :told
WHERE account = :account AND type = :type AND name = :name AND arn = :arn AND told < :told

-- name: iam-name-list
-- Which ARNs have this IAM name?
-- Inputs: account TEXT, type TEXT, name TEXT
-- Rows: (arn), by arn
SELECT arn FROM iam_name WHERE account = :account AND type = :type AND name = :name ORDER BY arn

-- name: iam-name-stale
-- Marks the calls whose access depends on an IAM name: it must be derived again. Only what was derived has rows in lookup.
-- Inputs: account TEXT, type TEXT, name TEXT
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT call FROM lookup WHERE account = :account AND type = :type AND name = :name

-- name: stale-list
-- Which calls must be derived? Some at a time.
-- Inputs: none
-- Rows: (call), by call
SELECT call FROM stale ORDER BY call LIMIT 10000

-- name: stale-delete
-- Marks a call as derived.
-- Inputs: call INTEGER
-- Rows: none
DELETE FROM stale WHERE call = :call

-- name: stale-any
-- Must any call be derived again?
-- Inputs: none
-- Rows: at most one, (1) if so
SELECT 1 FROM stale LIMIT 1

-- name: stale-drop
-- Unmarks calls that were never derived: they are when they are asked for.
-- Inputs: none
-- Rows: none
DELETE FROM stale WHERE call IN (SELECT s.call FROM stale s
	JOIN call c ON c.id = s.call
	LEFT JOIN derived d ON d.principal = c.principal
	WHERE c.id > coalesce(d.upto, 0))

-- name: derive-pending
-- Which principals have calls that were never derived? name: of what they turned out to be, as users type it, or NULL.
-- Inputs: name TEXT
-- Rows: (principal, last call that was derived, last call), by principal
SELECT p.id, coalesce(d.upto, 0) AS done, (SELECT max(id) FROM call WHERE principal = p.id) AS last
FROM principal p
LEFT JOIN principal q ON q.id = p.same_as
LEFT JOIN derived d ON d.principal = p.id
WHERE last > done AND (:name IS NULL OR principal_is(:name, coalesce(q.arn, p.arn)))
ORDER BY p.id

-- name: derive-pending-of
-- The same of one principal and of those that turned out to be it.
-- Inputs: principal INTEGER
-- Rows: as derive-pending
SELECT p.id, coalesce(d.upto, 0) AS done, (SELECT max(id) FROM call WHERE principal = p.id) AS last
FROM principal p
LEFT JOIN derived d ON d.principal = p.id
WHERE p.id IN (SELECT :principal UNION ALL SELECT id FROM principal WHERE same_as = :principal) AND last > done
ORDER BY p.id

-- name: derive-calls
-- API calls of a principal that were never derived: after < id <= last.
-- Inputs: principal INTEGER, after INTEGER, last INTEGER
-- Rows: as call-get, by id
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account
FROM call c
JOIN principal p0 ON p0.id = c.principal
JOIN principal p ON p.id = coalesce(p0.same_as, p0.id)
LEFT JOIN owner o ON o.call = c.id
WHERE c.principal = :principal AND c.id > :after AND c.id <= :last AND c.kind = 1 AND c.folded_into IS NULL
ORDER BY c.id

-- name: derived-set
-- Notes up to which call those of a principal are derived.
-- Inputs: principal INTEGER, upto INTEGER
-- Rows: none
INSERT INTO derived (principal, upto) VALUES (:principal, :upto) ON CONFLICT (principal) DO UPDATE SET upto = :upto

-- name: derived-clear
-- Forgets all that was derived with another mapping. A script.
-- Inputs: none
-- Rows: none
DELETE FROM access;
DELETE FROM mapped;
DELETE FROM lookup;
DELETE FROM stale;
DELETE FROM derived;

-- name: derived-in-memory
-- Makes tables in memory that hide the file's, for what was not derived in a file that may not be written. A script.
-- Inputs: none
-- Rows: none
CREATE TEMP TABLE access (
	call INTEGER NOT NULL,
	n INTEGER NOT NULL,
	action TEXT NOT NULL,
	level INTEGER NOT NULL,
	type TEXT,
	resource TEXT NOT NULL,
	origin INTEGER NOT NULL,
	need INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	replaced INTEGER NOT NULL,
	passed_to TEXT,
	PRIMARY KEY (call, n)
) WITHOUT ROWID;
CREATE INDEX temp.access_resource ON access (resource);
CREATE TEMP TABLE mapped (call INTEGER PRIMARY KEY, status INTEGER NOT NULL);
CREATE TEMP TABLE lookup (
	account TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	call INTEGER NOT NULL,
	PRIMARY KEY (account, type, name, call)
) WITHOUT ROWID;
CREATE TEMP TABLE stale (call INTEGER PRIMARY KEY);
CREATE TEMP TABLE derived (principal INTEGER PRIMARY KEY, upto INTEGER NOT NULL);
CREATE TEMP TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO temp.meta SELECT key, value FROM main.meta;
