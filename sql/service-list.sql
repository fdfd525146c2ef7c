-- Event sources of temp.used, with the events that CloudTrail calls data and management events; captures tell both alike, so
-- that a source which they saw counts as one whose data events are told. No inputs.
-- Rows: (source, events, data, management, captured, first, last), by source. captured: 1 or 0.
WITH seen AS (
	SELECT DISTINCT c.source AS source FROM stream t
	CROSS JOIN event e ON e.stream = t.id
	CROSS JOIN call c ON c.id = e.call
	WHERE t.cloudtrail = 0
)
SELECT c.source, sum(u.events), sum(u.events * (c.management = 1)), sum(u.events * (c.management = 2)),
	c.source IN (SELECT source FROM seen), min(u.first), max(u.last)
FROM temp.used u
JOIN call c ON c.id = u.call
GROUP BY c.source
ORDER BY c.source
