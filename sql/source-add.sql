-- Adds what became of a batch to its source. :source :reached :records :stored :duplicates :conflicts :ignored
-- :skipped INTEGER. No rows.
UPDATE source SET reached = max(reached, :reached), records = records + :records, stored = stored + :stored,
	duplicates = duplicates + :duplicates, conflicts = conflicts + :conflicts, ignored = ignored + :ignored,
	skipped = skipped + :skipped
WHERE id = :source
