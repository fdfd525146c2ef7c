-- :old INTEGER. No rows.
DELETE FROM mapped WHERE call = :old
