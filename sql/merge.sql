-- What a merge reads of the database that is taken in, and what it writes beside ordinary rows.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: merge-sources
-- Which sources were read?
-- Inputs: none
-- Rows: (id, name, content, size, format, since, until, state, reached, records, stored, duplicates, conflicts, ignored,
-- skipped, damage), by id
SELECT id, name, content, size, format, since, until, state, reached, records, stored, duplicates, conflicts, ignored,
	skipped, damage
FROM source ORDER BY id

-- name: merge-source-known
-- Which sources have this content?
-- Inputs: content BLOB
-- Rows: (id, since, until, state, reached, stored, conflicts), by id
SELECT id, since, until, state, reached, stored, conflicts FROM source WHERE content = :content ORDER BY id

-- name: merge-source-add
-- Stores a source as another database has it.
-- Inputs: name TEXT, content BLOB, size INTEGER, format TEXT, since INTEGER, until INTEGER, state INTEGER, reached INTEGER,
-- records INTEGER, stored INTEGER, duplicates INTEGER, conflicts INTEGER, ignored INTEGER, skipped INTEGER, damage TEXT
-- Rows: none
INSERT INTO source (name, content, size, format, since, until, state, reached, records, stored, duplicates, conflicts,
	ignored, skipped, damage)
VALUES (:name, :content, :size, :format, :since, :until, :state, :reached, :records, :stored, :duplicates, :conflicts,
	:ignored, :skipped, :damage)

-- name: merge-source-set
-- Lets a source be what another database, which has read more of it, says.
-- Inputs: name TEXT, content BLOB, size INTEGER, format TEXT, since INTEGER, until INTEGER, state INTEGER, reached INTEGER,
-- records INTEGER, stored INTEGER, duplicates INTEGER, conflicts INTEGER, ignored INTEGER, skipped INTEGER, damage TEXT,
-- source INTEGER
-- Rows: none
UPDATE source SET name = :name, content = :content, size = :size, format = :format, since = :since, until = :until,
	state = :state, reached = :reached, records = :records, stored = :stored, duplicates = :duplicates,
	conflicts = :conflicts, ignored = :ignored, skipped = :skipped, damage = :damage
WHERE id = :source

-- name: merge-reasons
-- Why were records of a source not stored?
-- Inputs: source INTEGER
-- Rows: (skipped, word, n, record, sample), by the first two
SELECT skipped, word, n, record, sample FROM source_reason WHERE source = :source ORDER BY skipped, word

-- name: merge-reasons-drop
-- Forgets why records of a source were not stored.
-- Inputs: source INTEGER
-- Rows: none
DELETE FROM source_reason WHERE source = :source

-- name: merge-streams
-- Which streams are there?
-- Inputs: none
-- Rows: (id, cloudtrail, account, region), by id
SELECT id, cloudtrail, account, region FROM stream ORDER BY id

-- name: merge-principals
-- Which principals are there?
-- Inputs: none
-- Rows: (id, arn, type, account, editable, permission_set, path_unknown), by id
SELECT id, arn, type, account, editable, permission_set, path_unknown FROM principal ORDER BY id

-- name: merge-contexts
-- Which contexts are there?
-- Inputs: none
-- Rows: (id, source_network, vpc_endpoint, mfa, tls, tls_version, invoked_by, agent, session_tags), by id
SELECT id, source_network, vpc_endpoint, mfa, tls, tls_version, invoked_by, agent, session_tags FROM context ORDER BY id

-- name: merge-sessions
-- Which sessions are there?
-- Inputs: none
-- Rows: (id, access_key, name, source_identity, issuer_id; arn, type, account, editable, permission_set, path_unknown of the
-- principal), by id
SELECT n.id, n.access_key, n.name, n.source_identity, n.issuer_id, p.arn, p.type, p.account, p.editable,
	p.permission_set, p.path_unknown
FROM session n JOIN principal p ON p.id = n.principal
ORDER BY n.id

-- name: merge-calls
-- Which calls are there that no other stands for?
-- Inputs: none
-- Rows: as fold-candidates, by id
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, NULL, c.owner_side, c.sample_time, c.sample_id, c.sample_event, c.sample_source, c.sample_ordinal
FROM call c
JOIN principal p ON p.id = c.principal
WHERE c.folded_into IS NULL
ORDER BY c.id

-- name: merge-stand-ins
-- Which calls stand for others?
-- Inputs: none
-- Rows: (id, folded_into), by id
SELECT id, folded_into FROM call WHERE folded_into IS NOT NULL ORDER BY id

-- name: merge-events
-- Which events are there?
-- Inputs: none
-- Rows: (stream, time, id, call, context, session, request, detail as in the table partial, 2 of a whole one), by the
-- first three
SELECT e.stream, e.time, e.id, e.call, e.context, e.session, e.request, coalesce(p.detail, 2)
FROM event e LEFT JOIN partial p ON p.time = e.time AND p.id = e.id AND p.stream = e.stream
ORDER BY e.stream, e.time, e.id

-- name: merge-call-name
-- What is the operation of a call?
-- Inputs: call INTEGER
-- Rows: at most one, (source, name)
SELECT source, name FROM call WHERE id = :call

-- name: merge-captured
-- What is known of a captured call?
-- Inputs: request INTEGER, time INTEGER, stream INTEGER, id BLOB
-- Rows: at most one, (observer, event)
SELECT observer, event FROM captured WHERE request = :request AND time = :time AND stream = :stream AND id = :id

-- name: merge-conflicts
-- Which copies of events do not count? With what the copy that counts has and this one shares.
-- Inputs: none
-- Rows: (stream, time, id, call, context, session, request, 2), by the first five
SELECT k.stream, k.time, k.id, k.call, k.context, e.session, e.request, 2
FROM conflict k JOIN event e ON e.stream = k.stream AND e.time = k.time AND e.id = k.id
ORDER BY k.stream, k.time, k.id, k.call, k.context

-- name: merge-days
-- When was each call first and last seen, day by day?
-- Inputs: none
-- Rows: (call, context, first, last), by call, context, day
SELECT call, context, first, last FROM call_day ORDER BY call, context, day

-- name: merge-keys
-- Whose are access keys, and who asked for them?
-- Inputs: none
-- Rows: (access_key, origin, principal, session, tags; arn, type, account, editable, permission_set, path_unknown of who
-- asked, NULL if nobody is known to have; told), by the first three
SELECT k.access_key, k.origin, k.principal, k.session, k.tags, p.arn, p.type, p.account, p.editable, p.permission_set,
	p.path_unknown, k.told
FROM key_owner k LEFT JOIN principal p ON p.id = k.issuer
ORDER BY k.access_key, k.origin, k.principal

-- name: merge-iam-names
-- Which names of IAM are known?
-- Inputs: none
-- Rows: (account, type, name, arn, told), by the first four
SELECT account, type, name, arn, told FROM iam_name ORDER BY account, type, name, arn

-- name: merge-shared
-- Which sides of calls across accounts are there?
-- Inputs: none
-- Rows: (hash, call, context, time, owner_side, account, counted of one of a day that is held as counts), by the first five
SELECT s.hash, s.call, s.context, s.time, s.owner_side, s.account,
	CASE WHEN EXISTS (SELECT 1 FROM call c
		JOIN stream t ON t.cloudtrail = 1 AND t.account = s.account AND t.region = c.region
		JOIN slice k ON k.stream = t.id AND k.day = (s.time - (s.time % 86400 + 86400) % 86400) / 86400
		WHERE c.id = s.call) THEN s.counted END
FROM shared s
ORDER BY s.hash, s.owner_side, s.call, s.context, s.time

-- name: merge-shared-any
-- Are there calls across accounts?
-- Inputs: none
-- Rows: (1), one if so
SELECT 1 FROM shared LIMIT 1

-- name: merge-shared-index
-- Makes a table that finds the side of a call across accounts by its event. A script.
-- Inputs: none
-- Rows: none
CREATE TEMP TABLE merge_shared (
	time INTEGER NOT NULL, call INTEGER NOT NULL, context INTEGER NOT NULL, account TEXT NOT NULL, hash BLOB NOT NULL,
	owner_side INTEGER NOT NULL, PRIMARY KEY (time, call, context, account, hash, owner_side)
) WITHOUT ROWID;
INSERT OR IGNORE INTO temp.merge_shared (time, call, context, account, hash, owner_side)
SELECT s.time, coalesce(c.folded_into, c.id), s.context, s.account, s.hash, s.owner_side
FROM shared s JOIN call c ON c.id = s.call;

-- name: merge-shared-of
-- Which side of a call across accounts is an event?
-- Inputs: time INTEGER, call INTEGER, context INTEGER, stream INTEGER
-- Rows: at most one, (hash, owner_side)
SELECT hash, owner_side FROM temp.merge_shared
WHERE time = :time AND call = (SELECT coalesce(folded_into, id) FROM call WHERE id = :call) AND context = :context
	AND account = (SELECT account FROM stream WHERE id = :stream)
ORDER BY hash, owner_side LIMIT 1

-- name: merge-shared-counts
-- Is there an event of this call, context, second and account, so that its side of a call across accounts counts?
-- Inputs: time INTEGER, account TEXT, context INTEGER, call INTEGER
-- Rows: at most one, (1) if so
SELECT 1 FROM stream t
CROSS JOIN event e ON e.stream = t.id AND e.time = :time
CROSS JOIN call c ON c.id = e.call
WHERE t.account = :account AND e.context = :context AND coalesce(c.folded_into, c.id) = :call
LIMIT 1

-- name: merge-slices
-- Which days are held as counts?
-- Inputs: none
-- Rows: (stream, time of the day's begin, closed, rows, events), by stream, day
SELECT stream, day * 86400, closed, rows, events FROM slice ORDER BY stream, day

-- name: merge-slice-add
-- Stores that a day is held as counts, or that it counts more.
-- Inputs: stream INTEGER, day INTEGER, closed INTEGER, rows INTEGER, events INTEGER
-- Rows: none
INSERT INTO slice (stream, day, closed, rows, events) VALUES (:stream, :day, :closed, :rows, :events)
ON CONFLICT (stream, day) DO UPDATE SET rows = rows + excluded.rows, events = events + excluded.events

-- name: merge-bulks
-- What does a day count? With the part of it that counts for its principal: without copies in the logs of owners, and
-- without single events of captures.
-- Inputs: low INTEGER, high INTEGER, stream INTEGER, day INTEGER
-- Rows: (call, context, events, events that count, first, last), by call, context
SELECT b.call, b.context, b.events, coalesce(d.events, 0) - (SELECT count(*) FROM stream t
		CROSS JOIN event e ON e.stream = t.id AND e.time >= :low AND e.time < :high
		JOIN call a ON a.id = e.call
		WHERE t.cloudtrail <> 1 AND coalesce(a.folded_into, a.id) = coalesce(c.folded_into, c.id) AND e.context = b.context
			AND NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time AND k.stream = e.stream
				AND k.id = e.id AND k.counted = 0)),
	b.first, b.last
FROM (SELECT coalesce(a.folded_into, a.id) AS call, b.context AS context, sum(b.events) AS events, min(b.first) AS first,
		max(b.last) AS last
	FROM bulk b JOIN call a ON a.id = b.call
	WHERE b.stream = :stream AND b.day = :day
	GROUP BY 1, 2) b
JOIN call c ON c.id = b.call
LEFT JOIN call_day d ON d.call = b.call AND d.context = b.context AND d.day = :day
ORDER BY b.call, b.context

-- name: merge-bulk-rows
-- Which reduced rows is a day made of?
-- Inputs: stream INTEGER, day INTEGER
-- Rows: (id), by id
SELECT id FROM bulk_row WHERE stream = :stream AND day = :day ORDER BY id

-- name: merge-bulk-row-known
-- Is a reduced row there?
-- Inputs: stream INTEGER, day INTEGER, id BLOB
-- Rows: at most one, (1) if so
SELECT 1 FROM bulk_row WHERE stream = :stream AND day = :day AND id = :id

-- name: merge-owners
-- Which accounts own the resources of calls?
-- Inputs: none
-- Rows: (call, account), by call
SELECT call, account FROM owner ORDER BY call
