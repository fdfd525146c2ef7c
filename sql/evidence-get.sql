-- The sample of a call. :call INTEGER. Rows: at most one, (time, event_id, source name, ordinal, region).
SELECT c.sample_time, c.sample_event, r.name, c.sample_ordinal, c.region
FROM call c
LEFT JOIN source r ON r.id = c.sample_source
WHERE c.id = :call
