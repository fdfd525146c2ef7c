-- API calls that the mapping has no answer for.
-- Inputs: principal (glob).
-- Columns: source, name, principal, events, first, last. Ordered by the first three.
-- Reads: access.
SELECT c.source AS source, c.name AS name, p.arn AS principal, sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM mapped m
JOIN call c ON c.id = m.call
JOIN call_day d ON d.call = c.id
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
WHERE m.status = 4 AND (:principal IS NULL OR principal_is(:principal, p.arn))
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
