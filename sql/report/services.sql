-- Event sources with what they recorded.
-- No inputs. Columns: source, events, calls (API calls), data_events, management_events, denied, principals, first, last.
-- Ordered by source.
-- Reads: totals.
SELECT d.source AS source, sum(d.events) AS events, sum(d.calls) AS calls, sum(d.data) AS data_events,
	sum(d.management) AS management_events, sum(d.denied) AS denied,
	count(DISTINCT coalesce(p.same_as, p.id)) AS principals,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last
FROM total_day d JOIN principal p ON p.id = d.principal
GROUP BY d.source
ORDER BY d.source
