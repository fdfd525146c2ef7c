-- The call of a hash, and when its sample was made. :hash BLOB. Rows: (id, folded_into, time, sample id).
SELECT c.id, c.folded_into, s.time, s.id
FROM call c LEFT JOIN sample s ON s.call = coalesce(c.folded_into, c.id)
WHERE c.hash = :hash
