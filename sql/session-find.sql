-- The session of a hash. :hash BLOB. Rows: (id).
SELECT id FROM session WHERE hash = :hash
