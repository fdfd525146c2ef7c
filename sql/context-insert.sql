-- A new context. One input a column. No rows.
INSERT INTO context (hash, source_network, vpc_endpoint, mfa, tls, tls_version, invoked_by, agent, session_tags)
VALUES (:hash, :source_network, :vpc_endpoint, :mfa, :tls, :tls_version, :invoked_by, :agent, :session_tags)
