-- An event turned out to be of a call with more parameters. :call :stream :time INTEGER, :id BLOB. No rows.
UPDATE event SET call = :call WHERE stream = :stream AND time = :time AND id = :id
