-- Principals with their events; what turned out to be another one counts there. No inputs.
-- Rows: (id, arn, type, account, editable, permission_set, path_unknown, events, calls, denied, first, last), by arn.
SELECT p.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	sum(u.events), sum(u.events * (u.kind = 1)), sum(u.events * (u.outcome = 3)), min(u.first), max(u.last)
FROM (SELECT coalesce(q.same_as, q.id) AS principal, c.kind AS kind, c.outcome AS outcome,
		d.events AS events, d.first AS first, d.last AS last
	FROM call_day d JOIN call c ON c.id = d.call JOIN principal q ON q.id = c.principal
	WHERE d.events > 0) u
JOIN principal p ON p.id = u.principal
GROUP BY p.id
ORDER BY p.arn
