-- :hash BLOB, :level :calls INTEGER. No rows.
INSERT OR REPLACE INTO fold (hash, level, calls) VALUES (:hash, :level, :calls)
