-- Forgets what the user said of an access key. :access_key TEXT. No rows.
DELETE FROM key_owner WHERE access_key = :access_key AND origin = 1
