-- What the mapping said of a call. :call :status INTEGER. No rows.
INSERT OR REPLACE INTO mapped (call, status) VALUES (:call, :status)
