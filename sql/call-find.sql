-- The call of a hash, and the sample of it or of what stands for it. :hash BLOB. Rows: (id, time, sample id).
SELECT coalesce(f.id, c.id), coalesce(f.sample_time, c.sample_time), coalesce(f.sample_id, c.sample_id)
FROM call c LEFT JOIN call f ON f.id = c.folded_into
WHERE c.hash = :hash
