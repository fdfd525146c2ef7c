-- A call joins its group. :hash BLOB, :call INTEGER. No rows.
INSERT OR IGNORE INTO fold_member (hash, call) VALUES (:hash, :call)
