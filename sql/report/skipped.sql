-- What was not stored, by source and reason: damaged (skipped) or expected and no event (ignored).
-- No inputs. Columns: source, kind, reason, records, first_record, text. Ordered by source, kind (skipped first), reason.
SELECT s.name AS source, CASE r.skipped WHEN 1 THEN 'skipped' ELSE 'ignored' END AS kind, r.word AS reason,
	r.n AS records, nullif(r.record, 0) AS first_record, r.sample AS text
FROM source_reason r JOIN source s ON s.id = r.source
ORDER BY s.name, r.skipped DESC, r.word, s.id
