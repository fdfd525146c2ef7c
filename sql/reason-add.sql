-- Adds to a reason of a source; the first record and its text stay. :source :skipped :n :record INTEGER, :word :sample TEXT.
-- No rows.
INSERT INTO source_reason (source, skipped, word, n, record, sample)
VALUES (:source, :skipped, :word, :n, :record, :sample)
ON CONFLICT (source, skipped, word) DO UPDATE SET n = n + excluded.n
