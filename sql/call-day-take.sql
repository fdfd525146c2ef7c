-- One event less. :call :context :day INTEGER. No rows.
UPDATE call_day SET events = events - 1 WHERE call = :call AND context = :context AND day = :day
