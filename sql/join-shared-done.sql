-- No inputs, no rows.
DELETE FROM shared_new
