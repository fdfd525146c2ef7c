-- What became of a source. :source INTEGER. Rows: (records, stored, duplicates, conflicts, ignored, skipped).
SELECT records, stored, duplicates, conflicts, ignored, skipped FROM source WHERE id = :source
