-- The account that owns a call's resource: the least of those that logged it as owner. No inputs, no rows.
INSERT INTO owner (call, account) SELECT call, min(owner) FROM shared_pair WHERE true GROUP BY call
ON CONFLICT (call) DO UPDATE SET account = min(account, excluded.account)
