-- The owner of a call's resource goes to the one that stands for it. :call (new) :old INTEGER. No rows.
INSERT INTO owner (call, account) SELECT :call, account FROM owner WHERE call = :old
ON CONFLICT (call) DO UPDATE SET account = min(account, excluded.account)
