-- The level and size of a group of calls. :hash BLOB. Rows: (level, calls).
SELECT level, calls FROM fold WHERE hash = :hash
