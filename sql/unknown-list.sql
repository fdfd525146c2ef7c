-- API calls of temp.used that the mapping has no answer for. No inputs.
-- Rows: (arn, source, name, events, first, last), by the first three.
SELECT p.arn, c.source, c.name, sum(u.events), min(u.first), max(u.last)
FROM temp.used u
JOIN call c ON c.id = u.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN mapped m ON m.call = c.id AND m.status = 4
GROUP BY p.arn, c.source, c.name
ORDER BY p.arn, c.source, c.name
