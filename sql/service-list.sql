-- Event sources of temp.used, with the events that CloudTrail calls data and management events. No inputs.
-- Rows: (source, events, data, management, first, last), by source.
SELECT c.source, sum(u.events), sum(u.events * (c.management = 1)), sum(u.events * (c.management = 2)),
	min(u.first), max(u.last)
FROM temp.used u
JOIN call c ON c.id = u.call
GROUP BY c.source
ORDER BY c.source
