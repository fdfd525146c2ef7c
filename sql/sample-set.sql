-- The evidence of a call. :time :source :ordinal :call INTEGER, :id BLOB, :event TEXT. No rows.
UPDATE call SET sample_time = :time, sample_id = :id, sample_event = :event, sample_source = :source,
	sample_ordinal = :ordinal
WHERE id = :call
