-- Who made the calls, and whose an access key is.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: principal-find
-- Which principal has this ARN?
-- Inputs: arn TEXT
-- Rows: at most one, (id, path_unknown)
SELECT id, path_unknown FROM principal WHERE arn = :arn

-- name: principal-has-no-path
-- Notes that a role that was known by its sessions has no path.
-- Inputs: principal INTEGER
-- Rows: none
UPDATE principal SET path_unknown = 0, same_as = NULL WHERE id = :principal

-- name: principal-agree
-- Records may give one name several accounts, types or the like: the least stand, one account before none, whichever
-- record came first.
-- Inputs: type INTEGER, account TEXT, editable INTEGER, permission_set TEXT, principal INTEGER
-- Rows: none
UPDATE principal SET type = :type, account = :account, editable = :editable, permission_set = :permission_set
WHERE id = :principal AND
	(account IS NULL, coalesce(account, ''), type, editable, coalesce(permission_set, '')) >
	(:account IS NULL, coalesce(:account, ''), :type, :editable, coalesce(:permission_set, ''))

-- name: principal-insert
-- Stores a new principal.
-- Inputs: arn TEXT, type INTEGER, account TEXT, editable INTEGER, permission_set TEXT, path_unknown INTEGER
-- Rows: none
INSERT INTO principal (arn, type, account, editable, permission_set, path_unknown)
VALUES (:arn, :type, :account, :editable, :permission_set, :path_unknown)

-- name: principal-list
-- Which principals are there, with how many events? What turned out to be another one counts there.
-- Inputs: none
-- Rows: (id, arn, type, account, editable, permission_set, path_unknown, events, calls, denied, first, last), by arn
SELECT p.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	sum(u.events), sum(u.calls), sum(u.denied), min(u.first), max(u.last)
FROM (SELECT principal, sum(events) AS events, sum(calls) AS calls, sum(denied) AS denied, min(first) AS first,
		max(last) AS last
	FROM total_day
	GROUP BY principal) u
JOIN principal q ON q.id = u.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
GROUP BY p.id
ORDER BY p.arn

-- name: principal-match
-- The same as principal-list of those that a name means, without touching the others' sums.
-- Inputs: name TEXT, account TEXT or NULL
-- Rows: (id, arn, type, account, editable, permission_set, path_unknown, events, calls, denied, first, last), by arn
SELECT p.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	sum(u.events), sum(u.calls), sum(u.denied), min(u.first), max(u.last)
FROM principal q
CROSS JOIN principal p ON p.id = coalesce(q.same_as, q.id)
CROSS JOIN total_day u ON u.principal = q.id
WHERE principal_is(:name, p.arn) AND (:account IS NULL OR p.account = :account)
GROUP BY p.id
ORDER BY p.arn

-- name: key-owner-add
-- Stores whose an access key is. Several records may tell of one key, an actor's and an owner's log say: whichever comes first,
-- the row ends the same. Tags that do not agree become '', which says nothing; of those who asked for the key, an account
-- says less than who in it did, a bare access key less than its owner, and a key's own principal less than another. issuer
-- 0 is no one.
-- Inputs: access_key TEXT, origin INTEGER, principal TEXT, session TEXT, tags TEXT, issuer INTEGER, told INTEGER
-- Rows: none
INSERT INTO key_owner (access_key, origin, principal, session, tags, issuer, told)
VALUES (:access_key, :origin, :principal, :session, :tags, nullif(:issuer, 0), :told)
ON CONFLICT (access_key, origin, principal) DO UPDATE SET
	session = CASE WHEN session IS NULL OR excluded.session < session THEN excluded.session ELSE session END,
	tags = CASE WHEN tags IS NULL OR tags = excluded.tags THEN excluded.tags
		WHEN excluded.tags IS NULL THEN tags ELSE '' END,
	issuer = (SELECT p.id FROM principal p WHERE p.id IN (issuer, excluded.issuer)
		ORDER BY p.arn = :principal, p.type IN (9, 11), p.arn LIMIT 1),
	told = max(told, excluded.told)
WHERE excluded.session IS NOT session OR excluded.tags IS NOT tags OR excluded.issuer IS NOT issuer
	OR excluded.told > told

-- name: key-owner-unassign
-- Forgets what the user said of an access key.
-- Inputs: access_key TEXT
-- Rows: none
DELETE FROM key_owner WHERE access_key = :access_key AND origin = 1

-- name: key-principals
-- Whose is an access key, by what was seen and by what responses and the user said?
-- Inputs: access_key TEXT
-- Rows: (id) of principals, by id
SELECT coalesce(q.same_as, q.id) FROM session s JOIN principal q ON q.id = s.principal
WHERE s.access_key = :access_key
UNION
SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
WHERE k.access_key = :access_key
UNION
SELECT coalesce(q.same_as, q.id) FROM principal q WHERE q.arn = 'access-key/' || :access_key
ORDER BY 1
