-- :key TEXT. Rows: (value).
SELECT value FROM meta WHERE key = :key
