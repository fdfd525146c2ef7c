-- What belongs together but comes in from different sources, in any order.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: shared-add
-- Stores one side of a call across accounts, unless it is there, be it under a call that this one stands for by now.
-- counted: 0 of a copy of an event that does not count.
-- Inputs: hash BLOB, call INTEGER, context INTEGER, time INTEGER, owner_side INTEGER, account TEXT, counted INTEGER
-- Rows: none
INSERT OR IGNORE INTO shared (hash, call, context, time, owner_side, account, counted)
SELECT :hash, :call, :context, :time, :owner_side, :account, :counted
WHERE NOT EXISTS (SELECT 1 FROM shared s JOIN call c ON c.id = s.call
	WHERE s.hash = :hash AND s.owner_side = :owner_side AND s.context = :context AND s.time = :time
		AND c.folded_into = :call)

-- name: shared-uncount
-- Takes one side of a call across accounts out of the counts: another copy of the event counts.
-- Inputs: hash BLOB, owner_side INTEGER, call INTEGER, context INTEGER, time INTEGER
-- Rows: none
UPDATE shared SET counted = 0
WHERE hash = :hash AND owner_side = :owner_side AND call = :call AND context = :context AND time = :time

-- name: shared-uncounted
-- Was this side of a call across accounts taken out of the counts?
-- Inputs: hash BLOB, owner_side INTEGER, call INTEGER, context INTEGER, time INTEGER
-- Rows: at most one, (1) if so
SELECT 1 FROM shared WHERE hash = :hash AND owner_side = :owner_side AND call = :call AND context = :context
	AND time = :time AND counted = 0

-- name: shared-new
-- Marks a sharedEventID: its sides are to be joined again.
-- Inputs: hash BLOB
-- Rows: none
INSERT OR IGNORE INTO shared_new (hash) VALUES (:hash)

-- name: join-path-stale
-- Marks the calls of roles whose path has become known, as far as they were derived.
-- Inputs: none
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT c.id FROM principal_path b
JOIN principal p ON p.id = b.principal
JOIN derived d ON d.principal = p.id
JOIN call c ON c.principal = p.id AND c.id <= d.upto
WHERE b.better IS NOT p.same_as AND c.kind = 1

-- name: join-path-set
-- Notes the path of roles that has become known.
-- Inputs: none
-- Rows: none
UPDATE principal SET same_as = b.better FROM principal_path b
WHERE b.principal = principal.id AND b.better IS NOT principal.same_as

-- name: join-key-stale
-- Marks the calls of access keys whose principal has become known, as far as they were derived.
-- Inputs: none
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT c.id FROM principal_key b
JOIN principal p ON p.id = b.principal
JOIN derived d ON d.principal = p.id
JOIN call c ON c.principal = p.id AND c.id <= d.upto
WHERE b.better IS NOT p.same_as AND c.kind = 1

-- name: join-key-set
-- Notes the principal of access keys that has become known.
-- Inputs: none
-- Rows: none
UPDATE principal SET same_as = b.better FROM principal_key b
WHERE b.principal = principal.id AND b.better IS NOT principal.same_as

-- name: join-owner-stale
-- Marks the calls whose resource's owner has become known, as far as they were derived.
-- Inputs: none
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT s.call FROM shared_pair s
JOIN call c ON c.id = s.call
JOIN derived d ON d.principal = c.principal AND c.id <= d.upto
WHERE s.kind = 1

-- name: join-owner-set
-- Stores the account that owns a call's resource: the least of those that logged it as owner.
-- Inputs: none
-- Rows: none
INSERT INTO owner (call, account) SELECT call, min(owner) FROM shared_pair WHERE true GROUP BY call
ON CONFLICT (call) DO UPDATE SET account = min(account, excluded.account)

-- name: join-twin-calls
-- Which calls have owners' copies of events that still count?
-- Inputs: none
-- Rows: (call), by call
SELECT DISTINCT call FROM shared_twin ORDER BY call

-- name: join-twin-days
-- Takes owners' copies of events out of the counts: they count once, with the actor's.
-- Inputs: none
-- Rows: none
UPDATE call_day SET events = events - t.n
FROM (SELECT call, context, day, count(*) AS n FROM shared_twin GROUP BY call, context, day) t
WHERE call_day.call = t.call AND call_day.context = t.context AND call_day.day = t.day

-- name: join-twin-mark
-- Marks the copies that were taken out.
-- Inputs: none
-- Rows: none
UPDATE shared SET counted = 0
WHERE owner_side = 1 AND counted = 1 AND hash IN (SELECT hash FROM shared_twin)

-- name: join-shared-done
-- Marks all sharedEventIDs as joined.
-- Inputs: none
-- Rows: none
DELETE FROM shared_new
