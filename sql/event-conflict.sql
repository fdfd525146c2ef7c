-- Is another event of this eventID in the same stream and second?
-- :stream :time INTEGER, :low :high BLOB bounds of the ids that share its prefix. Rows: at most two, (id).
SELECT id FROM event WHERE stream = :stream AND time = :time AND id BETWEEN :low AND :high LIMIT 2
