-- Whose an access key is. :access_key :principal :session :tags TEXT, :origin :issuer INTEGER. No rows.
INSERT OR IGNORE INTO key_owner (access_key, origin, principal, session, tags, issuer)
VALUES (:access_key, :origin, :principal, :session, :tags, :issuer)
