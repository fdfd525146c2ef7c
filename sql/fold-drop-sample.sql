-- :old INTEGER. No rows.
DELETE FROM sample WHERE call = :old
