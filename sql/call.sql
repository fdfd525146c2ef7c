-- The distinct calls, their evidence, and how often each was made a day.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: call-find
-- Which call has this hash, and what is the sample of it or of the call that stands for it?
-- Inputs: hash BLOB
-- Rows: at most one, (id, sample_time, sample_id)
SELECT coalesce(f.id, c.id), coalesce(f.sample_time, c.sample_time), coalesce(f.sample_id, c.sample_id)
FROM call c LEFT JOIN call f ON f.id = c.folded_into
WHERE c.hash = :hash

-- name: call-hashes
-- What are the hashes of all calls?
-- Inputs: none
-- Rows: (hash, id), in any order: they fill a table in memory
SELECT hash, id FROM call

-- name: call-sample
-- What is the sample of a call, or of the call that stands for it?
-- Inputs: call INTEGER
-- Rows: at most one, (id, sample_time, sample_id)
SELECT coalesce(f.id, c.id), coalesce(f.sample_time, c.sample_time), coalesce(f.sample_id, c.sample_id)
FROM call c LEFT JOIN call f ON f.id = c.folded_into
WHERE c.id = :call

-- name: call-unindex
-- Leaves the indices out that are made at the end of the first ingest.
-- Inputs: none
-- Rows: none
DROP INDEX IF EXISTS call_hash;
DROP INDEX IF EXISTS call_principal;

-- name: call-index
-- Makes them, where they are not there.
-- Inputs: none
-- Rows: none
CREATE UNIQUE INDEX IF NOT EXISTS call_hash ON call (hash);
CREATE INDEX IF NOT EXISTS call_principal ON call (principal);

-- name: call-insert
-- Stores a new call.
-- Inputs: hash BLOB, principal INTEGER, kind INTEGER, source TEXT, name TEXT, region TEXT, account TEXT, params TEXT,
-- params_cut INTEGER, resources TEXT, outcome INTEGER, error TEXT, denied_by INTEGER, explicit_deny INTEGER, denied_action
-- TEXT, denied_resource TEXT, denied_policy TEXT, read_only INTEGER, management INTEGER, owner_side INTEGER, folded
-- INTEGER, sample_time INTEGER, sample_id BLOB, sample_event TEXT, sample_source INTEGER, sample_ordinal INTEGER
-- Rows: none
INSERT INTO call (hash, principal, kind, source, name, region, account, params, params_cut, resources, outcome,
	error, denied_by, explicit_deny, denied_action, denied_resource, denied_policy, read_only, management,
	owner_side, folded, sample_time, sample_id, sample_event, sample_source, sample_ordinal)
VALUES (:hash, :principal, :kind, :source, :name, :region, :account, :params, :params_cut, :resources, :outcome,
	:error, :denied_by, :explicit_deny, :denied_action, :denied_resource, :denied_policy, :read_only, :management,
	:owner_side, :folded, :sample_time, :sample_id, :sample_event, :sample_source, :sample_ordinal)

-- name: call-get
-- One call with its principal; none if another call stands for it.
-- Inputs: call INTEGER
-- Rows: at most one, the columns that call-row.c reads
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account
FROM call c
JOIN principal p0 ON p0.id = c.principal
JOIN principal p ON p.id = coalesce(p0.same_as, p0.id)
LEFT JOIN owner o ON o.call = c.id
WHERE c.id = :call AND c.folded_into IS NULL

-- name: call-get-own
-- One call as it was stored, with the principal that its event named.
-- Inputs: call INTEGER
-- Rows: at most one, as call-get, then (owner_side, sample_time, sample_id, sample_event, sample_source,
-- sample_ordinal)
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, NULL, c.owner_side, c.sample_time, c.sample_id, c.sample_event, c.sample_source, c.sample_ordinal
FROM call c
JOIN principal p ON p.id = c.principal
WHERE c.id = :call

-- name: sample-set
-- Stores the evidence of a call.
-- Inputs: time INTEGER, id BLOB, event TEXT, source INTEGER, ordinal INTEGER, call INTEGER
-- Rows: none
UPDATE call SET sample_time = :time, sample_id = :id, sample_event = :event, sample_source = :source,
	sample_ordinal = :ordinal
WHERE id = :call

-- name: sample-least
-- Stores the evidence of a call if it is smaller than what there is. Two captures may tell of one event.
-- Inputs: time INTEGER, id BLOB, event TEXT, source INTEGER, ordinal INTEGER, call INTEGER
-- Rows: none
UPDATE call SET sample_time = :time, sample_id = :id, sample_event = :event, sample_source = :source,
	sample_ordinal = :ordinal
WHERE id = :call AND (sample_time, sample_id, coalesce(sample_event, '')) > (:time, :id, coalesce(:event, ''))

-- name: sample-captured
-- Lets another capture's name of the event that is the evidence of a call stand for it, if it is smaller. Only where a
-- capture names it: NUMBER:LINE.
-- Inputs: event TEXT, call INTEGER, time INTEGER, id BLOB
-- Rows: none
UPDATE call SET sample_event = :event
WHERE id = :call AND sample_time = :time AND sample_id = :id AND instr(sample_event, ':') AND sample_event > :event

-- name: evidence-get
-- What is the evidence of a call?
-- Inputs: call INTEGER
-- Rows: at most one, (time, event_id, source name, ordinal, region)
SELECT c.sample_time, c.sample_event, r.name, c.sample_ordinal, c.region
FROM call c
LEFT JOIN source r ON r.id = c.sample_source
WHERE c.id = :call

-- name: call-day-add
-- Adds to the count of a call, context and day.
-- Inputs: call INTEGER, context INTEGER, day INTEGER, events INTEGER, first INTEGER, last INTEGER
-- Rows: none
INSERT INTO call_day (call, context, day, events, first, last)
VALUES (:call, :context, :day, :events, :first, :last)
ON CONFLICT (call, context, day) DO UPDATE SET
	events = min(events + excluded.events, 1 << 40),
	first = min(first, excluded.first),
	last = max(last, excluded.last)

-- name: call-day-take
-- Takes one event from the count of a call, context and day.
-- Inputs: call INTEGER, context INTEGER, day INTEGER
-- Rows: none
UPDATE call_day SET events = events - 1 WHERE call = :call AND context = :context AND day = :day
