-- Calls that stand for many: object keys and log stream names past a bound.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: fold-get
-- What are the level and the size of a group of calls?
-- Inputs: hash BLOB
-- Rows: at most one, (level, calls)
SELECT level, calls FROM fold WHERE hash = :hash

-- name: fold-set
-- Stores the level and the size of a group of calls.
-- Inputs: hash BLOB, level INTEGER, calls INTEGER
-- Rows: none
INSERT OR REPLACE INTO fold (hash, level, calls) VALUES (:hash, :level, :calls)

-- name: fold-candidates
-- Which calls of a principal and operation may have to be folded?
-- Inputs: principal INTEGER, source TEXT, name TEXT
-- Rows: as call-get-own, by id
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, NULL, c.owner_side, c.sample_time, c.sample_id, c.sample_event, c.sample_source, c.sample_ordinal
FROM call c
JOIN principal p ON p.id = c.principal
WHERE c.principal = :principal AND c.source = :source AND c.name = :name AND c.folded_into IS NULL
ORDER BY c.id

-- name: fold-into
-- Lets another call stand for this one, and for those that it stands for. old: this one.
-- Inputs: call INTEGER, old INTEGER
-- Rows: none
UPDATE call SET folded_into = :call, params = NULL, resources = NULL WHERE id = :old OR folded_into = :old

-- name: fold-move-days
-- Adds the counts of a call to the one that stands for it.
-- Inputs: call INTEGER, old INTEGER
-- Rows: none
INSERT INTO call_day (call, context, day, events, first, last)
SELECT :call, context, day, events, first, last FROM call_day WHERE call = :old
ON CONFLICT (call, context, day) DO UPDATE SET
	events = min(events + excluded.events, 1 << 40),
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: fold-drop-days
-- Forgets the counts of a call.
-- Inputs: call INTEGER
-- Rows: none
DELETE FROM call_day WHERE call = :call

-- name: fold-move-owner
-- Gives the owner of a call's resource to the call that stands for it.
-- Inputs: call INTEGER, old INTEGER
-- Rows: none
INSERT INTO owner (call, account) SELECT :call, account FROM owner WHERE call = :old
ON CONFLICT (call) DO UPDATE SET account = min(account, excluded.account)

-- name: fold-move-sample
-- Gives the sample of a call to the one that stands for it, if it is smaller.
-- Inputs: call INTEGER, old INTEGER
-- Rows: none
UPDATE call SET sample_time = o.sample_time, sample_id = o.sample_id, sample_event = o.sample_event,
	sample_source = o.sample_source, sample_ordinal = o.sample_ordinal
FROM call AS o
WHERE call.id = :call AND o.id = :old AND (o.sample_time, o.sample_id) < (call.sample_time, call.sample_id)

-- name: fold-stale
-- Marks a call whose resource's owner was found with one that it stands for, if it was derived.
-- Inputs: call INTEGER
-- Rows: none
INSERT OR IGNORE INTO stale (call)
SELECT c.id FROM call c
JOIN derived d ON d.principal = c.principal AND c.id <= d.upto
WHERE c.id = :call AND EXISTS (SELECT 1 FROM owner WHERE call = :call)
