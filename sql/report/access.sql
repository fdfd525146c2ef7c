-- What the calls of each principal need: action and resource.
-- Inputs: principal (glob).
-- Columns: principal, action, resource, type, level, need, outcome, events, first, last. Ordered by the first seven.
-- Reads: access.
SELECT p.arn AS principal, a.action AS action, a.resource AS resource, a.type AS type, l.word AS level,
	n.word AS need, w.word AS outcome, sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM access a
JOIN call c ON c.id = a.call
JOIN call_day d ON d.call = c.id
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word l ON l.kind = 'level' AND l.id = a.level
JOIN word n ON n.kind = 'need' AND n.id = a.need
JOIN word w ON w.kind = 'outcome' AND w.id = c.outcome
WHERE d.events > 0 AND (:principal IS NULL OR principal_is(:principal, p.arn))
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7
