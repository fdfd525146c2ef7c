-- Copies that were taken out. No inputs, no rows.
UPDATE shared SET counted = 0
WHERE owner_side = 1 AND counted = 1 AND hash IN (SELECT hash FROM shared_twin)
