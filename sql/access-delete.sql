-- Forgets what a call needs. :call INTEGER. No rows.
DELETE FROM access WHERE call = :call
