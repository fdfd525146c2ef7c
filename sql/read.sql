-- The questions of commands about the calls of temp.counted (filter.sql): those of temp.used with the outcomes of temp.asked.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: access-list
-- What do the calls of temp.counted need? Each distinct access, outcome, denial and forwarding service of a principal.
-- conditions: 1 if there are any on actions or services.
-- Inputs: conditions INTEGER
-- Rows: (arn, action, level, type, resource, origin, need, rule, replaced, passed_to, outcome, denied_by, explicit_deny, via,
-- events, first, last, call, sample, folded), in the order of the first fourteen (via before level). call is the one with
-- the smallest sample
WITH made AS MATERIALIZED ( -- most calls are made in many contexts, and forwarded by no service
	SELECT u.call AS call, CASE WHEN x.invoked_by <> 'signin.amazonaws.com' THEN x.invoked_by END AS via,
		sum(u.events) AS events, min(u.first) AS first, max(u.last) AS last
	FROM temp.counted u
	CROSS JOIN context x ON x.id = u.context
	GROUP BY 1, 2
)
SELECT p.arn, a.action, a.level, a.type, a.resource, a.origin, a.need, a.rule, a.replaced, a.passed_to,
	c.outcome, c.denied_by, c.explicit_deny, u.via,
	sum(u.events), min(u.first), max(u.last), c.id,
	min(sample_order(c.sample_time, c.sample_id)), max(c.folded)
FROM made u
CROSS JOIN call c ON c.id = u.call
CROSS JOIN principal q ON q.id = c.principal
CROSS JOIN principal p ON p.id = coalesce(q.same_as, q.id)
CROSS JOIN access a ON a.call = c.id
WHERE c.kind = 1
	AND (NOT :conditions OR (
		NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'action' AND name_glob(f.value, a.action))
		AND NOT EXISTS (SELECT 1 FROM temp.filter f
			WHERE f.kind = 'service' AND name_glob(f.value, substr(a.action, 1, instr(a.action, ':') - 1)))
		AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-action')
			OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-action' AND name_glob(f.value, a.action)))
		AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-service')
			OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-service'
				AND name_glob(f.value, substr(a.action, 1, instr(a.action, ':') - 1)))
			-- what a role is passed to takes the passing with it
			OR (a.action = 'iam:PassRole' AND EXISTS (SELECT 1 FROM access o JOIN temp.filter f ON f.kind = 'only-service'
				WHERE o.call = c.id AND name_glob(f.value, substr(o.action, 1, instr(o.action, ':') - 1)))))))
	-- a role is passed to something: when all of that is left out, so is the passing
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = c.id AND o.action <> 'iam:PassRole'
		AND NOT EXISTS (SELECT 1 FROM temp.filter f
			WHERE f.kind = 'service' AND name_glob(f.value, substr(o.action, 1, instr(o.action, ':') - 1)))))
GROUP BY p.arn, a.action, a.type, a.resource, c.outcome, c.denied_by, c.explicit_deny, u.via, a.level, a.origin, a.need,
	a.rule, a.replaced, a.passed_to
ORDER BY p.arn, a.action, a.type, a.resource, c.outcome, c.denied_by, c.explicit_deny, u.via, a.level, a.origin, a.need,
	a.rule, a.replaced, a.passed_to

-- name: resource-list
-- Which resources do the calls of temp.counted need? Of the same accesses as access-list.
-- Inputs: none
-- Rows: (resource), in any order: they fill a set
SELECT DISTINCT a.resource
FROM temp.counted u
CROSS JOIN access a ON a.call = u.call
WHERE NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'action' AND name_glob(f.value, a.action))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f
		WHERE f.kind = 'service' AND name_glob(f.value, substr(a.action, 1, instr(a.action, ':') - 1)))
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = a.call AND o.action <> 'iam:PassRole'
		AND NOT EXISTS (SELECT 1 FROM temp.filter f
			WHERE f.kind = 'service' AND name_glob(f.value, substr(o.action, 1, instr(o.action, ':') - 1)))))

-- name: log-resources
-- The same of all that there is, without gathering what counts. outcomes, phases: as temp.asked.
-- Inputs: outcomes INTEGER, phases INTEGER
-- Rows: (resource), in any order: they fill a set
SELECT DISTINCT a.resource
FROM access a
JOIN call c ON c.id = a.call
WHERE (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND EXISTS (SELECT 1 FROM call_day d WHERE d.call = c.id AND d.events > 0)
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = a.call AND o.action <> 'iam:PassRole'))

-- name: log-resources-from
-- The same of those whose name is in a range: head <= resource < end.
-- Inputs: head TEXT, end TEXT, outcomes INTEGER, phases INTEGER
-- Rows: (resource), by resource
SELECT DISTINCT a.resource
FROM access a
CROSS JOIN call c ON c.id = a.call
WHERE a.resource >= :head AND a.resource < :end
	AND (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND EXISTS (SELECT 1 FROM call_day d WHERE d.call = c.id AND d.events > 0)
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = a.call AND o.action <> 'iam:PassRole'))
ORDER BY a.resource

-- name: log-named-from
-- Which accesses name a resource in a range? As log-resources-from.
-- Inputs: head TEXT, end TEXT, outcomes INTEGER, phases INTEGER
-- Rows: (action, type, resource, origin, need), by resource
SELECT DISTINCT a.action, a.type, a.resource, a.origin, a.need
FROM access a
CROSS JOIN call c ON c.id = a.call
WHERE a.resource >= :head AND a.resource < :end AND c.kind = 1
	AND (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND EXISTS (SELECT 1 FROM call_day d WHERE d.call = c.id AND d.events > 0)
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = a.call AND o.action <> 'iam:PassRole'))
ORDER BY a.resource

-- name: call-list
-- Which API calls are in temp.counted, in which contexts? tags 1: with what was gathered of session tags (tags-calls), a call and
-- context once for each row there.
-- Inputs: tags INTEGER
-- Rows: the columns of call-get, then (status, events, first, last, source_network, vpc_endpoint, mfa, tls, tls_version,
-- invoked_by, agent, session_tags), by principal, source, name, call and context hash, tags
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account,
	m.status, coalesce(t.events, u.events), coalesce(t.first, u.first), coalesce(t.last, u.last), x.source_network,
	x.vpc_endpoint, x.mfa, x.tls, x.tls_version, x.invoked_by, x.agent, t.tags
FROM temp.counted u
JOIN call c ON c.id = u.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN context x ON x.id = u.context
LEFT JOIN mapped m ON m.call = c.id
LEFT JOIN owner o ON o.call = c.id
LEFT JOIN temp.call_tags t ON :tags AND t.call = u.call AND t.context = u.context
WHERE c.kind = 1
ORDER BY p.arn, c.source, c.name, c.hash, x.hash, t.tags

-- name: call-day-list
-- On which days were the calls of temp.counted made?
-- Inputs: from INTEGER, to INTEGER
-- Rows: (call, day, events), by call, day
SELECT d.call, d.day, sum(d.events)
FROM temp.counted u CROSS JOIN call_day d ON d.call = u.call AND d.context = u.context
WHERE d.day BETWEEN :from AND :to AND d.events > 0
GROUP BY d.call, d.day
ORDER BY d.call, d.day

-- name: day-list
-- How many events of temp.counted has each day, and how many accesses that were new on it?
-- Inputs: from INTEGER, to INTEGER
-- Rows: (day, events, new accesses), by day
WITH day AS (
	SELECT d.day AS day, sum(d.events) AS events
	FROM temp.counted u CROSS JOIN call_day d ON d.call = u.call AND d.context = u.context
	WHERE d.day BETWEEN :from AND :to AND d.events > 0
	GROUP BY d.day
), new AS (
	SELECT day, count(*) AS n FROM (
		SELECT min(d.day) AS day
		FROM temp.counted u
		CROSS JOIN call_day d ON d.call = u.call AND d.context = u.context AND d.day BETWEEN :from AND :to
		CROSS JOIN access a ON a.call = u.call
		WHERE d.events > 0
		GROUP BY a.action, a.resource)
	GROUP BY day
)
SELECT day.day, day.events, coalesce(new.n, 0) FROM day LEFT JOIN new ON new.day = day.day ORDER BY day.day

-- name: service-list
-- Which event sources are in temp.counted, with the events that CloudTrail calls data and management events? Captures tell both
-- alike, so that a source which they saw counts as one whose data events are told.
-- Inputs: none
-- Rows: (source, events, data, management, captured 1 or 0, first, last), by source
WITH seen AS (
	SELECT DISTINCT c.source AS source FROM stream t
	CROSS JOIN event e ON e.stream = t.id
	CROSS JOIN call c ON c.id = e.call
	WHERE t.cloudtrail = 0
)
SELECT c.source, sum(u.events), sum(u.events * (c.management = 1)), sum(u.events * (c.management = 2)),
	c.source IN (SELECT source FROM seen), min(u.first), max(u.last)
FROM temp.counted u
JOIN call c ON c.id = u.call
GROUP BY c.source
ORDER BY c.source

-- name: unknown-list
-- Which API calls of temp.counted has the mapping no answer for?
-- Inputs: none
-- Rows: (arn, source, name, events, first, last), by the first three
SELECT p.arn, c.source, c.name, sum(u.events), min(u.first), max(u.last)
FROM temp.counted u
JOIN call c ON c.id = u.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN mapped m ON m.call = c.id AND m.status = 4
GROUP BY p.arn, c.source, c.name
ORDER BY p.arn, c.source, c.name

-- name: log-window
-- Between which times are there events?
-- Inputs: none
-- Rows: one, (first, last), NULL if there are no events
SELECT min(first), max(last) FROM total_day

-- name: log-days
-- How many events has each day of the log? The same as day-list of all that there is on whole days, without what was new.
-- Inputs: from INTEGER, to INTEGER
-- Rows: (day, events), by day
SELECT day, sum(events) FROM total_day WHERE day BETWEEN :from AND :to GROUP BY day ORDER BY day

-- name: log-part
-- How many events are there in a part of a day? since <= time < until, in seconds. any 1: only whether there are any.
-- Inputs: since INTEGER, until INTEGER, any INTEGER
-- Rows: one, (events), 1 of several with any 1
SELECT count(*) FROM (SELECT 1 FROM stream s
	CROSS JOIN event e ON e.stream = s.id AND e.time >= :since AND e.time < :until
	WHERE s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
		AND k.stream = e.stream AND k.id = e.id AND k.counted = 0)
	LIMIT CASE WHEN :any THEN 1 ELSE -1 END)

-- name: log-services
-- The same as service-list of all that there is on whole days.
-- Inputs: from INTEGER, to INTEGER
-- Rows: (source, events, data, management, captured 1 or 0, first, last), by source
WITH seen AS (
	SELECT DISTINCT c.source AS source FROM stream t
	CROSS JOIN event e ON e.stream = t.id
	CROSS JOIN call c ON c.id = e.call
	WHERE t.cloudtrail = 0
)
SELECT source, sum(events), sum(data), sum(management), source IN (SELECT source FROM seen), min(first), max(last)
FROM total_day
WHERE day BETWEEN :from AND :to
GROUP BY source
ORDER BY source
