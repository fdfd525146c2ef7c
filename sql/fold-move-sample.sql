-- The sample of a call goes to the one that stands for it, if it is smaller. :call (new) :old INTEGER. No rows.
UPDATE call SET sample_time = o.sample_time, sample_id = o.sample_id, sample_event = o.sample_event,
	sample_source = o.sample_source, sample_ordinal = o.sample_ordinal
FROM call AS o
WHERE call.id = :call AND o.id = :old AND (o.sample_time, o.sample_id) < (call.sample_time, call.sample_id)
