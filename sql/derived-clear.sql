-- Forgets all that was derived with another mapping and marks every API call. Statements; no inputs, no rows.
DELETE FROM access;
DELETE FROM mapped;
DELETE FROM lookup;
INSERT OR IGNORE INTO stale (call) SELECT id FROM call WHERE kind = 1 AND folded_into IS NULL;
