-- Adds whole days to what counts, under the conditions of temp.filter. :outcomes INTEGER bits, :principals :accounts
-- INTEGER 1 if there are such conditions, :from :to INTEGER days, both included. No rows.
INSERT INTO temp.used (call, context, events, first, last)
SELECT d.call, d.context, sum(d.events), min(d.first), max(d.last)
FROM principal p
CROSS JOIN call c ON c.principal = p.id
CROSS JOIN call_day d ON d.call = c.id
JOIN context x ON x.id = d.context
WHERE (:outcomes >> c.outcome) & 1
	AND (NOT :principals OR coalesce(p.same_as, p.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal'))
	AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND d.events > 0 AND d.day BETWEEN :from AND :to
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))
GROUP BY d.call, d.context
ON CONFLICT (call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)
