-- All captured calls were looked for. No inputs, no rows.
UPDATE captured SET fresh = 0 WHERE fresh = 1
