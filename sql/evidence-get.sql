-- The sample of a call. :call INTEGER. Rows: at most one, (time, event_id, source name, ordinal, region).
SELECT s.time, s.event_id, r.name, s.ordinal, c.region
FROM sample s
JOIN call c ON c.id = s.call
LEFT JOIN source r ON r.id = s.source
WHERE s.call = :call
