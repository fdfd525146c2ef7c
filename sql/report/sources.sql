-- Every source with what became of its records.
-- No inputs. Columns: source, state, format, size, since, until, records, stored, duplicates, conflicts, ignored, skipped,
-- damage. Ordered by source, then as they were read.
SELECT s.name AS source, w.word AS state, s.format AS format, s.size AS size,
	CASE WHEN s.since > -9223372036854775807 THEN strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') END AS since,
	CASE WHEN s.until < 9223372036854775807 THEN strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') END AS until,
	s.records AS records, s.stored AS stored, s.duplicates AS duplicates, s.conflicts AS conflicts,
	s.ignored AS ignored, s.skipped AS skipped, s.damage AS damage
FROM source s JOIN word w ON w.kind = 'source' AND w.id = s.state
ORDER BY s.name, s.id
