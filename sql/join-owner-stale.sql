-- The calls whose resource's owner has become known. No inputs, no rows.
INSERT OR IGNORE INTO stale (call) SELECT call FROM shared_pair WHERE kind = 1
