-- The context of a hash. :hash BLOB. Rows: (id).
SELECT id FROM context WHERE hash = :hash
