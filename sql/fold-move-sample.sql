-- The sample of a call goes to the one that stands for it, if it is smaller. :call (new) :old INTEGER. No rows.
INSERT INTO sample (call, time, id, event_id, source, ordinal)
SELECT :call, time, id, event_id, source, ordinal FROM sample WHERE call = :old
ON CONFLICT (call) DO UPDATE SET
	time = excluded.time, id = excluded.id, event_id = excluded.event_id, source = excluded.source,
	ordinal = excluded.ordinal
WHERE (excluded.time, excluded.id) < (sample.time, sample.id)
