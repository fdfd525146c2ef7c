-- A call was derived. :call INTEGER. No rows.
DELETE FROM stale WHERE call = :call
