-- The calls whose access depends on an IAM name must be derived again. :account :type :name TEXT. No rows.
INSERT OR IGNORE INTO stale (call)
SELECT call FROM lookup WHERE account = :account AND type = :type AND name = :name
