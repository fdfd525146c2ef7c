-- One side of a call across accounts. :hash BLOB, :call :context :time :owner_side INTEGER, :account TEXT. No rows.
INSERT OR IGNORE INTO shared (hash, call, context, time, owner_side, account)
VALUES (:hash, :call, :context, :time, :owner_side, :account)
