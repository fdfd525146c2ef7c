-- The same from single events, for parts of a day and conditions on sessions. :outcomes :principals :accounts as in
-- sql/used-days.sql, :since :until INTEGER seconds, since <= time < until. No rows.
INSERT INTO temp.used (call, context, events, first, last)
SELECT coalesce(c.folded_into, c.id), e.context, count(*), min(e.time), max(e.time)
FROM stream s
CROSS JOIN event e ON e.stream = s.id
JOIN call c ON c.id = e.call
JOIN principal p ON p.id = c.principal
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
WHERE (:outcomes >> c.outcome) & 1
	AND (NOT :principals OR coalesce(p.same_as, p.id) IN (SELECT value FROM temp.filter WHERE kind = 'principal'))
	AND (NOT :accounts OR c.account IN (SELECT value FROM temp.filter WHERE kind = 'account'))
	AND (s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
		AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
	AND e.time >= :since AND e.time < :until
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'agent' AND name_glob(f.value, x.agent))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'service' AND name_glob(f.value, c.source))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'session' AND name_glob(f.value, n.name))
GROUP BY 1, 2
ON CONFLICT (call, context) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)
