-- Which calls name a resource, asked by the resource's name: of calls whose access is derived and of others.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: named-underived
-- Which API calls were not derived yet and may name a resource of a service? after: calls up to that one are passed over;
-- outcomes, phases: as temp.asked.
-- Inputs: after INTEGER, outcomes INTEGER, phases INTEGER, service TEXT
-- Rows: the columns of call-get, by id
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account
FROM call c
CROSS JOIN principal q ON q.id = c.principal
CROSS JOIN principal p ON p.id = coalesce(q.same_as, q.id)
LEFT JOIN derived v ON v.principal = c.principal
LEFT JOIN owner o ON o.call = c.id
WHERE c.id > :after AND c.kind = 1 AND c.folded_into IS NULL AND c.id > coalesce(v.upto, 0)
	AND (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND (c.denied_action IS NOT NULL OR call_may_name(:service, c.source, c.name))
	AND EXISTS (SELECT 1 FROM call_day d WHERE d.call = c.id AND d.events > 0)
ORDER BY c.id

-- name: named-derived
-- Which calls whose access is derived name a resource in a range? As log-resources-from, with the calls.
-- Inputs: head TEXT, end TEXT, outcomes INTEGER, phases INTEGER
-- Rows: (call, action, resource), by resource, call, action
SELECT a.call, a.action, a.resource
FROM access a
CROSS JOIN call c ON c.id = a.call
WHERE a.resource >= :head AND a.resource < :end
	AND (:outcomes >> c.outcome) & 1
	AND (c.outcome <> 2 OR :phases = 0 OR (:phases >> error_phase(c.source, c.name, c.error)) & 1)
	AND EXISTS (SELECT 1 FROM call_day d WHERE d.call = c.id AND d.events > 0)
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = a.call AND o.action <> 'iam:PassRole'))
ORDER BY a.resource, a.call, a.action

-- name: named-on-days
-- Is a call in what used-days would gather? accounts, from, to: as there.
-- Inputs: call INTEGER, accounts INTEGER, from INTEGER, to INTEGER
-- Rows: one, (is), 0 or 1
SELECT EXISTS (SELECT 1
	FROM call c
	CROSS JOIN call_day d ON d.call = c.id
	JOIN context x ON x.id = d.context
	WHERE c.id = :call AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
		AND d.events > 0 AND d.day BETWEEN :from AND :to
		AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
		AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
			OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))
		AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source)))

-- name: named-at-ends
-- Is a call in what used-events would gather, as far as the first and the last event of each of its days tell, and may it
-- be at all? since, until, accounts: as there.
-- Inputs: since INTEGER, until INTEGER, call INTEGER, accounts INTEGER
-- Rows: one, (is, may be), 0 or 1
SELECT coalesce(max(EXISTS (SELECT 1 FROM stream t
		CROSS JOIN event e ON e.stream = t.id AND e.time IN (d.first, d.last)
		CROSS JOIN call r ON r.id = e.call
		JOIN session n ON n.id = e.session
		WHERE t.account = c.account AND t.region = c.region AND e.time >= :since AND e.time < :until
			AND e.context = d.context AND coalesce(r.folded_into, r.id) = c.id
			AND (t.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request
				AND k.time = e.time AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
			AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'session' AND name_glob(f.value, n.name))
			AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-session')
				OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-session' AND name_glob(f.value, n.name))))),
	0), count(*) > 0
FROM call c
CROSS JOIN call_day d ON d.call = c.id AND d.last >= :since AND d.first < :until
JOIN context x ON x.id = d.context
WHERE c.id = :call AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))

-- name: named-begin
-- Empties the table of the calls of which all events must be looked at.
-- Inputs: none
-- Rows: none
DELETE FROM temp.open_call

-- name: named-open
-- Adds one of them, with those that it stands for.
-- Inputs: call INTEGER
-- Rows: none
INSERT OR IGNORE INTO temp.open_call (call, principal)
SELECT id, principal FROM call WHERE id = :call OR folded_into = :call

-- name: named-events
-- Which of them are in what used-events would gather? since, until, accounts: as there. Only days on which their principals
-- called and streams that they are of are read.
-- Inputs: since INTEGER, until INTEGER, accounts INTEGER
-- Rows: (call), by call
WITH part AS MATERIALIZED (
	SELECT t.id AS stream, t.cloudtrail AS cloudtrail, max(d.low, :since) AS low, min(d.high + 1, :until) AS high
	FROM (SELECT min(u.first) AS low, max(u.last) AS high
		FROM (SELECT DISTINCT principal FROM temp.open_call) b CROSS JOIN total_day u ON u.principal = b.principal
		WHERE u.last >= :since AND u.first < :until
		GROUP BY u.day) d
	CROSS JOIN stream t
	WHERE (t.account, t.region) IN (SELECT a.account, a.region FROM temp.open_call b CROSS JOIN call a ON a.id = b.call)
)
SELECT DISTINCT coalesce(c.folded_into, c.id)
FROM part s
CROSS JOIN event e ON e.stream = s.stream AND e.time >= s.low AND e.time < s.high
CROSS JOIN temp.open_call b ON b.call = e.call
CROSS JOIN call c ON c.id = e.call
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
WHERE (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND (s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
		AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-agent')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-agent' AND name_glob(f.value, x.agent)))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'session' AND name_glob(f.value, n.name))
	AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-session')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-session' AND name_glob(f.value, n.name)))
ORDER BY 1
