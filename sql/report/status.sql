-- What is in the database: sources, events, window, accounts, mapping.
-- No inputs. Columns: item, value. Ordered as listed.
-- Reads: totals.
WITH merged AS ( -- what the sources of merged databases have in common
	SELECT coalesce(max(CASE WHEN key = 'merged-duplicates' THEN CAST(value AS INTEGER) END), 0) AS duplicates,
		coalesce(max(CASE WHEN key = 'merged-conflicts' THEN CAST(value AS INTEGER) END), 0) AS conflicts,
		coalesce(max(CASE WHEN key = 'pruned' THEN CAST(value AS INTEGER) END), 0) AS pruned,
		max(CASE WHEN key = 'pruned-before' THEN CAST(value AS INTEGER) END) AS pruned_before
	FROM meta
)
SELECT item, value FROM (
	SELECT 1 AS n, 'sources' AS item, count(*) AS value FROM source
	UNION ALL SELECT 2, 'sources not finished', count(*) FROM source WHERE state = 1
	UNION ALL SELECT 3, 'sources damaged', count(*) FROM source WHERE damage IS NOT NULL
	UNION ALL SELECT 4, 'records', coalesce(sum(records), 0) FROM source
	UNION ALL SELECT 5, 'stored', coalesce(sum(stored), 0) - (SELECT duplicates FROM merged) FROM source
	UNION ALL SELECT 6, 'duplicates', coalesce(sum(duplicates), 0) + (SELECT duplicates FROM merged) FROM source
	UNION ALL SELECT 7, 'conflicts', coalesce(sum(conflicts), 0) + (SELECT conflicts FROM merged) FROM source
	UNION ALL SELECT 8, 'ignored', coalesce(sum(ignored), 0) FROM source
	UNION ALL SELECT 9, 'skipped', coalesce(sum(skipped), 0) FROM source
	-- each is stored once: no need to count them
	UNION ALL SELECT 10, 'events', coalesce(sum(stored), 0) - (SELECT duplicates FROM merged)
		+ (SELECT coalesce(sum(events - rows), 0) FROM slice) - (SELECT pruned FROM merged)
		FROM source
	UNION ALL SELECT 10.1, 'events pruned', pruned FROM merged WHERE pruned > 0
	UNION ALL SELECT 10.2, 'pruned before', strftime('%Y-%m-%d', pruned_before, 'unixepoch') FROM merged
		WHERE pruned_before IS NOT NULL
	-- by indices: rows of calls are large
	UNION ALL SELECT 11, 'distinct calls', (SELECT count(*) FROM call)
		- (SELECT count(*) FROM call WHERE folded_into IS NOT NULL)
	UNION ALL SELECT 12, 'calls that stand for many', count(*) FROM call WHERE folded = 1 AND folded_into IS NULL
	UNION ALL SELECT 13, 'first event', strftime('%Y-%m-%dT%H:%M:%SZ', min(first), 'unixepoch') FROM total_day
	UNION ALL SELECT 14, 'last event', strftime('%Y-%m-%dT%H:%M:%SZ', max(last), 'unixepoch') FROM total_day
	UNION ALL SELECT 15, 'accounts', (SELECT group_concat(account, ' ') FROM
		(SELECT DISTINCT account FROM stream WHERE account <> '' ORDER BY account))
	UNION ALL SELECT 16, 'regions', (SELECT group_concat(region, ' ') FROM
		(SELECT DISTINCT region FROM stream WHERE region <> '' AND region NOT LIKE 'aws-%' ORDER BY region))
	UNION ALL SELECT 17, 'mapping', value FROM meta WHERE key = 'mapping'
	UNION ALL SELECT 18, 'days of streams held as counts', count(*) FROM slice
	UNION ALL SELECT 19, 'schema version', user_version FROM pragma_user_version
) ORDER BY n
