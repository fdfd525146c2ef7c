-- The stream of a hash. :hash BLOB. Rows: (id).
SELECT id FROM stream WHERE hash = :hash
