-- :old INTEGER. No rows.
DELETE FROM call_day WHERE call = :old
