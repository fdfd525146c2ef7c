-- The same as sql/principal-list.sql for those that a name means, without touching the others' calls. :name :account TEXT or
-- NULL.
-- Rows: (id, arn, type, account, editable, permission_set, path_unknown, events, calls, denied, first, last), by arn.
SELECT p.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	sum(d.events), sum(d.events * (c.kind = 1)), sum(d.events * (c.outcome = 3)), min(d.first), max(d.last)
FROM principal q
CROSS JOIN principal p ON p.id = coalesce(q.same_as, q.id)
CROSS JOIN call c ON c.principal = q.id
CROSS JOIN call_day d ON d.call = c.id
WHERE principal_is(:name, p.arn) AND (:account IS NULL OR p.account = :account) AND d.events > 0
GROUP BY p.id
ORDER BY p.arn
