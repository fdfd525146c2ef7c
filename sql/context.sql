-- What an event points to beside its call: its stream, its context and its session.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: stream-find
-- Which stream has this hash?
-- Inputs: hash BLOB
-- Rows: at most one, (id)
SELECT id FROM stream WHERE hash = :hash

-- name: stream-insert
-- Stores a new stream.
-- Inputs: hash BLOB, cloudtrail INTEGER, account TEXT, region TEXT
-- Rows: none
INSERT INTO stream (hash, cloudtrail, account, region) VALUES (:hash, :cloudtrail, :account, :region)

-- name: context-find
-- Which context has this hash?
-- Inputs: hash BLOB
-- Rows: at most one, (id)
SELECT id FROM context WHERE hash = :hash

-- name: context-insert
-- Stores a new context.
-- Inputs: hash BLOB, source_network TEXT, vpc_endpoint TEXT, mfa INTEGER, tls INTEGER, tls_version TEXT, invoked_by TEXT,
-- agent TEXT, session_tags TEXT
-- Rows: none
INSERT INTO context (hash, source_network, vpc_endpoint, mfa, tls, tls_version, invoked_by, agent, session_tags)
VALUES (:hash, :source_network, :vpc_endpoint, :mfa, :tls, :tls_version, :invoked_by, :agent, :session_tags)

-- name: session-find
-- Which session has this hash?
-- Inputs: hash BLOB
-- Rows: at most one, (id)
SELECT id FROM session WHERE hash = :hash

-- name: session-insert
-- Stores a new session.
-- Inputs: hash BLOB, principal INTEGER, access_key TEXT, name TEXT, source_identity TEXT, issuer_id TEXT
-- Rows: none
INSERT INTO session (hash, principal, access_key, name, source_identity, issuer_id)
VALUES (:hash, :principal, :access_key, :name, :source_identity, :issuer_id)
