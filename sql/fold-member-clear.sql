-- The calls of a group are about to be replaced. :hash BLOB. No rows.
DELETE FROM fold_member WHERE hash = :hash
