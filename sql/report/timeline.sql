-- Events a day.
-- Inputs: principal (glob).
-- Columns: day, events, calls (API calls), denied, failed, principals. Ordered by day.
-- Reads: totals.
SELECT strftime('%Y-%m-%d', d.day * 86400, 'unixepoch') AS day, sum(d.events) AS events, sum(d.calls) AS calls,
	sum(d.denied) AS denied, sum(d.failed) AS failed, count(DISTINCT p.id) AS principals
FROM total_day d
JOIN principal q ON q.id = d.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
WHERE :principal IS NULL OR principal_is(:principal, p.arn)
GROUP BY d.day
ORDER BY d.day
