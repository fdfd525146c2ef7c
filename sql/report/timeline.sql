-- Events a day.
-- Inputs: principal (glob).
-- Columns: day, events, calls (API calls), denied, failed, principals. Ordered by day.
SELECT strftime('%Y-%m-%d', d.day * 86400, 'unixepoch') AS day, sum(d.events) AS events,
	sum(d.events * (c.kind = 1)) AS calls, sum(d.events * (c.outcome = 3)) AS denied,
	sum(d.events * (c.outcome = 2)) AS failed, count(DISTINCT p.id) AS principals
FROM call_day d
JOIN call c ON c.id = d.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
WHERE d.events > 0 AND (:principal IS NULL OR principal_is(:principal, p.arn))
GROUP BY d.day
ORDER BY d.day
