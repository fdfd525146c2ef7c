-- Refused calls and which policy refused them.
-- Inputs: principal (glob).
-- Columns: principal, source, name, action, resource, denied_by, explicit, error, events, first, last. Ordered by the first eight.
SELECT p.arn AS principal, c.source AS source, c.name AS name, c.denied_action AS action,
	c.denied_resource AS resource, w.word AS denied_by, c.explicit_deny AS explicit, c.error AS error,
	sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM call_day d
JOIN call c ON c.id = d.call AND c.outcome = 3
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word w ON w.kind = 'denial' AND w.id = c.denied_by
WHERE :principal IS NULL OR principal_is(:principal, p.arn)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
