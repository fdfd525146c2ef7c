-- The events.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: event-insert
-- Stores one event unless it is there.
-- Inputs: stream INTEGER, time INTEGER, id BLOB, call INTEGER, context INTEGER, session INTEGER, request INTEGER
-- Rows: none
INSERT OR IGNORE INTO event (stream, time, id, call, context, session, request)
VALUES (:stream, :time, :id, :call, :context, :session, :request)

-- name: event-conflict
-- Are there events of this eventID in the same stream and second? low and high bound the ids that share its prefix.
-- Inputs: stream INTEGER, time INTEGER, low BLOB, high BLOB
-- Rows: at most two, (id)
SELECT id FROM event WHERE stream = :stream AND time = :time AND id BETWEEN :low AND :high LIMIT 2

-- name: event-range
-- Between which times are there events?
-- Inputs: none
-- Rows: one, (first, last), NULL if there are no events
SELECT min((SELECT min(time) FROM event WHERE stream = s.id)), max((SELECT max(time) FROM event WHERE stream = s.id))
FROM stream s

-- name: event-call
-- Which call is an event of, as it now stands?
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: at most one, (call, context)
SELECT coalesce(c.folded_into, c.id), e.context
FROM event e JOIN call c ON c.id = e.call
WHERE e.stream = :stream AND e.time = :time AND e.id = :id

-- name: event-call-set
-- Makes an event one of another call, which has more parameters.
-- Inputs: call INTEGER, stream INTEGER, time INTEGER, id BLOB
-- Rows: none
UPDATE event SET call = :call WHERE stream = :stream AND time = :time AND id = :id

-- name: event-get
-- What does the copy of an event say that counts? The call as it now stands.
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: at most one, (call, context, session, request)
SELECT coalesce(c.folded_into, c.id), e.context, e.session, e.request
FROM event e JOIN call c ON c.id = e.call
WHERE e.stream = :stream AND e.time = :time AND e.id = :id

-- name: event-replace
-- Lets another copy of an event count.
-- Inputs: call INTEGER, context INTEGER, session INTEGER, request INTEGER, stream INTEGER, time INTEGER, id BLOB
-- Rows: none
UPDATE event SET call = :call, context = :context, session = :session, request = :request
WHERE stream = :stream AND time = :time AND id = :id

-- name: copy-get
-- What do a call, a context and a session say, other than what all copies of an event have in common?
-- Inputs: context INTEGER, session INTEGER (0: none), call INTEGER
-- Rows: at most one, (params, resources, params_cut, kind, outcome, denied_by, explicit_deny; error, denied_action,
-- denied_resource, denied_policy; mfa, tls; source_network, vpc_endpoint, tls_version, invoked_by, agent, session_tags,
-- access_key, name, source_identity, issuer_id)
SELECT c.params, c.resources, c.params_cut, c.kind, c.outcome, c.denied_by, c.explicit_deny,
	c.error, c.denied_action, c.denied_resource, c.denied_policy, x.mfa, x.tls,
	x.source_network, x.vpc_endpoint, x.tls_version, x.invoked_by, x.agent, x.session_tags,
	n.access_key, n.name, n.source_identity, n.issuer_id
FROM call c
JOIN context x ON x.id = :context
LEFT JOIN session n ON n.id = :session
WHERE c.id = :call

-- name: conflict-list
-- Which copies of an event do not count? Calls as they now stand.
-- Inputs: stream INTEGER, time INTEGER, id BLOB
-- Rows: (call as it was stored, context, call), by the first two
SELECT k.call, k.context, coalesce(c.folded_into, c.id)
FROM conflict k JOIN call c ON c.id = k.call
WHERE k.stream = :stream AND k.time = :time AND k.id = :id
ORDER BY k.call, k.context

-- name: conflict-add
-- Remembers a copy of an event that does not count.
-- Inputs: stream INTEGER, time INTEGER, id BLOB, call INTEGER, context INTEGER
-- Rows: none
INSERT OR IGNORE INTO conflict (stream, time, id, call, context) VALUES (:stream, :time, :id, :call, :context)

-- name: conflict-delete
-- Forgets a copy of an event that does not count, because another one says all that it does.
-- Inputs: stream INTEGER, time INTEGER, id BLOB, call INTEGER, context INTEGER
-- Rows: none
DELETE FROM conflict WHERE stream = :stream AND time = :time AND id = :id AND call = :call AND context = :context

-- name: event-sessions
-- Of which session was each event, and when?
-- Inputs: none
-- Rows: (session, time), in any order: they are summed up in memory
SELECT session, time FROM event

-- name: session-use-clear
-- Forgets how often sessions were used.
-- Inputs: none
-- Rows: none
DELETE FROM temp.session_use

-- name: session-use-add
-- Stores how often a session was used.
-- Inputs: session INTEGER, events INTEGER, first INTEGER, last INTEGER
-- Rows: none
INSERT INTO temp.session_use (session, events, first, last) VALUES (:session, :events, :first, :last)
