-- A source whose reading begins. :name TEXT, :content BLOB or NULL, :since :until INTEGER. No rows.
INSERT INTO source (name, content, since, until, state, reached, records, stored, duplicates, conflicts, ignored,
	skipped)
VALUES (:name, :content, :since, :until, 1, 0, 0, 0, 0, 0, 0, 0)
