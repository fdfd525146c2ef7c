-- What of the time between the first and the last event of all the log covers, for each account and region of CloudTrail,
-- and of S3's server access logs, which tell the requester's account and a bucket's region at most.
-- No inputs. Columns: account, region, log ("cloudtrail", "s3-access-log"), first, last (its own events), days (of that time), days_without (an event),
-- gaps (those days, "2026-01-05..2026-01-07" each), hours_without, data_events (event sources with data events),
-- management_only (event sources without). Ordered by account, region, log.
WITH hour AS MATERIALIZED (
	SELECT stream, hour, min(first) AS first, max(last) AS last FROM (
		SELECT e.stream AS stream, e.time / 3600 AS hour, min(e.time) AS first, max(e.time) AS last
		FROM event e JOIN stream s ON s.id = e.stream
		WHERE s.cloudtrail IN (1, 2)
		GROUP BY 1, 2
		UNION ALL SELECT stream, first / 3600, min(first), max(first) FROM bulk GROUP BY 1, 2
		UNION ALL SELECT stream, last / 3600, min(last), max(last) FROM bulk GROUP BY 1, 2)
	GROUP BY 1, 2
),
span AS (SELECT min(hour) AS low, max(hour) AS high FROM hour),
day AS MATERIALIZED (SELECT DISTINCT stream, hour / 24 AS day FROM hour),
-- the days before and after all of it close the gaps at both ends
mark AS (
	SELECT stream, day FROM day
	UNION SELECT stream, low / 24 - 1 FROM day, span
	UNION SELECT stream, high / 24 + 1 FROM day, span
),
gap AS (
	SELECT stream, day + 1 AS low, lead(day) OVER (PARTITION BY stream ORDER BY day) - 1 AS high
	FROM mark
	ORDER BY stream, low
),
gaps AS (
	SELECT stream, sum(high - low + 1) AS days, group_concat(strftime('%Y-%m-%d', low * 86400, 'unixepoch')
		|| CASE WHEN high > low THEN '..' || strftime('%Y-%m-%d', high * 86400, 'unixepoch') ELSE '' END, ' ') AS list
	FROM gap
	WHERE high >= low
	GROUP BY stream
),
service AS (
	SELECT account, region, source, max(data) AS data
	FROM (SELECT c.account AS account, c.region AS region, c.source AS source, c.management = 1 AS data
		FROM call c JOIN call_day d ON d.call = c.id
		WHERE d.events > 0 AND c.kind = 1 AND c.source <> 's3-server-access-log')
	GROUP BY 1, 2, 3
	ORDER BY 1, 2, 3
)
SELECT s.account AS account, s.region AS region,
	CASE s.cloudtrail WHEN 2 THEN 's3-access-log' ELSE 'cloudtrail' END AS log,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(h.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(h.last), 'unixepoch') AS last,
	w.high / 24 - w.low / 24 + 1 AS days, coalesce(g.days, 0) AS days_without, g.list AS gaps,
	w.high - w.low + 1 - count(*) AS hours_without,
	(SELECT group_concat(source, ' ') FROM service v
		WHERE v.account = s.account AND v.region = s.region AND v.data) AS data_events,
	(SELECT group_concat(source, ' ') FROM service v
		WHERE v.account = s.account AND v.region = s.region AND NOT v.data) AS management_only
FROM hour h JOIN stream s ON s.id = h.stream JOIN span w LEFT JOIN gaps g ON g.stream = h.stream
GROUP BY s.id
ORDER BY s.account, s.region, log
