-- Event sources with what they recorded.
-- No inputs. Columns: source, events, calls (API calls), data_events, management_events, denied, principals, first, last.
-- Ordered by source.
SELECT c.source AS source, sum(d.events) AS events, sum(d.events * (c.kind = 1)) AS calls,
	sum(d.events * (c.management = 1)) AS data_events, sum(d.events * (c.management = 2)) AS management_events,
	sum(d.events * (c.outcome = 3)) AS denied,
	count(DISTINCT coalesce(p.same_as, p.id)) AS principals,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM call_day d JOIN call c ON c.id = d.call JOIN principal p ON p.id = c.principal
GROUP BY c.source
ORDER BY c.source
