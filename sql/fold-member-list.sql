-- The calls of a group. :hash BLOB. Rows: (call), by call.
SELECT call FROM fold_member WHERE hash = :hash ORDER BY call
