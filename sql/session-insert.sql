-- A new session. One input a column. No rows.
INSERT INTO session (hash, principal, access_key, name, source_identity, issuer_id)
VALUES (:hash, :principal, :access_key, :name, :source_identity, :issuer_id)
