-- Tools that made API calls, by principal.
-- Inputs: principal (glob).
-- Columns: principal, agent, invoked_by, events, first, last. Ordered by the first three.
-- Reads: totals.
SELECT p.arn AS principal, x.agent AS agent, x.invoked_by AS invoked_by, sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM total_context d
JOIN context x ON x.id = d.context
JOIN principal q ON q.id = d.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
WHERE :principal IS NULL OR principal_is(:principal, p.arn)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
