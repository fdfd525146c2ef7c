-- A call whose resource's owner was found with one that it stands for. :call INTEGER. No rows.
INSERT OR IGNORE INTO stale (call) SELECT :call WHERE EXISTS (SELECT 1 FROM owner WHERE call = :call)
